package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// What somebody changes in a message that was passed on is changed on the other
// side too.

// copies are what the message to be amended became in the group.
func (l *lane) copies(ctx context.Context, e conversation.Do) ([]outbox.MessageRef, error) {
	if e.Action != incident.Amend {
		return nil, nil
	}
	return l.cfg.Register.PassedOn(ctx, outbox.MessageRef{Chat: l.chat, MessageID: e.MessageID})
}

// correcting makes the posts of an amended message change what it became in the
// group: its text in place, or, of a file without words, a word in reply to it.
// Where that is gone, and where it was not sent yet, they answer the card.
func correcting(posts []outbox.Message, copies []outbox.MessageRef) []outbox.Message {
	if len(copies) == 0 {
		return posts
	}
	at := max(0, slices.IndexFunc(copies, func(c outbox.MessageRef) bool { return !c.File }))
	for k := range posts {
		var p parcel
		if posts[k].Chat != outbox.DeskChat || json.Unmarshal(posts[k].Body, &p) != nil {
			continue
		}
		if copies[at].File {
			p.ReplyTo = copies[at].MessageID
		} else {
			p.Edit = copies[at].MessageID
		}
		posts[k].Body = p.encode()
	}
	return posts
}

// captionMost is how much of a text fits into a caption with what stands around
// it, in UTF-16 units (Bot API, editMessageCaption: 1,024).
const captionMost = 900

// edited changes the person's copy of a message that was passed on: it stays
// what it was, a question with its button or a solution, in other words.
func (d *deskTurn) edited(ctx context.Context, m *models.Message) error {
	words := m.Text + m.Caption
	places, told, waiting, err := d.became(ctx, m)
	if err != nil || words == "" || len(places) == 0 && !waiting {
		return err
	}
	d.who, d.message = senderOf(m), m
	if len(places) > 0 {
		if told, err = d.cfg.Register.About(ctx, places[0]); err != nil {
			return err
		}
	}
	if isNote(words) { // it was not meant for the person
		if err := d.passOn(ctx, incident.Act{Number: told.Number, Text: words}); err != nil {
			return err
		}
		if _, err := d.cfg.Register.Recall(ctx, m.ID); err != nil {
			return err
		}
		return d.deleteCopies(ctx, told.Number, places)
	}
	words = withoutCommand(words)
	if len(places) == 0 {
		return d.recalled(ctx, m, told, words)
	}
	// Words of a file travel as a message before it, if it had any.
	copied := places[max(0, slices.IndexFunc(places, func(p outbox.MessageRef) bool { return !p.File }))]
	if copied.File {
		words = incident.CutUnits(words, captionMost)
	}
	if told, err = d.cfg.Register.About(ctx, copied); err != nil {
		return err
	}
	i, err := d.cfg.Register.Incident(ctx, told.Number)
	if err != nil {
		return err
	}
	action := cmp.Or(incident.Action(told.Memo), incident.Relay)
	note, ok := d.cfg.Dialogue.Notice(i, incident.Act{Action: action, Text: words, At: d.now()})
	if !ok {
		return nil
	}
	if refusal, err := d.act(ctx, incident.Act{Number: i.Number, Action: incident.Amend, Text: words}, 0); err != nil || refusal != "" {
		return err
	}
	post := toPerson(fmt.Sprintf("edit:%d", d.update), i, outbox.RankNotice, note)
	post.Body = parcel{Message: &note, Edit: copied.MessageID, Caption: copied.File}.encode()
	err = d.cfg.Register.Put(ctx, post)
	d.courier.raise()
	return err
}

// withoutCommand are the words of «/resolve 26-00001-4 words».
func withoutCommand(words string) string {
	if c, ok := command(words); ok && strings.HasPrefix(words, "/") {
		if _, rest, complaint := number(c.Args); complaint == "" {
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
func (d *deskTurn) became(ctx context.Context, m *models.Message) (places []outbox.MessageRef, told outbox.MessageContext, waiting bool, err error) {
	told, waiting, sending, err := d.cfg.Register.Unsent(ctx, m.ID)
	if err == nil && sending {
		err = errOnItsWay
	}
	if err != nil {
		return nil, told, false, err
	}
	places, err = d.cfg.Register.PassedOn(ctx, outbox.MessageRef{Chat: d.chat, MessageID: m.ID})
	return places, told, waiting, err
}

// recalled changes what a message was to become and has not become yet: it goes
// out with the new words.
func (d *deskTurn) recalled(ctx context.Context, m *models.Message, told outbox.MessageContext, words string) error {
	if m.Caption != "" {
		return nil // the file is on its way; its words are not worth holding it up
	}
	a := incident.Act{Number: told.Number, Action: incident.Amend, Text: words}
	if refusal, err := d.act(ctx, a, 0); err != nil || refusal != "" {
		return err
	}
	i, err := d.cfg.Register.Incident(ctx, told.Number)
	if err != nil {
		return err
	}
	a.Action, a.At = cmp.Or(incident.Action(told.Memo), incident.Relay), d.now()
	a.ID = fmt.Sprintf("recalled:%d", d.update)
	ok, err := d.cfg.Register.Recall(ctx, m.ID, d.deskPosts(i, a, m.ID)...)
	if err == nil && !ok {
		err = errOnItsWay
	}
	d.courier.raise()
	return err
}

// deleteCopies takes back what the person has got already.
func (d *deskTurn) deleteCopies(ctx context.Context, n incident.Number, places []outbox.MessageRef) error {
	var posts []outbox.Message
	for k, p := range places {
		posts = append(posts, outbox.Message{
			Key: fmt.Sprintf("undo:%d:%d", d.update, k), Channel: outbox.Telegram, Number: n, Chat: p.Chat, Rank: outbox.RankNotice,
			Body: parcel{Delete: p.MessageID, ReceiptFor: d.message.ID}.encode(),
		})
	}
	err := d.cfg.Register.Put(ctx, posts...)
	d.courier.raise()
	return err
}

// editCaption gives a file of ours new words.
func (b *Bot) editCaption(ctx context.Context, chat int64, id int, m conversation.Message) error {
	_, err := b.api.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
		ChatID: chat, MessageID: id, Caption: m.HTML, ParseMode: models.ParseModeHTML,
	})
	return b.scrubSend(err)
}
