package desk

import (
	"context"
	"errors"
	"slices"

	"intakebot/bot/delivery"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
)

// commands do what the desk's commands say (desk.Commands).
var commands = map[string]func(ctx context.Context, t *turn, args string, replyTo int) error{
	"open": open, "incident": showIncident, "search": search, "stats": stats, "help": help,
	"take": take, "ask": withWords(incident.Ask), "resolve": withWords(incident.Solve),
	"handover": onlyNumber(incident.HandOver), "return": onlyNumber(incident.Return),
	"retry": retry, "undo": undo, "link": link,
}

func help(ctx context.Context, t *turn, _ string, _ int) error { return t.answer(ctx, "", desk.Help()) }

func take(ctx context.Context, t *turn, args string, replyTo int) error {
	n, _, complaint, err := t.number(ctx, args, replyTo, desk.How(incident.Take, ""))
	if err != nil {
		return err
	}
	if complaint != "" {
		return t.answer(ctx, "", complaint)
	}
	text, err := t.act(ctx, incident.Act{Number: n, Action: incident.Take}, 0)
	if err == nil && text == "" {
		text = "Взято в работу: №\u00a0" + string(n)
	}
	if err != nil {
		return err
	}
	return t.answer(ctx, n, desk.Escape(text))
}

// onlyNumber is a command that needs a number alone.
func onlyNumber(a incident.Action) func(context.Context, *turn, string, int) error {
	return func(ctx context.Context, t *turn, args string, replyTo int) error {
		n, _, complaint, err := t.number(ctx, args, replyTo, desk.How(a, ""))
		if err != nil {
			return err
		}
		if complaint != "" {
			return t.answer(ctx, "", complaint)
		}
		return t.actAloud(ctx, incident.Act{Number: n, Action: a}, 0)
	}
}

// withWords is a command that needs words for the person.
func withWords(a incident.Action) func(context.Context, *turn, string, int) error {
	return func(ctx context.Context, t *turn, args string, replyTo int) error {
		n, text, complaint, err := t.number(ctx, args, replyTo, desk.How(a, ""))
		if err != nil {
			return err
		}
		if complaint == "" && text == "" {
			complaint = desk.How(a, n)
		}
		if complaint != "" {
			return t.answer(ctx, n, complaint)
		}
		act, _ := t.words(t.event) // with the file under which the command stands
		act.Number, act.Action, act.Text = n, a, spoken(t.message, text)
		return t.actAloud(ctx, act, t.message.ID)
	}
}

// undo deletes the person's copy of the member's own message.
func undo(ctx context.Context, t *turn, _ string, replyTo int) error {
	to := t.message.ReplyTo
	if replyTo == 0 || to == nil || senderOf(to) != t.who {
		return t.answer(ctx, "", desk.NotUndone)
	}
	places, told, waiting, err := t.became(ctx, to.ID)
	if err != nil {
		return err
	}
	if waiting {
		// The answer goes with it, so that a repetition says nothing else.
		post := delivery.Answer(t.answerKey(), told.Number, desk.WillNotGo, t.message.ID)
		if _, err := t.Store.Recall(ctx, to.ID, post); err != nil {
			return err
		}
		t.Courier.WakeForAnswer()
	}
	switch {
	case len(places) > 0:
		if err := t.deleteCopies(ctx, told.Number, places, to.ID); err != nil {
			return err
		}
		return t.answer(ctx, "", desk.Undone)
	case !waiting:
		return t.answer(ctx, "", desk.NotUndone)
	}
	return nil
}

// retry has everything of an incident tried again that is dead or waits.
func retry(ctx context.Context, t *turn, args string, replyTo int) error {
	n, _, complaint, err := t.number(ctx, args, replyTo, desk.RetryHow)
	if err != nil {
		return err
	}
	if complaint != "" {
		return t.answer(ctx, "", complaint)
	}
	key := t.answerKey()
	err = t.Store.Retry(ctx, n, t.who.Name, t.Now(), key, func(r outbox.Retried) outbox.Message {
		return delivery.Answer(key, n, t.Words.Retried(n, thingsIn(slices.Concat(r.Revived, r.Hurried)), r), t.message.ID)
	})
	if errors.Is(err, incident.ErrNotFound) {
		return t.answer(ctx, "", desk.Unknown)
	}
	if err != nil {
		return err
	}
	t.Log.Info("desk", "action", "retry", "incident", n)
	t.Told()
	t.Kick()
	return nil
}
