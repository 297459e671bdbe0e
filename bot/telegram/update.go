package telegram

import (
	"encoding/json"
	"fmt"
	"slices"

	"intakebot/conversation"
)

// Update is an update of one of the kinds that the bot asks for. Of Telegram's
// objects only what the bot reads is decoded: a value newer than this program in
// a field that nobody reads must keep nobody from being answered.
type Update struct {
	ID      int64
	Message *Message // a new one
	Edited  *Message
	Press   *Press
	Member  *Membership
	// Event is what it says to the dialogue; nil for nothing.
	Event conversation.Event
	// ReplyTo is the message of the same chat that it answers, 0 for none.
	ReplyTo int
	// Private says that it happened in a person's chat with the bot.
	Private bool
	// AlbumGoesOn: the next update of the chat is here already and belongs to
	// the same album.
	AlbumGoesOn bool
	// More: the next message of the same person is here already.
	More bool
	// First says that nobody has worked on the update before, in an earlier
	// process neither.
	First bool
}

// Says is whether it brings words or a file of a person.
func (u Update) Says() bool {
	switch u.Event.(type) {
	case conversation.Text, conversation.Media:
		return true
	}
	return false
}

// Message is a message (Bot API, Message). The one that it answers comes without
// the one that that answered.
type Message struct {
	Content
	ReplyTo *Content `json:"reply_to_message"`
}

// Content is a message without the one that it answers.
type Content struct {
	ID              int             `json:"message_id"`
	Thread          int             `json:"message_thread_id"`
	InTopic         bool            `json:"is_topic_message"`
	Date            int64           `json:"date"`
	EditDate        int             `json:"edit_date"`
	Chat            Chat            `json:"chat"`
	From            *User           `json:"from"`
	Sender          *Chat           `json:"sender_chat"`
	Album           string          `json:"media_group_id"`
	Text            string          `json:"text"`
	Entities        Entities        `json:"entities"`
	Caption         string          `json:"caption"`
	Rich            json.RawMessage `json:"rich_message"` // a formatted text, instead of Text
	CaptionEntities Entities        `json:"caption_entities"`
	Quote           *Quote          `json:"quote"`
	External        *External       `json:"external_reply"`
	Origin          *Origin         `json:"forward_origin"`
	Contact         *Contact        `json:"contact"`
	Media
	MigrateTo int64     `json:"migrate_to_chat_id"`
	NewTopic  *struct{} `json:"forum_topic_created"`
}

// Media is the file of a message, one of these.
type Media struct {
	Photo     []File `json:"photo"` // its sizes, the largest last
	Animation *File  `json:"animation"`
	Document  *File  `json:"document"`
	Video     *File  `json:"video"`
	Voice     *File  `json:"voice"`
	Audio     *File  `json:"audio"`
	VideoNote *File  `json:"video_note"`
}

// Chat is a chat (Bot API, Chat).
type Chat struct {
	ID    int64  `json:"id"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

func (c Chat) private() bool { return c.Type == "private" }

// User is a person or a bot (Bot API, User).
type User struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// Contact is somebody's telephone number (Bot API, Contact).
type Contact struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	User      int64  `json:"user_id"`
}

// File is a file of any kind (Bot API, PhotoSize, Document and others).
type File struct {
	ID   string `json:"file_id"`
	Name string `json:"file_name"`
	Size int64  `json:"file_size"`
}

// Press is a press on a button (Bot API, CallbackQuery). Of its message, it says
// where it stands; nil when it is too old for Telegram to tell.
type Press struct {
	ID      string   `json:"id"`
	From    User     `json:"from"`
	Message *Pressed `json:"message"`
	Data    string   `json:"data"`
}

// Pressed is the message under whose button somebody pressed.
type Pressed struct {
	ID int `json:"message_id"`
	// Date is 0 when the message is too old to be edited.
	Date int64  `json:"date"`
	Chat Chat   `json:"chat"`
	Text string `json:"text"`
}

// Membership is what became of the bot in a chat (Bot API, ChatMemberUpdated).
type Membership struct {
	Chat Chat `json:"chat"`
	New  struct {
		Status string `json:"status"`
	} `json:"new_chat_member"`
}

// Address reads of an update what is needed to store it: its id, 0 when it has
// none, and the chat whose worker gets it, 0 when it has none or cannot be read.
// A press goes to the person who pressed, unless it was in a group.
func Address(raw []byte) (id, chat int64) {
	type place struct {
		Chat Chat `json:"chat"`
		From User `json:"from"`
	}
	var in struct {
		ID      int64  `json:"update_id"`
		Message *place `json:"message"`
		Edited  *place `json:"edited_message"`
		Member  *place `json:"my_chat_member"`
		Press   *struct {
			From    User   `json:"from"`
			Message *place `json:"message"`
		} `json:"callback_query"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return in.ID, 0
	}
	for _, p := range []*place{in.Message, in.Edited, in.Member} {
		if p != nil {
			return in.ID, p.Chat.ID
		}
	}
	switch p := in.Press; {
	case p == nil:
		return in.ID, 0
	case p.Message != nil && isGroup(p.Message.Chat.ID):
		return in.ID, p.Message.Chat.ID
	default:
		return in.ID, p.From.ID
	}
}

