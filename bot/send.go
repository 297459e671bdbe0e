package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// parcel is the body of an outbox row for Telegram: a message or a file to be
// sent, or what is to be done to a message that was sent before.
type parcel struct {
	Message *conversation.Message `json:"message,omitempty"`
	File    *incident.Attachment  `json:"file,omitempty"`
	Picture *picture              `json:"picture,omitempty"`
	Paper   *paper                `json:"paper,omitempty"`
	// ReplyTo is the message of the same chat that it answers, 0 for none
	// (or for the card, see outbox.Message.ReplyToCard).
	ReplyTo int `json:"reply_to,omitempty"`
	// Force makes the client of the person who is answered or mentioned open
	// a reply (Bot API, ForceReply, selective).
	Force bool `json:"force,omitempty"`
	// Receipt: when it has arrived, the message ReceiptFor of the desk gets a
	// reaction.
	ReceiptFor int `json:"receipt_for,omitempty"`
	// Edit gives that message the text of Message, as a caption if it is a
	// file; Delete takes it away.
	Edit    int  `json:"edit,omitempty"`
	Caption bool `json:"caption,omitempty"`
	Delete  int  `json:"delete,omitempty"`
	// Empty takes what it says out of that message, Message stands there
	// instead; Caption says that it is a file.
	Empty int `json:"empty,omitempty"`
}

// picture is an image of our own making with its caption in HTML.
type picture struct {
	PNG  []byte `json:"png"`
	HTML string `json:"html"`
}

// paper is a text too long for a message, sent as a file, with its caption in
// HTML.
type paper struct {
	Name string `json:"name"`
	Text string `json:"text"`
	HTML string `json:"html"`
}

// valid says that there is something to do.
func (p parcel) valid() bool {
	return p.Message != nil || p.File != nil || p.Picture != nil || p.Paper != nil || p.Delete != 0
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

// messageMost is the longest message, in UTF-16 units after parsing (Bot API,
// sendMessage).
const messageMost = 4096

var noPreview = &models.LinkPreviewOptions{IsDisabled: bot.True()}

// sendMessage sends one message and returns its id, 0 when Telegram's answer
// could not be read. replyTo is a message of the same chat, 0 for none. When
// Telegram cannot read our HTML, the text goes without it: a person must get
// the words.
func (b *Bot) sendMessage(ctx context.Context, chat int64, m conversation.Message, replyTo int) (int, error) {
	return b.sendWith(ctx, chat, m, replyTo, markup(m))
}

func (b *Bot) sendWith(ctx context.Context, chat int64, m conversation.Message, replyTo int, markup models.ReplyMarkup) (int, error) {
	params := &bot.SendMessageParams{
		ChatID: chat, Text: m.HTML, ParseMode: models.ParseModeHTML, MessageThreadID: b.thread(chat),
		LinkPreviewOptions: noPreview, ReplyMarkup: markup, ReplyParameters: reply(replyTo),
	}
	if len(m.HTML) > messageMost && incident.Units(conversation.PlainText(m.HTML)) > messageMost {
		// Better the beginning than nothing: the register has the rest.
		params.Text, params.ParseMode = incident.CutUnits(conversation.PlainText(m.HTML), messageMost), ""
	}
	sent, err := b.api.SendMessage(ctx, params)
	if f, _, _ := judge(err); f == badMarkup {
		b.log.Error("telegram cannot read a message's HTML, sent as plain text", "chat", chat, "error", b.scrub(err))
		params.Text, params.ParseMode = conversation.PlainText(m.HTML), ""
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
	re, thread := reply(replyTo), b.thread(chat)
	var sent *models.Message
	var err error
	switch a.Kind {
	case incident.Photo:
		sent, err = b.api.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: chat, MessageThreadID: thread, Photo: file, ReplyParameters: re})
	case incident.Video:
		sent, err = b.api.SendVideo(ctx, &bot.SendVideoParams{ChatID: chat, MessageThreadID: thread, Video: file, ReplyParameters: re})
	case incident.Voice:
		sent, err = b.api.SendVoice(ctx, &bot.SendVoiceParams{ChatID: chat, MessageThreadID: thread, Voice: file, ReplyParameters: re})
	case incident.Audio:
		sent, err = b.api.SendAudio(ctx, &bot.SendAudioParams{ChatID: chat, MessageThreadID: thread, Audio: file, ReplyParameters: re})
	case incident.VideoNote:
		sent, err = b.api.SendVideoNote(ctx, &bot.SendVideoNoteParams{ChatID: chat, MessageThreadID: thread, VideoNote: file, ReplyParameters: re})
	case incident.Animation:
		sent, err = b.api.SendAnimation(ctx, &bot.SendAnimationParams{ChatID: chat, MessageThreadID: thread, Animation: file, ReplyParameters: re})
	case incident.Document:
		sent, err = b.api.SendDocument(ctx, &bot.SendDocumentParams{ChatID: chat, MessageThreadID: thread, Document: file, ReplyParameters: re})
	default:
		return 0, fmt.Errorf("%w: attachment of unknown kind %q", bot.ErrorBadRequest, a.Kind)
	}
	return messageID(sent), b.scrubSend(err)
}

