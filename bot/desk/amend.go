package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"intakebot/bot/delivery"
	"intakebot/bot/telegram"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
)

// captionMost is how much of a text fits into a caption with what stands around
// it, in UTF-16 units (Bot API, editMessageCaption: 1,024).
const captionMost = 900

// edited changes the person's copy of a message that was passed on: it stays
// what it was, a question with its button or a solution, in other words.
func (t *turn) edited(ctx context.Context, m *telegram.Message) error {
	words := m.Text + m.Caption
	places, told, waiting, err := t.became(ctx, m.ID)
	if err != nil || words == "" || len(places) == 0 && !waiting {
		return err
	}
	t.who, t.message = senderOf(&m.Content), m
	if len(places) > 0 {
		if told, err = t.Store.About(ctx, places[0]); err != nil {
			return err
		}
	}
	if isNote(words) { // it was not meant for the person
		if err := t.passOn(ctx, incident.Act{Number: told.Number, Text: words}); err != nil {
			return err
		}
		if _, err := t.Store.Recall(ctx, m.ID); err != nil {
			return err
		}
		return t.deleteCopies(ctx, told.Number, places, 0)
	}
	words = withoutCommand(words)
	if len(places) == 0 {
		return t.recalled(ctx, m, told, words)
	}
	// Words of a file travel as a message before it, if it had any.
	copied := places[max(0, slices.IndexFunc(places, func(p outbox.MessageRef) bool { return !p.File }))]
	if copied.File {
		words = incident.CutUnits(words, captionMost)
	}
	if told, err = t.Store.About(ctx, copied); err != nil {
		return err
	}
	i, err := t.Store.Incident(ctx, told.Number)
	if err != nil {
		return err
	}
	action := cmp.Or(incident.Action(told.Memo), incident.Relay)
	note, ok := t.Dialogue.Notice(i, incident.Act{Action: action, Text: words, At: t.Now()})
	if !ok {
		return nil
	}
	if refusal, err := t.act(ctx, incident.Act{Number: i.Number, Action: incident.Amend, Text: words}, 0); err != nil || refusal != "" {
		return err
	}
	p := delivery.Say(note)
	p.Edit, p.Caption = copied.MessageID, copied.File
	return t.put(ctx, delivery.ToPerson(fmt.Sprintf("edit:%d", t.update), i.Reporter, i.Number, p))
}

// withoutCommand are the words of «/resolve 26-00001-4 words».
func withoutCommand(words string) string {
	if !strings.HasPrefix(words, "/") {
		return words
	}
	if c, ok := telegram.ReadCommand(words); ok {
		if _, rest, complaint := desk.Number(c.Args, "?"); complaint == "" {
			return rest
		}
	}
	return words
}

// errOnItsWay: a message is being sent this moment. The update waits, and finds
// it sent or waiting again.
var errOnItsWay = errors.New("the message is being sent")

// became is what a message of the desk became for the person: its copies, and
// whether more waits to be sent. told is what that is about and for.
func (t *turn) became(ctx context.Context, id int) (places []outbox.MessageRef, told outbox.MessageContext, waiting bool, err error) {
	told, waiting, sending, err := t.Store.Unsent(ctx, id)
	if err == nil && sending {
		err = errOnItsWay
	}
	if err != nil {
		return nil, told, false, err
	}
	places, err = t.Store.PassedOn(ctx, outbox.MessageRef{Chat: t.chat, MessageID: id})
	return places, told, waiting, err
}

// recalled changes what a message was to become and has not become yet: it goes
// out with the new words.
func (t *turn) recalled(ctx context.Context, m *telegram.Message, told outbox.MessageContext, words string) error {
	if m.Caption != "" {
		return nil // the file is on its way; its words are not worth holding it up
	}
	a := incident.Act{Number: told.Number, Action: incident.Amend, Text: words}
	if refusal, err := t.act(ctx, a, 0); err != nil || refusal != "" {
		return err
	}
	i, err := t.Store.Incident(ctx, told.Number)
	if err != nil {
		return err
	}
	a.Action, a.At = cmp.Or(incident.Action(told.Memo), incident.Relay), t.Now()
	a.ID = fmt.Sprintf("recalled:%d", t.update)
	ok, err := t.Store.Recall(ctx, m.ID, t.Notify.DeskActed(i, a, m.ID)...)
	if err == nil && !ok {
		err = errOnItsWay
	}
	t.Courier.Wake()
	return err
}

// deleteCopies takes back what the person has got already; then the original, 0
// for none, loses its reaction.
func (t *turn) deleteCopies(ctx context.Context, n incident.Number, places []outbox.MessageRef, original int) error {
	var posts []outbox.Message
	for k, p := range places {
		posts = append(posts, delivery.ToPerson(fmt.Sprintf("undo:%d:%d", t.update, k), p.Chat, n,
			delivery.Payload{Delete: p.MessageID, ReceiptFor: t.message.ID, Unsign: original}))
	}
	return t.put(ctx, posts...)
}
