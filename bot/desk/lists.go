package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"intakebot/bot/delivery"
	"intakebot/bot/telegram"
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
	all, err := t.Store.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	p := delivery.Say(t.Words.OpenPage(all, 0))
	p.ReplyTo = t.message.ID
	return t.put(ctx, delivery.ToDesk(t.answerKey(), "", p))
}

// turnPage shows another page of /open in the same message.
func (t *turn) turnPage(ctx context.Context, q *telegram.Press, arg string) error {
	page, err := strconv.Atoi(arg)
	if err != nil || q.Message == nil || q.Message.Date == 0 {
		return nil
	}
	all, err := t.Store.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	p := delivery.Say(t.Words.OpenPage(all, page))
	p.Edit = q.Message.ID
	return t.put(ctx, delivery.ToDesk(fmt.Sprintf("page:%d", t.update), "", p))
}

// search finds incidents by number, organisation, name, phone or words of the
// description: every word typed must begin a word of the incident. It reads
// the register through, a few thousand incidents in a fraction of a second, and
// leaves no index behind that erased data would have to be erased from.
func search(ctx context.Context, t *turn, args string, _ int) error {
	typed, complaint := desk.Sought(args)
	if complaint != "" {
		return t.answer(ctx, "", complaint)
	}
	var found []incident.Incident
	err := t.Store.Each(ctx, incident.Period{}, func(i incident.Incident) error {
		if desk.Matches(i, typed) {
			found = append(found, i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.answer(ctx, "", t.Words.Found(found))
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
