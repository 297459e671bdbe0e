package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// message is a message as the server stores it. Guarded by Telegram.mu.
type message struct {
	chat   *chat
	id     int
	thread int
	topic  bool  // thread is a forum topic
	seq    int64 // Telegram.seq when it appeared or was edited
	from   *account
	as     *wireChat // who speaks as a group or a channel: that
	voice  *account  // and whom from names then
	date   time.Time
	edited time.Time

	text      string // or caption, when there is a file
	entities  []Entity
	file      *attachment
	reply     *message
	replyRoot bool // reply is the topic's root, not a choice
	album     string
	silent    bool
	protected bool

	inline [][]Button
	plain  bool // it brought a reply keyboard, removed one or forces a reply: never editable

	contact   *Contact
	location  *Location
	poll      *Poll
	origin    map[string]any // forward_origin
	rich      string         // what a rich message says
	extra     map[string]any // fields of which the simulator makes nothing itself
	service   serviceFields
	reactions []Reaction
}

// Contact is a phone book entry (https://core.telegram.org/bots/api#contact).
type Contact struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	UserID    int64  `json:"user_id,omitempty"` // 0: no Telegram user
}

// Location is a point on the map.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Poll is a question with options.
type Poll struct {
	Question string   `json:"question"`
	Options  []string `json:"options"`
}

// wireMessage is https://core.telegram.org/bots/api#message.
type wireMessage struct {
	ID           int              `json:"message_id"`
	Thread       int              `json:"message_thread_id,omitempty"`
	From         *account         `json:"from,omitempty"`
	SenderChat   *wireChat        `json:"sender_chat,omitempty"`
	Date         int64            `json:"date"`
	Chat         wireChat         `json:"chat"`
	Origin       map[string]any   `json:"forward_origin,omitempty"`
	IsTopic      bool             `json:"is_topic_message,omitempty"`
	ReplyTo      *wireMessage     `json:"reply_to_message,omitempty"`
	EditDate     int64            `json:"edit_date,omitempty"`
	Protected    bool             `json:"has_protected_content,omitempty"`
	Album        string           `json:"media_group_id,omitempty"`
	Text         string           `json:"text,omitempty"`
	Entities     []Entity         `json:"entities,omitempty"`
	Caption      string           `json:"caption,omitempty"`
	CaptionMarks []Entity         `json:"caption_entities,omitempty"`
	Photo        []wireFile       `json:"photo,omitempty"`
	Document     *wireFile        `json:"document,omitempty"`
	Video        *wireFile        `json:"video,omitempty"`
	Voice        *wireFile        `json:"voice,omitempty"`
	Audio        *wireFile        `json:"audio,omitempty"`
	Animation    *wireFile        `json:"animation,omitempty"`
	VideoNote    *wireFile        `json:"video_note,omitempty"`
	Sticker      *wireFile        `json:"sticker,omitempty"`
	Contact      *Contact         `json:"contact,omitempty"`
	Location     *Location        `json:"location,omitempty"`
	Poll         map[string]any   `json:"poll,omitempty"`
	Markup       *wireInlineboard `json:"reply_markup,omitempty"`
	serviceFields

	extra map[string]any
}

// MarshalJSON adds the extra fields.
func (w *wireMessage) MarshalJSON() ([]byte, error) {
	type plain wireMessage
	raw, err := json.Marshal((*plain)(w))
	if err != nil || len(w.extra) == 0 {
		return raw, err
	}
	more, err := json.Marshal(w.extra)
	return slices.Concat(raw[:len(raw)-1], []byte(","), more[1:]), err
}

type wireInlineboard struct {
	Rows [][]json.RawMessage `json:"inline_keyboard"`
}

// wire is the message as the bot sees it; a replied-to message comes without
// its own reply.
func (m *message) wire() *wireMessage {
	w := m.wireAlone()
	if m.repliesTo() != nil {
		w.ReplyTo = m.reply.wireAlone()
	}
	return w
}

func (m *message) wireAlone() *wireMessage {
	w := &wireMessage{
		ID: m.id, Thread: m.thread, From: m.from, Date: m.date.Unix(), Chat: m.chat.wire(),
		Origin: m.origin, IsTopic: m.topic, Protected: m.protected, Album: m.album,
		Contact: m.contact, Location: m.location, SenderChat: m.as, serviceFields: m.service, extra: m.extra,
	}
	if m.voice != nil {
		w.From = m.voice
	}
	if !m.edited.IsZero() {
		w.EditDate = m.edited.Unix()
	}
	if m.file == nil {
		w.Text, w.Entities = m.text, m.entities
	} else {
		w.Caption, w.CaptionMarks = m.text, m.entities
		m.file.wire(w)
	}
	if m.poll != nil {
		w.Poll = m.poll.wire(m.id)
	}
	if len(m.inline) > 0 {
		w.Markup = &wireInlineboard{}
		for _, row := range m.inline {
			var raw []json.RawMessage
			for _, b := range row {
				raw = append(raw, b.raw)
			}
			w.Markup.Rows = append(w.Markup.Rows, raw)
		}
	}
	return w
}

func (p *Poll) wire(id int) map[string]any {
	options := []map[string]any{}
	for _, text := range p.Options {
		options = append(options, map[string]any{"text": text, "voter_count": 0})
	}
	return map[string]any{
		"id": fmt.Sprint(5_000_000_000 + int64(id)), "question": p.Question, "options": options, "total_voter_count": 0,
		"is_closed": false, "is_anonymous": true, "type": "regular", "allows_multiple_answers": false,
	}
}

// repliesTo is the message that this one replies to, unless it was deleted.
func (m *message) repliesTo() *message {
	if m.reply == nil || m.chat.byID[m.reply.id] != m.reply {
		return nil
	}
	return m.reply
}

// kind is the kind of what the message holds, in the Bot API's words.
func (m *message) kind() string {
	switch {
	case m.file != nil:
		return m.file.kind
	case m.contact != nil:
		return "contact"
	case m.location != nil:
		return "location"
	case m.poll != nil:
		return "poll"
	}
	return "text"
}

// byBot says whether the message is the bot's own.
func (m *message) byBot(tg *Telegram) bool { return m.from == tg.bot }

// add puts messages into a chat: ids, date, topic, screens, events. The chat and
// content are set already.
func (tg *Telegram) add(c *chat, messages ...*message) {
	now := tg.now()
	for _, m := range messages {
		counter := &c.nextID
		if c.kind != supergroup {
			counter = &tg.nextMessage
		}
		m.chat, m.id, m.date = c, *counter, now
		*counter++
		if m.reply == nil && m.topic {
			m.reply, m.replyRoot = c.byID[m.thread], true
		}
		if m.reply != nil && m.thread == 0 && c.kind == supergroup && !c.forum {
			m.thread = cmp.Or(m.reply.thread, m.reply.id) // replies make threads
		}
		tg.seq++
		m.seq = tg.seq
		c.messages = append(c.messages, m)
		c.byID[m.id] = m
		if m.byBot(tg) {
			c.action = ""
		}
		tg.announce(EventMessage, m)
	}
	c.changed.fire()
}

// announce publishes an event about a message, if anybody listens.
func (tg *Telegram) announce(kind EventKind, m *message) {
	if !tg.hub.watched() {
		return
	}
	view := tg.view(m)
	tg.hub.Publish(Event{Kind: kind, At: tg.now(), ChatID: m.chat.id, MessageID: m.id, UserID: view.FromID, Message: &view})
}
