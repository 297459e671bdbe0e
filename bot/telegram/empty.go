package telegram

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
)

// ErrStays: Telegram does not let us take a message out of the group.
var ErrStays = errors.New("the message cannot be emptied")

// Empty takes the words, or the file, out of a message of ours in the group and
// puts m in their place. An edit is possible at any age; a deletion within 48
// hours, and the only way with what cannot be edited: a forced reply, a voice.
func (c *Client) Empty(ctx context.Context, chat int64, id int, m conversation.Message, file bool) error {
	edit := func() error { return c.EditMessage(ctx, chat, id, m) }
	remove := func() error {
		err := c.DeleteMessage(ctx, chat, id)
		if Classify(chat, err).Kind == MessageNotFound {
			return nil // somebody was faster
		}
		return err
	}
	replace := func(instead func(caption string) models.InputMedia) func() error {
		return func() error {
			_, err := c.api.EditMessageMedia(ctx, &bot.EditMessageMediaParams{ChatID: chat, MessageID: id, Media: instead(m.HTML)})
			return err
		}
	}
	ways := []func() error{edit, remove}
	if file {
		ways = []func() error{remove, replace(photoInstead), replace(documentInstead)}
	}
	away := ErrStays
	for _, way := range ways {
		err := way()
		switch Classify(chat, err).Kind {
		case Delivered:
			return nil
		case MessageNotFound, Rejected, KindForbidden:
		case ChatUnavailable:
			away = err // or another way is open
		default:
			return err
		}
	}
	return away
}

// photoInstead and documentInstead are empty files in the place of one (Bot API,
// editMessageMedia: in an album, a document for a document, a photo for the
// rest).
func photoInstead(caption string) models.InputMedia {
	return &models.InputMediaPhoto{Media: "attach://removed.png", Caption: caption, MediaAttachment: emptyPicture()}
}

func documentInstead(caption string) models.InputMedia {
	return &models.InputMediaDocument{Media: "attach://removed.txt", Caption: caption, MediaAttachment: strings.NewReader("удалено\n")}
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
