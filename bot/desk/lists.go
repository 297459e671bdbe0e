package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"intakebot/bot/delivery"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
)

// showIncident shows all that is known of one, in as many messages as it takes.
func showIncident(ctx context.Context, t *turn, args string, replyTo int) error {
	n, _, complaint, err := t.number(ctx, args, replyTo, desk.IncidentHow)
	if err != nil {
		return err
	}
	if complaint != "" {
		return t.answer(ctx, "", complaint)
	}
	i, err := t.Store.Incident(ctx, n)
	if errors.Is(err, incident.ErrNotFound) {
		return t.answer(ctx, "", desk.Unknown)
	}
	if err != nil {
		return err
	}
	for _, piece := range t.Words.Whole(i) {
		if err := t.answer(ctx, n, piece); err != nil {
			return err
		}
	}
	var files []outbox.Message
	for k, f := range i.Attachments {
		post := delivery.ToDesk(fmt.Sprintf("desk:%d:file:%d", t.update, k), n, delivery.Payload{File: &f, ReplyTo: t.message.ID})
		post.Rank = outbox.RankRelay
		files = append(files, delivery.Together(post, f, fmt.Sprintf("desk:%d", t.update), 0))
	}
	return t.put(ctx, files...)
}

func open(ctx context.Context, t *turn, _ string, _ int) error {
	return t.showOpen(ctx, t.answerKey(), 0, delivery.Payload{ReplyTo: t.message.ID})
}

// showOpen says a page of /open as p is sent.
func (t *turn) showOpen(ctx context.Context, key string, page int, p delivery.Payload) error {
	found, err := t.Store.OpenPage(ctx, page, desk.PageSize)
	if err != nil {
		return err
	}
	said := delivery.Say(t.Words.OpenPage(found, page, t.Now()))
	said.ReplyTo, said.Edit = p.ReplyTo, p.Edit
	return t.put(ctx, delivery.ToDesk(key, "", said))
}

// search finds incidents by number, organisation, name, phone or words that were
// said.
func search(ctx context.Context, t *turn, args string, _ int) error {
	return t.showFound(ctx, t.answerKey(), args, 0, delivery.Payload{ReplyTo: t.message.ID})
}

// showFound says a page of what a search finds as p is sent.
func (t *turn) showFound(ctx context.Context, key, typed string, page int, p delivery.Payload) error {
	say := func(m conversation.Message) error {
		said := delivery.Say(m)
		said.ReplyTo, said.Edit = p.ReplyTo, p.Edit
		return t.put(ctx, delivery.ToDesk(key, "", said))
	}
	sought := desk.Sought(typed)
	found, err := t.Store.Search(ctx, typed, page, desk.SearchPage)
	switch {
	case errors.Is(err, incident.ErrSearchWords):
		return say(conversation.Message{HTML: desk.Refused(typed)})
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return say(conversation.Message{HTML: desk.SearchSlow})
	case err != nil:
		return err
	case sought == "":
		return say(conversation.Message{HTML: desk.SearchLong})
	}
	return say(t.Words.Found(found, sought, page))
}

// turnPage shows another page of /open or of a search in the same message.
func (t *turn) turnPage(ctx context.Context, q *telegram.Press, verb, arg string) error {
	page, err := strconv.Atoi(arg)
	if err != nil || page < 0 || q.Message == nil || q.Message.Date == 0 {
		return nil
	}
	key, p := fmt.Sprintf("page:%d", t.update), delivery.Payload{Edit: q.Message.ID}
	if verb == "open" {
		return t.showOpen(ctx, key, page, p)
	}
	return t.showFound(ctx, key, desk.SoughtBy(q.Message.Text), page, p)
}

// stats tells the figures in a picture and, as its caption, in words.
func stats(ctx context.Context, t *turn, _ string, _ int) error {
	s := desk.NewStats(t.Now(), t.Dialogue.Location)
	if err := t.Store.Each(ctx, incident.Period{From: s.First()}, s.Count); err != nil {
		return err
	}
	var p delivery.Payload
	if png, err := s.Draw(); err != nil {
		t.Log.Error("the picture of /stats is not drawn, the words go alone", "error", err)
		p = delivery.SayHTML(s.Words())
	} else {
		p.Photo = &delivery.Photo{PNG: png, HTML: s.Words()}
	}
	p.ReplyTo = t.message.ID
	return t.put(ctx, delivery.ToDesk(t.answerKey(), "", p))
}
