package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// said is a message in the group: a command, a reply to something of ours, or
// talk that is none of our business.
func (t *turn) said(ctx context.Context, u telegram.Update) error {
	written := t.message.Words()
	if telegram.ToAnother(written, t.Group.Username()) {
		return nil
	}
	if c, ok := command(written); ok && commands[c.Name] != nil {
		t.event = u.Event
		return commands[c.Name](ctx, t, c.Args, u.ReplyTo)
	} else if _, media := u.Event.(conversation.Media); ok && !media {
		// A slash is not always a command: «/24 маска?»
		u.Event = conversation.Text{MessageID: t.message.ID, Text: written}
	}
	if done, err := t.followed(ctx, u.Event); done || err != nil {
		return err
	}
	told, err := t.repliedTo(ctx, u.ReplyTo)
	switch {
	case errors.Is(err, incident.ErrNotFound):
		return nil // talk among colleagues
	case err != nil:
		return err
	case isMail(told.Memo):
		return t.answer(ctx, told.Number, desk.LinkHow)
	case !relays(told):
		return t.tellHow(ctx)
	}
	a, ok := t.words(u.Event)
	a.Number = told.Number
	switch {
	case !ok:
		return t.answer(ctx, told.Number, desk.NotSent)
	case told.Kind == outbox.PromptMessage && !isNote(a.Text):
		return t.answered(ctx, told, a)
	}
	a.Action = incident.Relay
	return t.passOn(ctx, a)
}

// command reads a command of a text or a caption.
func command(written string) (conversation.Command, bool) {
	if !strings.HasPrefix(written, "/") || isNote(written) {
		return conversation.Command{}, false
	}
	return telegram.ReadCommand(written)
}

// isNote says that words are for colleagues alone.
func isNote(text string) bool { return strings.HasPrefix(text, "//") }

// passOn does what the desk's words are for. Whatever else they were taken for,
// words behind // stay in the group.
func (t *turn) passOn(ctx context.Context, a incident.Act) error {
	if isNote(a.Text) {
		a.Action, a.Text = incident.Note, strings.TrimSpace(strings.TrimPrefix(a.Text, "//"))
	}
	source := t.message.ID
	if a.Action == incident.Note {
		source = 0
	}
	return t.actAloud(ctx, a, source)
}

// actAloud does something and answers only when it was not possible.
func (t *turn) actAloud(ctx context.Context, a incident.Act, source int) error {
	text, err := t.act(ctx, a, source)
	switch {
	case err != nil:
		return err
	case text == "" && a.Action == incident.Note:
		return errors.Join(t.sign(ctx, a.Number, telegram.SignKept, desk.Kept), t.keepAlbum(ctx, a.Number, incident.Note))
	case text == "" && source == 0:
		return t.sign(ctx, a.Number, telegram.SignArrived, desk.Toasts[a.Action])
	case text == "":
		return t.keepAlbum(ctx, a.Number, incident.Relay)
	}
	return t.answer(ctx, a.Number, desk.Escape(text))
}

// answered takes the reply to a prompt.
func (t *turn) answered(ctx context.Context, told outbox.MessageContext, a incident.Act) error {
	var m memo
	if err := json.Unmarshal([]byte(told.Memo), &m); err != nil {
		return &loop.Fault{Err: fmt.Errorf("read the memo of a prompt about %s: %w", told.Number, err)}
	}
	a.Action = m.Action
	switch {
	case m.Until.IsZero():
		return t.answer(ctx, told.Number, desk.PromptForgotten(a))
	case t.Now().After(m.Until):
		return t.answer(ctx, told.Number, desk.PromptExpired(a))
	case t.who.anonymous:
		return t.answer(ctx, told.Number, desk.PromptAnonymous(a))
	case m.Member != t.who.ID:
		return t.answer(ctx, told.Number, desk.PromptForeign(m.Name, a))
	case a.Text == "":
		return t.answer(ctx, told.Number, desk.How(m.Action, told.Number))
	}
	return t.actAloud(ctx, a, t.message.ID)
}

// words reads what a member wrote or sent, and what it quotes; ok is false for
// what cannot be passed on.
func (t *turn) words(e conversation.Event) (a incident.Act, ok bool) {
	text := ""
	switch e := e.(type) {
	case conversation.Text:
		text = e.Text
	case conversation.Media:
		text, a.Album = e.Caption, e.Album
		if own, ok := t.message.Attachment(); ok {
			a.Attachments = []incident.Attachment{own}
		}
	}
	a.Text = spoken(t.message, text)
	return a, a.Text != "" || len(a.Attachments) > 0
}

// spoken is what the person reads of a member's words: what they quote, and where
// they come from, stands before them. Colleagues see that themselves.
func spoken(m *telegram.Message, text string) string {
	text = strings.TrimSpace(text)
	if isNote(text) {
		return text
	}
	quote := ""
	if m.Quote != nil {
		quote = m.Quote.Text
	}
	return conversation.WithOrigin(quote, m.ForwardedFrom(), text)
}
