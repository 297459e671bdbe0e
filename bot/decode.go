package bot

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
)

// address reads of an update what is needed to store it: its id, 0 when it has
// none, and the chat in whose lane it goes, 0 when it has none or cannot be
// read. A press goes into the lane of the person who pressed, unless it was in
// a group.
func address(raw []byte) (id, chat int64) {
	var u struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &u) != nil {
		return u.ID, 0
	}
	type place struct {
		Chat struct {
			ID   int64  `json:"id"`
			Type string `json:"type"`
		} `json:"chat"`
	}
	var in struct {
		Message *place `json:"message"`
		Edited  *place `json:"edited_message"`
		Member  *place `json:"my_chat_member"`
		Press   *struct {
			From struct {
				ID int64 `json:"id"`
			} `json:"from"`
			Message *place `json:"message"`
		} `json:"callback_query"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return u.ID, 0
	}
	for _, p := range []*place{in.Message, in.Edited, in.Member} {
		if p != nil {
			return u.ID, p.Chat.ID
		}
	}
	if p := in.Press; p != nil {
		if p.Message != nil && p.Message.Chat.Type != "private" && p.Message.Chat.ID != 0 {
			return u.ID, p.Message.Chat.ID
		}
		return u.ID, p.From.ID
	}
	return u.ID, 0
}

// received is an update as the lanes work with it. A nil event is nothing for
// the dialogue.
type received struct {
	update models.Update
	event  conversation.Event
	// query is the id of the press that must be answered.
	query string
	// replyTo is the message of the same chat that it answers, 0 for none.
	replyTo int
	// private says that it happened in a person's chat with the bot.
	private bool
}

func decode(raw []byte) (received, error) {
	var r received
	if err := json.Unmarshal(raw, &r.update); err != nil {
		return r, fmt.Errorf("decode an update: %w", err)
	}
	u := &r.update
	switch {
	case u.Message != nil:
		r.private = u.Message.Chat.Type == models.ChatTypePrivate
		if u.Message.From != nil && u.Message.From.IsBot && !anonymous(u.Message) {
			return r, nil
		}
		r.event = messageEvent(u.Message)
		r.replyTo = repliedTo(u.Message)
	case u.EditedMessage != nil:
		m := u.EditedMessage
		r.private = m.Chat.Type == models.ChatTypePrivate
		r.event = conversation.Edited{MessageID: m.ID, Text: m.Text + m.Caption, At: m.EditDate}
	case u.CallbackQuery != nil:
		q := u.CallbackQuery
		r.query = q.ID
		r.private = pressedIn(q) == models.ChatTypePrivate
		r.event = conversation.Press{Data: q.Data}
	case u.MyChatMember != nil:
		r.private = u.MyChatMember.Chat.Type == models.ChatTypePrivate
	}
	return r, nil
}

// pressedIn is the kind of chat of a press; the message may be too old for
// Telegram to show.
func pressedIn(q *models.CallbackQuery) models.ChatType {
	switch {
	case q.Message.Message != nil:
		return q.Message.Message.Chat.Type
	case q.Message.InaccessibleMessage != nil:
		return q.Message.InaccessibleMessage.Chat.Type
	}
	return models.ChatTypePrivate
}

// anonymous says that a message was written in the name of the group itself,
// by an administrator (Bot API, Message.sender_chat).
func anonymous(m *models.Message) bool {
	return m.SenderChat != nil && m.SenderChat.ID == m.Chat.ID
}

// repliedTo is the message that m answers. In a forum every message carries its
// topic's root, which is no reply.
func repliedTo(m *models.Message) int {
	to := m.ReplyToMessage
	if to == nil || to.ForumTopicCreated != nil || m.IsTopicMessage && to.ID == m.MessageThreadID {
		return 0
	}
	return to.ID
}

// messageEvent reads a person's message; nil for a service message.
func messageEvent(m *models.Message) conversation.Event {
	if a, ok := attachment(m); ok {
		return conversation.Media{MessageID: m.ID, Caption: m.Caption, Attachment: a, Album: m.MediaGroupID}
	}
	switch {
	case strings.HasPrefix(m.Text, "/"):
		if c, ok := command(m.Text); ok {
			return c
		}
		return conversation.Text{MessageID: m.ID, Text: m.Text}
	case m.Text != "":
		return conversation.Text{MessageID: m.ID, Text: m.Text}
	case m.Contact != nil:
		return conversation.Contact{
			MessageID: m.ID, Phone: m.Contact.PhoneNumber,
			Own: m.From != nil && m.Contact.UserID != 0 && m.Contact.UserID == m.From.ID,
		}
	case m.Sticker != nil, m.Location != nil, m.Venue != nil, m.Poll != nil, m.Dice != nil,
		m.Game != nil, m.Story != nil, m.Invoice != nil, m.Giveaway != nil, m.PaidMedia != nil, m.Checklist != nil:
		return conversation.Unsupported{}
	}
	return nil
}

// command reads «/name@bot arguments». The library finds commands by entities
// and ignores the bot's name; a private chat has only one bot in it.
func command(text string) (conversation.Command, bool) {
	name, args := text[1:], ""
	if i := strings.IndexAny(name, " \n\t"); i >= 0 {
		name, args = name[:i], strings.TrimSpace(name[i:])
	}
	name, _, _ = strings.Cut(name, "@")
	if name == "" || len(name) > 32 || strings.ContainsAny(name, "/.") {
		return conversation.Command{}, false
	}
	return conversation.Command{Name: strings.ToLower(name), Args: args}, true
}

// attachment reads the file of a message. An animation comes as a document too
// (Bot API, Message.animation).
func attachment(m *models.Message) (incident.Attachment, bool) {
	switch {
	case len(m.Photo) > 0:
		largest := m.Photo[len(m.Photo)-1]
		return incident.Attachment{Kind: incident.Photo, FileID: largest.FileID, Size: int64(largest.FileSize)}, true
	case m.Animation != nil:
		return incident.Attachment{Kind: incident.Animation, FileID: m.Animation.FileID, Name: m.Animation.FileName, Size: m.Animation.FileSize}, true
	case m.Document != nil:
		return incident.Attachment{Kind: incident.Document, FileID: m.Document.FileID, Name: m.Document.FileName, Size: m.Document.FileSize}, true
	case m.Video != nil:
		return incident.Attachment{Kind: incident.Video, FileID: m.Video.FileID, Name: m.Video.FileName, Size: m.Video.FileSize}, true
	case m.Voice != nil:
		return incident.Attachment{Kind: incident.Voice, FileID: m.Voice.FileID, Size: m.Voice.FileSize}, true
	case m.Audio != nil:
		return incident.Attachment{Kind: incident.Audio, FileID: m.Audio.FileID, Name: m.Audio.FileName, Size: m.Audio.FileSize}, true
	case m.VideoNote != nil:
		return incident.Attachment{Kind: incident.VideoNote, FileID: m.VideoNote.FileID, Size: int64(m.VideoNote.FileSize)}, true
	}
	return incident.Attachment{}, false
}