// sendParcel does what a parcel says and returns the id of a new message.
func (b *Bot) sendParcel(ctx context.Context, chat int64, p parcel, card int) (int, error) {
	replyTo := p.ReplyTo
	if replyTo == 0 {
		replyTo = card
	}
	switch {
	case p.Empty != 0:
		return 0, b.empty(ctx, chat, p)
	case p.Delete != 0:
		_, err := b.api.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: chat, MessageID: p.Delete})
		return 0, b.scrubSend(err)
	case p.Edit != 0 && p.Caption:
		return 0, b.editCaption(ctx, chat, p.Edit, *p.Message)
	case p.Edit != 0:
		return 0, b.editMessage(ctx, chat, p.Edit, *p.Message)
	case p.File != nil:
		return b.sendFile(ctx, chat, *p.File, replyTo)
	case p.Picture != nil:
		sent, err := b.api.SendPhoto(ctx, &bot.SendPhotoParams{
			ChatID: chat, MessageThreadID: b.thread(chat), Caption: p.Picture.HTML, ParseMode: models.ParseModeHTML,
			Photo:           &models.InputFileUpload{Filename: "stats.png", Data: bytes.NewReader(p.Picture.PNG)},
			ReplyParameters: reply(replyTo),
		})
		return messageID(sent), b.scrubSend(err)
	case p.Paper != nil:
		// The mark tells older programs that it is UTF-8.
		text := strings.NewReader("\ufeff" + p.Paper.Text)
		sent, err := b.api.SendDocument(ctx, &bot.SendDocumentParams{
			ChatID: chat, MessageThreadID: b.thread(chat), Caption: p.Paper.HTML, ParseMode: models.ParseModeHTML,
			Document: &models.InputFileUpload{Filename: p.Paper.Name, Data: text}, ReplyParameters: reply(replyTo),
		})
		return messageID(sent), b.scrubSend(err)
	case p.Force:
		return b.sendWith(ctx, chat, *p.Message, replyTo, models.ForceReply{ForceReply: true, Selective: true})
	}
	return b.sendMessage(ctx, chat, *p.Message, replyTo)
}

// thread is the forum topic to write into.
func (b *Bot) thread(chat int64) int {
	if isGroup(chat) {
		return b.cfg.DeskThread
	}
	return 0
}

// receiptSign is a reaction of Telegram's fixed list (Bot API,
// ReactionTypeEmoji); a tick is not in it.
const receiptSign = "👌"

// receipt shows the desk that its message has arrived: by a reaction, or in
// words where the group forbids reactions.
func (b *Bot) receipt(ctx context.Context, row outbox.Claimed, messageID int) {
	_, err := b.api.SetMessageReaction(ctx, &bot.SetMessageReactionParams{
		ChatID: b.deskChat(), MessageID: messageID,
		Reaction: []models.ReactionType{{Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{
			Type: models.ReactionTypeTypeEmoji, Emoji: receiptSign,
		}}},
	})
	if f, _, _ := judge(err); f == refused {
		key := fmt.Sprintf("receipt:%d:%d", b.deskChat(), messageID) // once, however many parts
		b.settled(row, "tell of the delivery", b.cfg.Register.Put(ctx, deskAnswer(key, row.Number, "Передано заявителю.", messageID)))
	}
}

// scrubSend takes the token out of an error of the library without losing the
// types that judge looks for.
func (b *Bot) scrubSend(err error) error {
	if f, _, _ := judge(err); f != retry {
		return err
	}
	return b.scrub(err)
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
