package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"regexp"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
)

// parcel is the body of an outbox row for Telegram: a message or a file.
type parcel struct {
	Message *conversation.Message `json:"message,omitempty"`
	File    *incident.Attachment  `json:"file,omitempty"`
}

func (p parcel) encode() []byte {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return data
}

// The markups are our own types: the library's inline button always carries an
// empty copy_text, which is a second action in one button.
type (
	inlineKeyboard struct {
		Rows [][]inlineButton `json:"inline_keyboard"`
	}
	inlineButton struct {
		Text  string `json:"text"`
		Data  string `json:"callback_data"`
		Style string `json:"style,omitempty"`
	}
	replyKeyboard struct {
		Rows       [][]replyButton `json:"keyboard"`
		Resize     bool            `json:"resize_keyboard"`
		Persistent bool            `json:"is_persistent"`
	}
	replyButton struct {
		Text    string `json:"text"`
		Contact bool   `json:"request_contact,omitempty"`
	}
)

// markup chooses the one markup that a message can have.
func markup(m conversation.Message) models.ReplyMarkup {
	switch {
	case m.Contact:
		k := replyKeyboard{Resize: true, Persistent: true, Rows: [][]replyButton{{{conversation.LabelContact, true}}}}
		for _, row := range m.Buttons {
			var buttons []replyButton
			for _, b := range row {
				buttons = append(buttons, replyButton{Text: b.Label})
			}
			k.Rows = append(k.Rows, buttons)
		}
		return k
	case len(m.Buttons) > 0:
		return inline(m.Buttons)
	case m.RemoveKeyboard:
		return models.ReplyKeyboardRemove{RemoveKeyboard: true}
	}
	return nil
}

func inline(rows [][]conversation.Button) inlineKeyboard {
	k := inlineKeyboard{Rows: [][]inlineButton{}}
	for _, row := range rows {
		var buttons []inlineButton
		for _, b := range row {
			buttons = append(buttons, inlineButton{b.Label, b.Data, string(b.Style)})
		}
		k.Rows = append(k.Rows, buttons)
	}
	return k
}

var noPreview = &models.LinkPreviewOptions{IsDisabled: bot.True()}

// sendMessage sends one message and returns its id, 0 when Telegram's answer
// could not be read. replyTo is a message of the same chat, 0 for none. When
// Telegram cannot read our HTML, the text goes without it: a person must get
// the words.
func (b *Bot) sendMessage(ctx context.Context, chat int64, m conversation.Message, replyTo int) (int, error) {
	params := &bot.SendMessageParams{
		ChatID: chat, Text: m.HTML, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview, ReplyMarkup: markup(m), ReplyParameters: reply(replyTo),
	}
	sent, err := b.api.SendMessage(ctx, params)
	if f, _, _ := judge(err); f == badMarkup {
		b.log.Error("telegram cannot read a message's HTML, sent as plain text", "chat", chat, "error", b.scrub(err))
		params.Text, params.ParseMode = plainText(m.HTML), ""
		sent, err = b.api.SendMessage(ctx, params)
	}
	return messageID(sent), b.scrubSend(err)
}

// editMessage gives a message of ours a new text and new buttons.
func (b *Bot) editMessage(ctx context.Context, chat int64, id int, m conversation.Message) error {
	_, err := b.api.EditMessageText(ctx, &bot.EditMessageTextParams{
		ChatID: chat, MessageID: id, Text: m.HTML, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview, ReplyMarkup: inline(m.Buttons),
	})
	return b.scrubSend(err)
}

// sendFile sends a file that Telegram holds already.
func (b *Bot) sendFile(ctx context.Context, chat int64, a incident.Attachment, replyTo int) (int, error) {
	file := &models.InputFileString{Data: a.FileID}
	re := reply(replyTo)
	var sent *models.Message
	var err error
	switch a.Kind {
	case incident.Photo:
		sent, err = b.api.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: chat, Photo: file, ReplyParameters: re})
	case incident.Video:
		sent, err = b.api.SendVideo(ctx, &bot.SendVideoParams{ChatID: chat, Video: file, ReplyParameters: re})
	case incident.Voice:
		sent, err = b.api.SendVoice(ctx, &bot.SendVoiceParams{ChatID: chat, Voice: file, ReplyParameters: re})
	case incident.Document:
		sent, err = b.api.SendDocument(ctx, &bot.SendDocumentParams{ChatID: chat, Document: file, ReplyParameters: re})
	default:
		return 0, fmt.Errorf("%w: attachment of unknown kind %q", bot.ErrorBadRequest, a.Kind)
	}
	return messageID(sent), b.scrubSend(err)
}

func (b *Bot) sendParcel(ctx context.Context, chat int64, p parcel, replyTo int) (int, error) {
	if p.File != nil {
		return b.sendFile(ctx, chat, *p.File, replyTo)
	}
	return b.sendMessage(ctx, chat, *p.Message, replyTo)
}

// scrubSend takes the token out of an error of the library without losing the
// types that judge looks for.
func (b *Bot) scrubSend(err error) error {
	if f, _, _ := judge(err); f == retry {
		return b.scrub(err)
	}
	return err
}

func reply(to int) *models.ReplyParameters {
	if to == 0 {
		return nil
	}
	return &models.ReplyParameters{MessageID: to}
}

func messageID(m *models.Message) int {
	if m == nil {
		return 0
	}
	return m.ID
}

var tag = regexp.MustCompile(`</?[a-z][^>]*>`)

// plainText is HTML of ours as plain text.
func plainText(s string) string { return html.UnescapeString(tag.ReplaceAllString(s, "")) }
