package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

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

// edited changes the person's copy of a message that was passed on.
func (d *deskTurn) edited(ctx context.Context, m *models.Message) error {
	places, err := d.cfg.Register.PassedOn(ctx, incident.Place{Chat: d.chat, MessageID: m.ID})
	words := m.Text + m.Caption
	if err != nil || len(places) == 0 || words == "" {
		return err
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
	note, ok := d.cfg.Dialogue.Notice(i, incident.Act{Action: incident.Relay, Text: words, At: d.now()})
	if !ok {
		return nil
	}
	post := toPerson(fmt.Sprintf("edit:%d", d.update), i, incident.RankNotice, note)
	post.Body = parcel{Message: &note, Edit: copied.MessageID, Caption: copied.File}.encode()
	err = d.cfg.Register.Put(ctx, post)
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
