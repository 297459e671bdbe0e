package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/outbox"
)

// emptyGroup sends for what still tells of the person in the group, after
// everything else that waits to be said there.
func (b *Bot) emptyGroup(ctx context.Context, e outbox.Erasure) error {
	var posts []outbox.Message
	for _, one := range e.Group {
		m := conversation.Message{HTML: fmt.Sprintf("🗑 №\u00a0%s: удалено вместе с данными заявителя.", one.Number)}
		posts = append(posts, outbox.Message{
			Key: fmt.Sprintf("%s%d:%d", outbox.ForgetKey, one.Chat, one.MessageID), Channel: outbox.Telegram,
			Number: one.Number, Chat: outbox.DeskChat, Rank: outbox.RankPrompt,
			Body: parcel{Message: &m, Empty: one.MessageID, Caption: one.File}.encode(),
		})
	}
	if len(posts) == 0 {
		return nil
	}
	err := b.cfg.Register.Put(ctx, posts...)
	b.courier.raise()
	return err
}

// errStays: Telegram does not let us take a message out of the group.
var errStays = errors.New("the message cannot be emptied")

// empty takes the words, or the file, out of a message of ours. An edit is
// possible at any age; a deletion within 48 hours, unless the bot is an
// administrator (Bot API, deleteMessage), and the only way with what cannot be
// edited: a forced reply, a voice.
func (b *Bot) empty(ctx context.Context, chat int64, p parcel) error {
	edit := func() error { return b.editMessage(ctx, chat, p.Empty, *p.Message) }
	remove := func() error {
		_, err := b.api.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: chat, MessageID: p.Empty})
		if f, _, _ := judge(err); f == cardLost {
			return nil // somebody was faster
		}
		return b.scrubSend(err)
	}
	ways := []func() error{edit, remove}
	if p.Caption {
		ways = []func() error{remove, b.replaced(ctx, chat, p, photoInstead), b.replaced(ctx, chat, p, documentInstead)}
	}
	for _, way := range ways {
		err := way()
		switch f, _, _ := judge(err); f {
		case delivered, unchanged:
			return nil
		case cardLost, refused, badMarkup:
		default:
			return err
		}
	}
	return errStays
}

// replaced puts an empty file in the place of one (Bot API, editMessageMedia:
// in an album, a document for a document, a photo for the rest).
func (b *Bot) replaced(ctx context.Context, chat int64, p parcel, instead func(caption string) models.InputMedia) func() error {
	return func() error {
		_, err := b.api.EditMessageMedia(ctx, &bot.EditMessageMediaParams{ChatID: chat, MessageID: p.Empty, Media: instead(p.Message.HTML)})
		return b.scrubSend(err)
	}
}

func photoInstead(caption string) models.InputMedia {
	return &models.InputMediaPhoto{Media: "attach://removed.png", Caption: caption, MediaAttachment: emptyPicture()}
}

func documentInstead(caption string) models.InputMedia {
	return &models.InputMediaDocument{Media: "attach://removed.txt", Caption: caption, MediaAttachment: strings.NewReader("удалено\n")}
}

// emptied records what became of a message that was to be emptied; false when
// the attempt is to be judged like any other.
func (b *Bot) emptied(row outbox.Claimed, chat int64, p parcel, err error) bool {
	if p.Empty == 0 || err != nil && !errors.Is(err, errStays) {
		return false
	}
	where := outbox.MessageRef{Chat: chat, MessageID: p.Empty}
	b.settled(row, "mark emptied", b.cfg.Register.Emptied(b.work, row.ID, b.now(), where, err != nil))
	return true
}

// emptyPicture is what stands in the place of a file that was erased: grey.
// Telegram wants the sides of a photo in no odder proportion than 1 to 20.
func emptyPicture() io.Reader {
	grey := image.NewGray(image.Rect(0, 0, 64, 64))
	for k := range grey.Pix {
		grey.Pix[k] = 0xdd
	}
	var b bytes.Buffer
	if err := png.Encode(&b, grey); err != nil {
		panic(err) // memory only
	}
	return &b
}
