package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Message is a message as a person sees it at one moment.
type Message struct {
	ID         int         `json:"id"`
	ChatID     int64       `json:"chatId"`
	Thread     int         `json:"thread,omitempty"`
	FromBot    bool        `json:"fromBot,omitempty"` // from the bot under test
	FromID     int64       `json:"fromId"`
	From       string      `json:"from"` // the name on the screen
	Text       string      `json:"text,omitempty"`
	Caption    string      `json:"caption,omitempty"`
	HTML       string      `json:"html,omitempty"` // text or caption with its marks
	Entities   []Entity    `json:"entities,omitempty"`
	Date       time.Time   `json:"date"`
	Edited     time.Time   `json:"edited,omitzero"`
	ReplyTo    int         `json:"replyTo,omitempty"` // chosen by the sender, never a topic's root
	Buttons    [][]Button  `json:"buttons,omitempty"` // inline
	Attachment *Attachment `json:"attachment,omitempty"`
	Album      string      `json:"album,omitempty"`
	Contact    *Contact    `json:"contact,omitempty"`
	Location   *Location   `json:"location,omitempty"`
	Poll       *Poll       `json:"poll,omitempty"`
	Service    string      `json:"service,omitempty"` // a service message in words
	Reactions  []Reaction  `json:"reactions,omitempty"`
	Forwarded  bool        `json:"forwarded,omitempty"`
	Quote      string      `json:"quote,omitempty"` // the part of the message that is replied to
	Rich       bool        `json:"rich,omitempty"`  // Text is what a rich_message says
	Silent     bool        `json:"silent,omitempty"`
	Protected  bool        `json:"protected,omitempty"`
	Pinned     bool        `json:"pinned,omitempty"`

	seq int64
}

// Attachment is a file of a message; Telegram.FileData has its content.
type Attachment struct {
	Kind     string `json:"kind"` // photo, document, video, voice, audio, animation, video_note, sticker
	FileID   string `json:"fileId"`
	Name     string `json:"name,omitempty"`
	MIME     string `json:"mime,omitempty"`
	Size     int64  `json:"size"`
	Duration int    `json:"duration,omitempty"` // seconds
}

// Body is the text, or the caption of a file.
func (m Message) Body() string {
	if m.Attachment != nil {
		return m.Caption
	}
	return m.Text
}

// FirstLine is the first line of the body.
func (m Message) FirstLine() string {
	line, _, _ := strings.Cut(m.Body(), "\n")
	return line
}

// Button is the inline button whose label contains the text, or nil.
func (m Message) Button(label string) *Button { return findButton(m.Buttons, label) }

func (tg *Telegram) view(m *message) Message {
	v := Message{
		ID: m.id, ChatID: m.chat.id, Thread: m.thread, FromBot: m.byBot(tg), FromID: m.from.ID, From: m.from.name(),
		Text: m.text, HTML: renderHTML(m.text, m.entities), Entities: m.entities, Date: m.date, Edited: m.edited,
		Buttons: m.inline, Album: m.album, Contact: m.contact, Location: m.location, Poll: m.poll,
		Service: m.service.describe(), Reactions: m.reactions, Forwarded: m.origin != nil,
		Silent: m.silent, Protected: m.protected, Pinned: slices.Contains(m.chat.pinned, m.id), seq: m.seq,
	}
	if m.as != nil {
		v.FromID, v.From = m.as.ID, m.as.Title
	}
	if m.rich != "" {
		v.Text, v.HTML, v.Rich = m.rich, renderHTML(m.rich, nil), true
	}
	if quote, is := m.extra["quote"].(map[string]any); is {
		v.Quote, _ = quote["text"].(string)
	}
	if m.repliesTo() != nil && !m.replyRoot {
		v.ReplyTo = m.reply.id
	}
	if m.file != nil {
		f := m.file.best()
		v.Text, v.Caption = "", m.text
		v.Attachment = &Attachment{Kind: f.kind, FileID: f.id, Name: f.name, MIME: f.mime, Size: f.size, Duration: f.duration}
	}
	return v
}

