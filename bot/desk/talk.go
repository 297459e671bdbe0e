package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

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
	if telegram.ToAnother(t.message.Text, t.Group.Username()) {
		return nil
	}
	if c, ok := t.command(); ok && commands[c.Name] != nil {
		return commands[c.Name](ctx, t, c.Args, u.ReplyTo)
	} else if ok {
		// A slash is not always a command: «/24 маска?»
		u.Event = conversation.Text{MessageID: t.message.ID, Text: t.message.Text}
	}
	if done, err := t.followed(ctx, u.Event); done || err != nil {
		return err
	}
	if u.ReplyTo == 0 {
		return nil
	}
	told, err := t.toldBy(ctx, t.message.ReplyTo)
	switch {
	case errors.Is(err, errSeveral):
		return t.answer(ctx, "", desk.SeveralHow)
	case errors.Is(err, incident.ErrNotFound):
		return nil // talk among colleagues
	case err != nil:
		return err
	}
	a, ok := words(u.Event)
	a.Number = told.Number
	switch {
	case !ok:
		return t.answer(ctx, told.Number, desk.NotSent)
	case told.Memo != "" && !isNote(a.Text):
		return t.answered(ctx, told, a)
	}
	a.Action = incident.Relay
	return t.passOn(ctx, a)
}

// command reads a command.
func (t *turn) command() (conversation.Command, bool) {
	text := t.message.Text
	if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") {
		return conversation.Command{}, false
	}
	return telegram.ReadCommand(text)
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

// errSeveral: the message is about more than one incident.
var errSeveral = errors.New("about several incidents")

// toldBy finds the incident that a message in the group is about. Somebody may
// answer a message of ours before its id is recorded, or one whose id became
// void when the group moved: then the number in its text tells. An id that a
// crash kept from being recorded is not waited for.
func (t *turn) toldBy(ctx context.Context, m *telegram.Content) (outbox.MessageContext, error) {
	for wait := 25 * time.Millisecond; ; wait *= 2 {
		told, err := t.Store.About(ctx, outbox.MessageRef{Chat: t.chat, MessageID: m.ID})
		ours := m.From != nil && m.From.ID == t.Client.ID()
		if !errors.Is(err, incident.ErrNotFound) || !ours {
			return told, err
		}
		numbers := m.Numbers()
		_, file := m.Attachment() // a file of a person names no number
		sent := time.Unix(m.Date, 0)
		late := wait > time.Second || t.Now().Sub(sent) > time.Minute || sent.Unix() < t.Started.Unix()
		switch {
		case len(numbers) > 1:
			return told, errSeveral
		case len(numbers) == 0 && (late || !file):
			return told, incident.ErrNotFound
		case late:
			return outbox.MessageContext{Number: numbers[0]}, nil
		}
		loop.Pause(ctx, wait, nil)
	}
}

// actAloud does something and answers only when it was not possible.
func (t *turn) actAloud(ctx context.Context, a incident.Act, source int) error {
	text, err := t.act(ctx, a, source)
	switch {
	case err != nil:
		return err
	case text == "" && a.Action == incident.Note:
		return t.keepAlbum(ctx, a.Number, incident.Note)
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
	how := desk.How[m.Action]
	switch {
	case m.Member != t.who.ID || t.Now().After(m.Until):
		return t.answer(ctx, told.Number, desk.NotYours+how)
	case a.Text == "":
		return t.answer(ctx, told.Number, how)
	}
	a.Action = m.Action
	return t.actAloud(ctx, a, t.message.ID)
}

// words reads what a member wrote or sent; ok is false for what cannot be
// passed on.
func words(e conversation.Event) (a incident.Act, ok bool) {
	switch e := e.(type) {
	case conversation.Text:
		a.Text = strings.TrimSpace(e.Text)
	case conversation.Media:
		a.Text, a.Album = strings.TrimSpace(e.Caption), e.Album
		a.Attachments = []incident.Attachment{e.Attachment}
	}
	return a, a.Text != "" || len(a.Attachments) > 0
}
