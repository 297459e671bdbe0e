package desk

import (
	"context"
	"errors"
	"strings"

	"intakebot/bot/telegram"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
)

// isMail says that a message of ours shows a letter that is held.
func isMail(memo string) bool {
	_, ok := outbox.MailOfMemo(memo)
	return ok
}

// forward is the button that lets a letter through whose sender is not confirmed.
func (t *turn) forward(ctx context.Context, q *telegram.Press, arg string) error {
	number, memo, _ := strings.Cut(arg, ":")
	n, err := incident.ParseNumber(number)
	if err != nil {
		return t.toast(ctx, q, desk.NoButton)
	}
	toast, err := t.pass(ctx, memo, n)
	if toast == "" {
		toast = desk.MailPassed
	}
	return errors.Join(err, t.toast(ctx, q, toast))
}

// link says to which incident a letter belongs that nobody could place.
func link(ctx context.Context, t *turn, args string, replyTo int) error {
	n, _, complaint := desk.Number(args, desk.LinkHow)
	if complaint != "" {
		return t.answer(ctx, "", complaint)
	}
	if replyTo == 0 || t.Forward == nil {
		return t.answer(ctx, "", desk.LinkHow)
	}
	told, err := t.Store.About(ctx, outbox.MessageRef{Chat: t.chat, MessageID: replyTo})
	if err != nil && !errors.Is(err, incident.ErrNotFound) {
		return err
	}
	if !isMail(told.Memo) {
		return t.answer(ctx, "", desk.LinkHow)
	}
	text, err := t.pass(ctx, told.Memo, n)
	if err != nil {
		return err
	}
	if text == "" {
		text = desk.MailLinked(n)
	}
	return t.answer(ctx, n, text)
}

// pass lets a held letter through to the person of an incident; text says why
// not, "" when it did.
func (t *turn) pass(ctx context.Context, memo string, n incident.Number) (text string, err error) {
	id, ok := outbox.MailOfMemo(memo)
	if !ok || t.Forward == nil {
		return desk.NoButton, nil
	}
	ok, err = t.Forward(ctx, id, n)
	switch {
	case errors.Is(err, incident.ErrNotFound):
		return desk.Unknown, nil
	case err != nil:
		return "", err
	case !ok:
		return desk.MailGone, nil
	}
	t.Log.Info("desk", "action", "link", "incident", n)
	return "", nil
}
