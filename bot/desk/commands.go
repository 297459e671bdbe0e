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
	"handover": onlyNumber(incident.HandOver, "/handover"), "return": onlyNumber(incident.Return, "/return"),
	"retry": retry, "undo": undo,
}

func help(ctx context.Context, t *turn, _ string, _ int) error { return t.answer(ctx, "", desk.Help()) }

func take(ctx context.Context, t *turn, args string, _ int) error {
	n, _, complaint := desk.Number(args, desk.TakeHow)
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
func onlyNumber(a incident.Action, name string) func(context.Context, *turn, string, int) error {
	return func(ctx context.Context, t *turn, args string, _ int) error {
		n, _, complaint := desk.Number(args, "Напишите так: "+name+" 26-00001-4.")
		if complaint != "" {
			return t.answer(ctx, "", complaint)
		}
		return t.actAloud(ctx, incident.Act{Number: n, Action: a}, 0)
	}
}

// withWords is a command that needs words for the person.
func withWords(a incident.Action) func(context.Context, *turn, string, int) error {
	return func(ctx context.Context, t *turn, args string, _ int) error {
		n, text, complaint := desk.Number(args, desk.How[a])
		if complaint == "" && text == "" {
			complaint = desk.How[a]
		}
		if complaint != "" {
			return t.answer(ctx, n, complaint)
		}
		return t.actAloud(ctx, incident.Act{Number: n, Action: a, Text: text}, t.message.ID)
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
		if err := t.deleteCopies(ctx, told.Number, places); err != nil {
			return err
		}
		return t.answer(ctx, "", desk.Undone)
	case !waiting:
		return t.answer(ctx, "", desk.NotUndone)
	}
	return nil
}

// retry has everything of an incident tried again that is dead or waits.
func retry(ctx context.Context, t *turn, args string, _ int) error {
	n, _, complaint := desk.Number(args, desk.RetryHow)
	if complaint != "" {
		return t.answer(ctx, "", complaint)
	}
	key := t.answerKey()
	err := t.Store.Retry(ctx, n, t.who.Name, t.Now(), key, func(r outbox.Retried) outbox.Message {
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
