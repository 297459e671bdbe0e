package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

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
// what it was, a question with its button or a solution, in other words or with
// another file.
func (t *turn) edited(ctx context.Context, u telegram.Update) error {
	m, written := u.Edited, u.Edited.Words()
	file, isFile := m.Attachment()
	places, told, waiting, err := t.became(ctx, m.ID)
	if err != nil || written == "" && !isFile || len(places) == 0 && !waiting {
		return err
	}
	t.who, t.message = senderOf(&m.Content), m
	if len(places) > 0 {
		if told, err = t.Store.About(ctx, places[0]); err != nil {
			return err
		}
	}
	if isNote(written) { // it was not meant for the person
		return t.becameNote(ctx, m.ID, incident.Act{Number: told.Number, Text: written}, places)
	}
	words, ok := withoutCommand(written)
	if !ok {
		return t.answer(ctx, told.Number, desk.EditedCommand)
	}
	a := incident.Act{Number: told.Number, Action: cmp.Or(incident.Action(told.Memo), incident.Relay), Text: spoken(m, words), Album: m.Album, At: t.Now()}
	if isFile {
		a.Attachments = []incident.Attachment{file}
	}
	i, err := t.Store.Incident(ctx, a.Number)
	if err != nil {
		return err
	}
	amended := incident.Act{Number: a.Number, Action: incident.Amend, Text: a.Text}
	if isFile && !known(i, file) {
		amended.Attachments = a.Attachments
	}
	if amended.Text == "" && len(amended.Attachments) == 0 {
		return nil
	}
	if refusal, err := t.act(ctx, amended, 0); err != nil || refusal != "" {
		return err
	}
	if len(places) == 0 {
		return t.recalled(ctx, i, a)
	}
	return t.put(ctx, t.corrections(i, a, len(amended.Attachments) > 0, places)...)
}

// becameNote takes back what was passed on: it stays in the group.
func (t *turn) becameNote(ctx context.Context, source int, a incident.Act, places []outbox.MessageRef) error {
	if err := t.passOn(ctx, a); err != nil {
		return err
	}
	if _, err := t.Store.Recall(ctx, source); err != nil {
		return err
	}
	return t.deleteCopies(ctx, a.Number, places, 0)
}

// known says that a file came with something that was said about the incident.
func known(i incident.Incident, file incident.Attachment) bool {
	return slices.ContainsFunc(i.History, func(e incident.Entry) bool {
		return slices.ContainsFunc(e.Attachments, func(a incident.Attachment) bool { return a.FileID == file.FileID })
	})
}

// corrections are the rows that bring the copies of a message up to date. Words of
// a file travel as a message before it, if it had any, else under it.
func (t *turn) corrections(i incident.Incident, a incident.Act, otherFile bool, places []outbox.MessageRef) (posts []outbox.Message) {
	add := func(p delivery.Payload) *outbox.Message {
		posts = append(posts, delivery.ToPerson(fmt.Sprintf("edit:%d:%d", t.update, len(posts)), i.Reporter, i.Number, p))
		return &posts[len(posts)-1]
	}
	said := slices.IndexFunc(places, func(p outbox.MessageRef) bool { return !p.File })
	shown := slices.IndexFunc(places, func(p outbox.MessageRef) bool { return p.File })
	if said < 0 {
		a.Text = incident.CutUnits(a.Text, captionMost)
	}
	note, speaks := t.Dialogue.Notice(i, a)
	p := delivery.Say(note)
	switch {
	case said >= 0 && speaks:
		p.Edit = places[said].MessageID
		add(p)
	case said >= 0: // the words have become a file
		add(delivery.Payload{Delete: places[said].MessageID, ReceiptFor: t.message.ID})
	}
	switch {
	case otherFile && shown < 0:
		row := add(delivery.Payload{File: &a.Attachments[0], ReceiptFor: t.message.ID})
		row.Source, row.Memo = t.message.ID, string(a.Action)
	case otherFile:
		media := delivery.Payload{File: &a.Attachments[0], Edit: places[shown].MessageID}
		if said < 0 && speaks {
			media.Message = &note
		}
		add(media)
	case said < 0 && speaks:
		p.Edit, p.Caption = places[shown].MessageID, true
		add(p)
	}
	return posts
}

// withoutCommand are the words of «/resolve 26-00001-4 words», and of «/resolve
// words» in reply to a card; ok is false for a command that has no words.
func withoutCommand(words string) (string, bool) {
	c, isCommand := command(words)
	switch {
	case !isCommand || commands[c.Name] == nil:
		return words, true
	case c.Name != "ask" && c.Name != "resolve":
		return "", false
	}
	if _, rest, complaint := desk.Number(c.Args, "?"); complaint == "" {
		return rest, true
	}
	return c.Args, true
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
// out as it is now.
func (t *turn) recalled(ctx context.Context, i incident.Incident, a incident.Act) error {
	a.ID = fmt.Sprintf("recalled:%d", t.update)
	ok, err := t.Store.Recall(ctx, t.message.ID, t.Notify.DeskActed(i, a, t.message.ID)...)
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
