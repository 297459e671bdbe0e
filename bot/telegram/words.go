package telegram

import (
	"strings"

	"intakebot/conversation"
)

// Entity is a mark in a text (Bot API, MessageEntity), of which the addresses
// under words are read. It is counted in UTF-16 units.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url"`
}

// Quote is the part of another message that a reply quotes (Bot API, TextQuote).
type Quote struct {
	Text     string   `json:"text"`
	Entities []Entity `json:"entities"`
}

// Origin is where a message was first written (Bot API, MessageOrigin).
type Origin struct {
	User      *User  `json:"sender_user"`
	Name      string `json:"sender_user_name"` // of somebody whose account is not shown
	Group     *Chat  `json:"sender_chat"`
	Channel   *Chat  `json:"chat"`
	Signature string `json:"author_signature"`
}

// External is a message of another chat that a reply answers (Bot API,
// ExternalReplyInfo). Of its words only the quotation comes.
type External struct {
	Origin *Origin `json:"origin"`
	// Chat and MessageID say where it is, when it is in a group or a channel.
	Chat      *Chat `json:"chat"`
	MessageID int   `json:"message_id"`
	Media
}

// Words are all that can be read of a message: its text or caption with the
// addresses that stand under words, or what a formatted text says.
func (m *Content) Words() string {
	switch {
	case m.Text != "":
		return withLinks(m.Text, m.Entities)
	case m.Caption != "":
		return withLinks(m.Caption, m.CaptionEntities)
	}
	return richWords(m.Rich)
}

// Quoted is what a message quotes, "" if nothing. A quotation from another chat
// begins with whose words they are.
func (m *Content) Quoted() string {
	said := ""
	if m.Quote != nil {
		said = withLinks(m.Quote.Text, m.Quote.Entities)
	}
	if m.External == nil {
		return said
	}
	if from := m.External.Origin.name(); from != "" {
		return strings.TrimSpace(from + ":\n" + said)
	}
	return said
}

// ForwardedFrom names where a message was forwarded from, "" for the sender's
// own words.
func (m *Content) ForwardedFrom() string {
	if o := m.Origin; o != nil && o.User != nil && m.From != nil && o.User.ID == m.From.ID {
		return ""
	}
	return m.Origin.name()
}

func (o *Origin) name() string {
	switch {
	case o == nil:
		return ""
	case o.User != nil:
		return strings.TrimSpace(o.User.FirstName + " " + o.User.LastName)
	case o.Name != "":
		return o.Name
	case o.Group != nil:
		return signed(o.Group.Title, o.Signature)
	case o.Channel != nil:
		return signed(o.Channel.Title, o.Signature)
	}
	return o.Signature
}

func signed(title, author string) string {
	if title == "" || author == "" {
		return title + author
	}
	return title + " (" + author + ")"
}

func withLinks(text string, marks []Entity) string {
	var links []conversation.Link
	for _, m := range marks {
		if m.Type == "text_link" && m.URL != "" {
			links = append(links, conversation.Link{Offset: m.Offset, Length: m.Length, URL: m.URL})
		}
	}
	if len(links) == 0 {
		return text
	}
	return conversation.WithLinks(text, links)
}
