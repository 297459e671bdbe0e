package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
)

// What somebody changes in a message that was passed on is changed on the other
// side too.

// copies are what the message to be amended became in the group.
func (l *lane) copies(ctx context.Context, e conversation.Do) ([]incident.Place, error) {
	if e.Action != incident.Amend {
		return nil, nil
	}
	return l.cfg.Register.PassedOn(ctx, incident.Place{Chat: l.chat, MessageID: e.MessageID})
}

// correcting makes the posts of an amended message change what it became in the
// group: its text in place, or, of a file without words, a word in reply to it.
// Where that is gone, and where it was not sent yet, they answer the card.
func correcting(posts []incident.Outgoing, copies []incident.Place) []incident.Outgoing {
	if len(copies) == 0 {
		return posts
	}
	at := max(0, slices.IndexFunc(copies, func(c incident.Place) bool { return !c.File }))
	for k := range posts {
		var p parcel
		if posts[k].Chat != incident.DeskChat || json.Unmarshal(posts[k].Body, &p) != nil {
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
	places, err := d.passedOn(ctx, m)
	words := m.Text + m.Caption
	if err != nil || words == "" {
		return err
	}
	if len(places) == 0 {
		return d.recalled(ctx, m, words)
	}
	// Words of a file travel as a message before it, if it had any.
	copied := places[max(0, slices.IndexFunc(places, func(p incident.Place) bool { return !p.File }))]
	if copied.File {
		words = incident.CutUnits(words, captionMost)
	}
	told, err := d.cfg.Register.About(ctx, copied)
	if err != nil {
		return err
	}
	i, err := d.cfg.Register.Incident(ctx, told.Number)
	if err != nil {
		return err
	}
	words = withoutCommand(words)
	d.who, d.message = senderOf(m), m
	if isNote(words) { // it was not meant for the person
		return d.withdraw(ctx, i, places, words)
	}
	action := cmp.Or(incident.Action(told.Memo), incident.Relay)
	note, ok := d.cfg.Dialogue.Notice(i, incident.Act{Action: action, Text: words, At: d.now()})
	if !ok {
		return nil
	}
	if refusal, err := d.act(ctx, incident.Act{Number: i.Number, Action: incident.Amend, Text: words}, 0); err != nil || refusal != "" {
		return err
	}
	post := toPerson(fmt.Sprintf("edit:%d", d.update), i, incident.RankNotice, note)
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

// recalled changes what a message was to become and has not become yet: it goes
// out with the new words, or, as a note, not at all.
func (d *deskTurn) recalled(ctx context.Context, m *models.Message, words string) error {
	if m.Caption != "" {
		return nil // the file is on its way; its words are not worth holding it up
	}
	told, ok, err := d.cfg.Register.Recall(ctx, m.ID)
	if err != nil || !ok {
		return err
	}
	d.who, d.message = senderOf(m), m
	a := incident.Act{Number: told.Number, Text: withoutCommand(words)}
	if isNote(words) {
		return d.passOn(ctx, a)
	}
	a.Action = incident.Amend
	if refusal, err := d.act(ctx, a, 0); err != nil || refusal != "" {
		return err
	}
	i, err := d.cfg.Register.Incident(ctx, told.Number)
	if err != nil {
		return err
	}
	a.Action, a.At = cmp.Or(incident.Action(told.Memo), incident.Relay), d.now()
	a.ID = fmt.Sprintf("recalled:%d", d.update)
	err = d.cfg.Register.Put(ctx, d.deskPosts(i, a, m.ID)...)
	d.courier.raise()
	return err
}

// passedOn are the person's copies of a message of the desk. One that was
// written just now may be on its way still.
func (d *deskTurn) passedOn(ctx context.Context, m *models.Message) ([]incident.Place, error) {
	directed := m.ReplyToMessage != nil || strings.HasPrefix(m.Text, "/")
	for wait := 25 * time.Millisecond; ; wait *= 2 {
		places, err := d.cfg.Register.PassedOn(ctx, incident.Place{Chat: d.chat, MessageID: m.ID})
		recent := time.Since(time.Unix(int64(m.Date), 0)) < time.Minute
		if err != nil || len(places) > 0 || !directed || !recent || wait > time.Second {
			return places, err
		}
		pause(ctx, wait, nil)
	}
}

// withdraw takes a message back that became a note: its copies go, the words
// stay with the desk.
func (d *deskTurn) withdraw(ctx context.Context, i incident.Incident, places []incident.Place, words string) error {
	for k, p := range places {
		err := d.cfg.Register.Put(ctx, incident.Outgoing{
			Key: fmt.Sprintf("undo:%d:%d", d.update, k), Channel: incident.Telegram, Number: i.Number, Chat: p.Chat, Rank: incident.RankNotice,
			Body: parcel{Delete: p.MessageID, ReceiptFor: d.message.ID}.encode(),
		})
		if err != nil {
			return err
		}
	}
	return d.passOn(ctx, incident.Act{Number: i.Number, Text: words})
}

// editCaption gives a file of ours new words.
func (b *Bot) editCaption(ctx context.Context, chat int64, id int, m conversation.Message) error {
	_, err := b.api.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
		ChatID: chat, MessageID: id, Caption: m.HTML, ParseMode: models.ParseModeHTML,
	})
	return b.scrubSend(err)
}
