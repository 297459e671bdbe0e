package telegram

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
)

// What follows asks Telegram at once: whoever sends goes through Deliver.

// MessageMost is the longest message, in UTF-16 units after parsing (Bot API,
// sendMessage).
const MessageMost = 4096

var noPreview = &models.LinkPreviewOptions{IsDisabled: bot.True()}

// SendMessage sends one message and returns its id, 0 when Telegram's answer
// could not be read. replyTo is a message of the same chat, 0 for none. When
// Telegram cannot read our HTML, the text goes without it: a person must get
// the words.
func (c *Client) SendMessage(ctx context.Context, chat int64, m conversation.Message, replyTo int) (int, error) {
	return c.sendWith(ctx, chat, m, replyTo, markup(m))
}

// AskReply sends a message and makes the client of the person whom it answers or
// mentions open a reply (Bot API, ForceReply, selective).
func (c *Client) AskReply(ctx context.Context, chat int64, m conversation.Message, replyTo int) (int, error) {
	return c.sendWith(ctx, chat, m, replyTo, &models.ForceReply{ForceReply: true, Selective: true})
}

func (c *Client) sendWith(ctx context.Context, chat int64, m conversation.Message, replyTo int, markup models.ReplyMarkup) (int, error) {
	params := &bot.SendMessageParams{
		ChatID: chat, Text: m.HTML, ParseMode: models.ParseModeHTML, MessageThreadID: c.thread(chat),
		LinkPreviewOptions: noPreview, ReplyMarkup: markup, ReplyParameters: reply(replyTo),
	}
	if len(m.HTML) > MessageMost && incident.Units(conversation.PlainText(m.HTML)) > MessageMost {
		// Better the beginning than nothing: the register has the rest.
		params.Text, params.ParseMode = incident.CutUnits(conversation.PlainText(m.HTML), MessageMost), ""
	}
	sent, err := c.api.SendMessage(ctx, params)
	if unparsable(err) {
		c.log.Error("telegram cannot read a message's HTML, sent as plain text", "chat", chat, "error", c.Scrub(err))
		params.Text, params.ParseMode = conversation.PlainText(m.HTML), ""
		sent, err = c.api.SendMessage(ctx, params)
	}
	return messageID(sent), err
}

// EditMessage gives a message of ours a new text and new buttons.
func (c *Client) EditMessage(ctx context.Context, chat int64, id int, m conversation.Message) error {
	_, err := c.api.EditMessageText(ctx, &bot.EditMessageTextParams{
		ChatID: chat, MessageID: id, Text: m.HTML, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: noPreview, ReplyMarkup: inline(m.Buttons),
	})
	return err
}

// EditCaption gives a file of ours new words.
func (c *Client) EditCaption(ctx context.Context, chat int64, id int, html string) error {
	_, err := c.api.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
		ChatID: chat, MessageID: id, Caption: html, ParseMode: models.ParseModeHTML,
	})
	return err
}

// DeleteMessage takes a message of ours away.
func (c *Client) DeleteMessage(ctx context.Context, chat int64, id int) error {
	_, err := c.api.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: chat, MessageID: id})
	return err
}

// SendPicture sends an image of our own making.
func (c *Client) SendPicture(ctx context.Context, chat int64, name string, png []byte, html string, replyTo int) (int, error) {
	sent, err := c.api.SendPhoto(ctx, &bot.SendPhotoParams{
		ChatID: chat, MessageThreadID: c.thread(chat), Caption: html, ParseMode: models.ParseModeHTML,
		Photo: &models.InputFileUpload{Filename: name, Data: bytes.NewReader(png)}, ReplyParameters: reply(replyTo),
	})
	return messageID(sent), err
}

// SendText sends a text as a file.
func (c *Client) SendText(ctx context.Context, chat int64, name, text, html string, replyTo int) (int, error) {
	// The mark tells older programs that it is UTF-8.
	data := strings.NewReader("\ufeff" + text)
	sent, err := c.api.SendDocument(ctx, &bot.SendDocumentParams{
		ChatID: chat, MessageThreadID: c.thread(chat), Caption: html, ParseMode: models.ParseModeHTML,
		Document: &models.InputFileUpload{Filename: name, Data: data}, ReplyParameters: reply(replyTo),
	})
	return messageID(sent), err
}

// receiptSign is a reaction of Telegram's fixed list (Bot API,
// ReactionTypeEmoji); a tick is not in it.
const receiptSign = "👌"

// React shows that a message has arrived.
func (c *Client) React(ctx context.Context, chat int64, id int) error {
	_, err := c.api.SetMessageReaction(ctx, &bot.SetMessageReactionParams{
		ChatID: chat, MessageID: id,
		Reaction: []models.ReactionType{{Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{
			Type: models.ReactionTypeTypeEmoji, Emoji: receiptSign,
		}}},
	})
	return c.Scrub(err)
}

// AnswerPress ends the spinner on a pressed button and shows a toast, if there
// is one. A press that waited too long cannot be answered.
func (c *Client) AnswerPress(ctx context.Context, query, toast string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := c.api.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: query, Text: toast})
	return c.Scrub(err)
}

// ShowUploading shows a person that something is going on.
func (c *Client) ShowUploading(ctx context.Context, chat int64) {
	_, _ = c.api.SendChatAction(ctx, &bot.SendChatActionParams{ChatID: chat, Action: models.ChatActionUploadDocument})
}

// thread is the forum topic to write into.
func (c *Client) thread(chat int64) int {
	if isGroup(chat) {
		return c.cfg.Thread
	}
	return 0
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