// Chat is that of Address.
func (u Update) Chat() int64 {
	switch {
	case u.Message != nil:
		return u.Message.Chat.ID
	case u.Edited != nil:
		return u.Edited.Chat.ID
	case u.Member != nil:
		return u.Member.Chat.ID
	case u.Press == nil:
		return 0
	case u.Press.Message != nil && isGroup(u.Press.Message.Chat.ID):
		return u.Press.Message.Chat.ID
	}
	return u.Press.From.ID
}

// Decode reads an update.
func Decode(raw []byte) (u Update, err error) {
	var in struct {
		ID      int64       `json:"update_id"`
		Message *Message    `json:"message"`
		Edited  *Message    `json:"edited_message"`
		Press   *Press      `json:"callback_query"`
		Member  *Membership `json:"my_chat_member"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return u, fmt.Errorf("decode an update: %w", err)
	}
	u.ID = in.ID
	switch {
	case in.Message != nil:
		m := in.Message
		u.Message, u.Private = m, m.Chat.private()
		if m.From != nil && m.From.IsBot && m.Sender == nil {
			return u, nil
		}
		if u.Event = messageEvent(m); u.Event == nil && !service(raw) {
			u.Event = conversation.Unsupported{}
		}
		u.ReplyTo = m.repliedTo()
	case in.Edited != nil:
		m := in.Edited
		u.Edited, u.Private = m, m.Chat.private()
		u.Event = editedEvent(m)
	case in.Press != nil:
		u.Press = in.Press
		u.Private = in.Press.Message == nil || in.Press.Message.Chat.private()
		u.Event = conversation.Press{Data: in.Press.Data}
	case in.Member != nil:
		u.Member, u.Private = in.Member, in.Member.Chat.private()
	}
	return u, nil
}

// Query is the id of the press that must be answered, "" when it is none.
func (u Update) Query() string {
	if u.Press == nil {
		return ""
	}
	return u.Press.ID
}

// Anonymous says that a message was written in the name of the group itself,
// by an administrator (Bot API, Message.sender_chat).
func (m *Content) Anonymous() bool { return m.Sender != nil && m.Sender.ID == m.Chat.ID }

// repliedTo is the message that m answers. In a forum every message carries its
// topic's root, which is no reply.
func (m *Message) repliedTo() int {
	to := m.ReplyTo
	if to == nil || to.NewTopic != nil || m.InTopic && to.ID == m.Thread {
		return 0
	}
	return to.ID
}

// service says that a message tells of something that happened, in the words of
// nobody. What is neither that nor known to us is something that a person sent,
// of a kind that no question can use: she gets an answer.
func service(raw []byte) bool {
	var in struct {
		Message map[string]json.RawMessage `json:"message"`
	}
	_ = json.Unmarshal(raw, &in) // it was read before
	return slices.ContainsFunc(services, func(name string) bool {
		value := in.Message[name]
		return len(value) > 0 && string(value) != "null"
	})
}