// Messages is what the chat shows now, oldest first.
func (a *Actor) Messages() []Message {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.messages()
}

func (a *Actor) messages() []Message {
	c := a.room()
	views := make([]Message, 0, len(c.messages))
	for _, m := range c.messages {
		views = append(views, a.tg.view(m))
	}
	return views
}

// Message is the message with this id, if the chat shows it.
func (a *Actor) Message(id int) (Message, bool) {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	if m := a.room().byID[id]; m != nil {
		return a.tg.view(m), true
	}
	return Message{}, false
}

// Last is the newest message of the bot; the zero Message if there is none.
func (a *Actor) Last() Message {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	c := a.room()
	for i := len(c.messages) - 1; i >= 0; i-- {
		if m := c.messages[i]; m.byBot(a.tg) {
			return a.tg.view(m)
		}
	}
	return Message{}
}

// ReplyKeyboard is the reply keyboard that the actor's screen shows, nil if
// there is none. It stays until another one, ReplyKeyboardRemove, or a press if
// it is a one-time keyboard.
func (a *Actor) ReplyKeyboard() *Keyboard {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	shown := a.room().keyboards[a.person.ID()]
	if shown == nil {
		return nil
	}
	k := *shown
	return &k
}

// Toasts are the answers to the actor's presses, oldest first; an answer without
// text is among them.
func (a *Actor) Toasts() []Toast {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.toasts()
}

func (a *Actor) toasts() []Toast {
	var own []Toast
	for _, t := range a.room().toasts {
		if t.UserID == a.person.account.ID {
			own = append(own, t)
		}
	}
	return own
}

// Screen is the chat as text: what people say after "> ", what the bot says as
// it is, buttons in [brackets], and the reply keyboard at the end in {braces}.
func (a *Actor) Screen() string {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.screen()
}

func (a *Actor) screen() string {
	var out strings.Builder
	c := a.room()
	for _, m := range c.messages {
		v := a.tg.view(m)
		v.write(&out, !c.isPrivate())
	}
	if k := c.keyboards[a.person.account.ID]; k != nil {
		writeRows(&out, k.Rows, "{", "}")
	}
	for _, t := range a.toasts() {
		if t.Text != "" {
			fmt.Fprintf(&out, "(%s)\n", t.Text)
		}
	}
	return out.String()
}

// write renders one message for Screen.
func (m Message) write(out *strings.Builder, named bool) {
	text := strings.TrimSpace(m.content() + " " + m.Body())
	switch {
	case m.Service != "":
		text = "— " + m.Service
	case !m.FromBot && named:
		text = "> " + m.From + ": " + strings.ReplaceAll(text, "\n", "\n> ")
	case !m.FromBot:
		text = "> " + strings.ReplaceAll(text, "\n", "\n> ")
	}
	for _, r := range m.Reactions {
		text += " " + r.Emoji
	}
	out.WriteString(text + "\n")
	writeRows(out, m.Buttons, "[", "]")
}

// content names what is no text.
func (m Message) content() string {
	switch {
	case m.Attachment != nil && m.Attachment.Name != "":
		return "<" + m.Attachment.Kind + " " + m.Attachment.Name + ">"
	case m.Attachment != nil:
		return "<" + m.Attachment.Kind + ">"
	case m.Contact != nil:
		return "<contact " + strings.TrimSpace(m.Contact.FirstName+" "+m.Contact.LastName) + " " + m.Contact.Phone + ">"
	case m.Location != nil:
		return "<location>"
	case m.Poll != nil:
		return "<poll " + m.Poll.Question + ">"
	}
	return ""
}

func writeRows(out *strings.Builder, rows [][]Button, left, right string) {
	for _, row := range rows {
		out.WriteString("   ")
		for _, b := range row {
			out.WriteString(" " + left + b.Text + right)
		}
		out.WriteString("\n")
	}
}
