package bot

import (
	"encoding/json"
	"fmt"

	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
)

// incoming is an update before it is looked into.
type incoming struct {
	ID      int64           `json:"update_id"`
	Message json.RawMessage `json:"message"`
	Edited  json.RawMessage `json:"edited_message"`
	Press   json.RawMessage `json:"callback_query"`
	Member  json.RawMessage `json:"my_chat_member"`
}

func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// fields are those of a JSON object, known and unknown.
type fields map[string]json.RawMessage

// only is the object with those fields alone. The library reads all of them, and
// fails at values newer than itself (the origin of a forward, a kind of paid
// media): what we do not read must keep nobody from being answered.
func (f fields) only(names ...string) []byte {
	kept := fields{}
	for _, name := range names {
		if value, there := f[name]; there {
			kept[name] = value
		}
	}
	data, err := json.Marshal(kept)
	if err != nil {
		panic(err) // it was read from JSON
	}
	return data
}

// address reads of an update what is needed to store it: its id, 0 when it has
// none, and the chat in whose lane it goes, 0 when it has none or cannot be
// read. A press goes into the lane of the person who pressed, unless it was in
// a group.
func address(raw []byte) (id, chat int64) {
	var in incoming
	if json.Unmarshal(raw, &in) != nil {
		return in.ID, 0
	}
	type place struct {
		Chat struct {
			ID   int64  `json:"id"`
			Type string `json:"type"`
		} `json:"chat"`
	}
	look := func(raw json.RawMessage) (p place) {
		var all fields
		if json.Unmarshal(raw, &all) != nil || json.Unmarshal(all.only("chat"), &p) != nil {
			return place{}
		}
		return p
	}
	for _, raw := range []json.RawMessage{in.Message, in.Edited, in.Member} {
		if given(raw) {
			return in.ID, look(raw).Chat.ID
		}
	}
	var press struct {
		From struct {
			ID int64 `json:"id"`
		} `json:"from"`
		Message json.RawMessage `json:"message"`
	}
	var all fields
	if !given(in.Press) || json.Unmarshal(in.Press, &all) != nil || json.Unmarshal(all.only("from", "message"), &press) != nil {
		return in.ID, 0
	}
	if p := look(press.Message); p.Chat.Type != "private" && p.Chat.ID != 0 {
		return in.ID, p.Chat.ID
	}
	return in.ID, press.From.ID
}

// received is an update as the lanes work with it. A nil event is nothing for
// the dialogue.
type received struct {
	update update
	event  conversation.Event
	// query is the id of the press that must be answered.
	query string
	// replyTo is the message of the same chat that it answers, 0 for none.
	replyTo int
	// private says that it happened in a person's chat with the bot.
	private bool
}

// update is one of the kinds that the bot asks for.
type update struct {
	ID                     int64
	Message, EditedMessage *models.Message
	CallbackQuery          *models.CallbackQuery
	MyChatMember           *membership
}

// membership is what became of the bot in a chat (Bot API, ChatMemberUpdated).
type membership struct {
	Chat models.Chat `json:"chat"`
	New  struct {
		Status models.ChatMemberType `json:"status"`
	} `json:"new_chat_member"`
}

func decode(raw []byte) (received, error) {
	r, err := read(raw)
	if err != nil {
		err = fmt.Errorf("decode an update: %w", err)
	}
	return r, err
}

func read(raw []byte) (r received, err error) {
	var in incoming
	if err := json.Unmarshal(raw, &in); err != nil {
		return r, err
	}
	u := &r.update
	u.ID = in.ID
	switch {
	case given(in.Message):
		var all fields
		if u.Message, all, err = readMessage(in.Message); err != nil {
			return r, err
		}
		r.private = u.Message.Chat.Type == models.ChatTypePrivate
		if u.Message.From != nil && u.Message.From.IsBot && !anonymous(u.Message) {
			return r, nil
		}
		r.event = messageEvent(u.Message)
		if r.event == nil && !service(all) {
			r.event = conversation.Unsupported{}
		}
		r.replyTo = repliedTo(u.Message)
	case given(in.Edited):
		m, _, err := readMessage(in.Edited)
		if err != nil {
			return r, err
		}
		u.EditedMessage = m
		r.private = m.Chat.Type == models.ChatTypePrivate
		r.event = conversation.Edited{MessageID: m.ID, Text: m.Text + m.Caption, At: m.EditDate}
	case given(in.Press):
		q, err := readPress(in.Press)
		if err != nil {
			return r, err
		}
		u.CallbackQuery = q
		r.query = q.ID
		r.private = pressedIn(q) == models.ChatTypePrivate
		r.event = conversation.Press{Data: q.Data}
	case given(in.Member):
		u.MyChatMember = &membership{}
		if err := json.Unmarshal(in.Member, u.MyChatMember); err != nil {
			return r, err
		}
		r.private = u.MyChatMember.Chat.Type == models.ChatTypePrivate
	}
	return r, nil
}

// readFields are what the bot reads of a message.
var readFields = []string{
	"message_id", "message_thread_id", "is_topic_message", "date", "edit_date", "chat", "from", "sender_chat",
	"reply_to_message", "media_group_id", "text", "caption", "contact", "photo", "animation", "document", "video",
	"voice", "audio", "video_note", "migrate_to_chat_id", "forum_topic_created",
}

// readMessage reads a message; all are its fields, those too that are not read.
// The message that it answers comes without the one that this one answered (Bot
// API, Message.reply_to_message).
func readMessage(raw json.RawMessage) (m *models.Message, all fields, err error) {
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, nil, err
	}
	if to := all["reply_to_message"]; given(to) {
		var answered fields
		if err := json.Unmarshal(to, &answered); err != nil {
			return nil, nil, err
		}
		delete(answered, "reply_to_message")
		all["reply_to_message"] = answered.only(readFields...)
	}
	m = &models.Message{}
	return m, all, json.Unmarshal(all.only(readFields...), m)
}

// readPress reads a press on a button; of its message, where it stands.
func readPress(raw json.RawMessage) (q *models.CallbackQuery, err error) {
	var all fields
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	if m := all["message"]; given(m) {
		var pressed fields
		if err := json.Unmarshal(m, &pressed); err != nil {
			return nil, err
		}
		all["message"] = pressed.only("message_id", "date", "chat")
	}
	q = &models.CallbackQuery{}
	return q, json.Unmarshal(all.only("id", "from", "message", "data"), q)
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
