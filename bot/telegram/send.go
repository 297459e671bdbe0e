package telegram

import (
	"bytes"
	"context"
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
	r := request{
		Chat: chat, Thread: c.thread(chat), Text: m.HTML, ParseMode: models.ParseModeHTML,
		Preview: noPreview, Markup: markup, Reply: reply(replyTo),
	}
	if len(m.HTML) > MessageMost && incident.Units(conversation.PlainText(m.HTML)) > MessageMost {
		// Better the beginning than nothing: the register has the rest.
		r.Text, r.ParseMode = incident.CutUnits(conversation.PlainText(m.HTML), MessageMost), ""
	}
	r.Text = c.known(r.Text)
	id, err := c.send(ctx, "sendMessage", r)
	if unparsable(err) && c.forgetTimes(r.Text) {
		r.Text = c.known(r.Text)
		id, err = c.send(ctx, "sendMessage", r)
	}
	if unparsable(err) {
		c.log.Error("telegram cannot read a message's HTML, sent as plain text", "chat", chat, "error", c.Scrub(err))
		r.Text, r.ParseMode = conversation.PlainText(m.HTML), ""
		id, err = c.send(ctx, "sendMessage", r)
	}
	return id, err
}

// send makes a request that sends one message and returns its id.
func (c *Client) send(ctx context.Context, method string, r request) (int, error) {
	var sent sentMessage
	err := c.call(ctx, method, r, &sent)
	return sent.ID, err
}

// EditMessage gives a message of ours a new text and new buttons.
func (c *Client) EditMessage(ctx context.Context, chat int64, id int, m conversation.Message) error {
	r := request{Chat: chat, Message: id, Text: c.known(m.HTML), ParseMode: models.ParseModeHTML, Preview: noPreview, Markup: inline(m.Buttons)}
	err := c.call(ctx, "editMessageText", r, nil)
	if unparsable(err) && c.forgetTimes(r.Text) {
		r.Text = c.known(r.Text)
		err = c.call(ctx, "editMessageText", r, nil)
	}
	return err
}

// EditCaption gives a file of ours new words.
func (c *Client) EditCaption(ctx context.Context, chat int64, id int, html string) error {
	return c.call(ctx, "editMessageCaption", request{Chat: chat, Message: id, Caption: html, ParseMode: models.ParseModeHTML}, nil)
}

// DeleteMessage takes a message of ours away.
func (c *Client) DeleteMessage(ctx context.Context, chat int64, id int) error {
	return c.call(ctx, "deleteMessage", request{Chat: chat, Message: id}, nil)
}

// SendPicture sends an image of our own making.
func (c *Client) SendPicture(ctx context.Context, chat int64, name string, png []byte, html string, replyTo int) (int, error) {
	sent, err := c.api.SendPhoto(ctx, &bot.SendPhotoParams{
		ChatID: chat, MessageThreadID: c.thread(chat), Caption: html, ParseMode: models.ParseModeHTML,
		Photo: &models.InputFileUpload{Filename: name, Data: bytes.NewReader(png)}, ReplyParameters: replyParameters(replyTo),
	})
	return messageID(sent), err
}

// SendDocument sends a file that Telegram does not hold yet.
func (c *Client) SendDocument(ctx context.Context, chat int64, name string, data []byte, html string, replyTo int) (int, error) {
	sent, err := c.api.SendDocument(ctx, &bot.SendDocumentParams{
		ChatID: chat, MessageThreadID: c.thread(chat), Caption: html, ParseMode: models.ParseModeHTML,
		Document: &models.InputFileUpload{Filename: name, Data: bytes.NewReader(data)}, ReplyParameters: replyParameters(replyTo),
	})
	return messageID(sent), err
}

// SendText sends a text as a file.
func (c *Client) SendText(ctx context.Context, chat int64, name, text, html string, replyTo int) (int, error) {
	// The mark tells older programs that it is UTF-8.
	return c.SendDocument(ctx, chat, name, []byte("\ufeff"+text), html, replyTo)
}

// Sign is a reaction of Telegram's fixed list (Bot API, ReactionTypeEmoji); a tick
// is not in it.
type Sign string

// The signs under a member's message.
const (
	SignArrived Sign = "👌" // the person has it, or the command is carried out
	SignKept    Sign = "✍" // it stays in the group
	NoSign      Sign = ""
)

// React puts a sign under a message in the place of the last one.
func (c *Client) React(ctx context.Context, chat int64, id int, sign Sign) error {
	reaction := []emoji{}
	if sign != NoSign {
		reaction = append(reaction, emoji{"emoji", string(sign)})
	}
	return c.Scrub(c.call(ctx, "setMessageReaction", struct {
		Chat     int64   `json:"chat_id"`
		Message  int     `json:"message_id"`
		Reaction []emoji `json:"reaction"`
	}{chat, id, reaction}, nil))
}

// AnswerPress ends the spinner on a pressed button and shows a toast, if there
// is one. A press that waited too long cannot be answered.
func (c *Client) AnswerPress(ctx context.Context, query, toast string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return c.Scrub(c.call(ctx, "answerCallbackQuery", request{Query: query, Text: toast}, nil))
}

// ShowUploading shows a person that something is going on.
func (c *Client) ShowUploading(ctx context.Context, chat int64) {
	_ = c.call(ctx, "sendChatAction", request{Chat: chat, Thread: c.thread(chat), Action: "upload_document"}, nil)
}

// generalTopic is the first topic of a forum, which every forum has. A message that
// names it is refused: one that names no topic goes there.
const generalTopic = 1

// thread is the forum topic to write into.
func (c *Client) thread(chat int64) int {
	if isGroup(chat) && c.cfg.Thread != generalTopic {
		return c.cfg.Thread
	}
	return 0
}

func reply(to int) *replyTo {
	if to == 0 {
		return nil
	}
	return &replyTo{to}
}

// replyParameters is the library's reply.
func replyParameters(to int) *models.ReplyParameters {
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
