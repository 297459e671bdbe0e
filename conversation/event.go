package conversation

import (
	"strings"
	"time"

	"intakebot/incident"
)

// Input is everything that one turn depends on besides the state.
type Input struct {
	At time.Time
	// NewID is an identifier never used before; it names what this turn may
	// begin (a draft, an escalation). Letters and digits, at most 32.
	NewID string
	// Reporter is what the register knows of the person.
	Reporter incident.Reporter
	// About is the incident to whose message this one is a reply, or to which
	// the edited message was added; "" if none.
	About incident.Number
	// More: the next message of the person, a Text or Media, is here already.
	// What this one says is kept, and both are answered together.
	More  bool
	Event Event
}

// Event is what happened in the chat.
type Event interface{ event() }

// Text is a typed message.
type Text struct {
	MessageID int
	// Text is all that can be read of it, of a formatted paste (rich_message)
	// too; an address under a word is written out, see WithLinks.
	Text string
	// Quote is the part of another message that this one answers; "" if it
	// quotes none.
	Quote string
	// ForwardedFrom names where it was forwarded from; "" for the person's own.
	ForwardedFrom string
}

// Edited is a message whose text or caption was changed afterwards. One without
// words (Text "") changes nothing: Telegram tells of reactions and previews as
// edits, and not every kind of message can be read.
type Edited struct {
	MessageID int
	Text      string
	// Quote and ForwardedFrom are as those of Text.
	Quote, ForwardedFrom string
	Attachment           *incident.Attachment // its file, nil if it has none
	At                   int                  // Unix time
}

// words are the text with what it answers and where it came from, as a part of
// a description has them.
func (e Edited) words() string { return text(WithOrigin(e.Quote, e.ForwardedFrom, e.Text)) }

// Command is a message that begins with a command of ours.
type Command struct {
	Name      string // without the slash, lower case
	Args      string // the rest, trimmed
	MessageID int
}

// ReadCommand reads «/name@bot arguments»; ok is false for another text. A
// private chat has only one bot in it, so the bot's name says nothing.
func ReadCommand(text string) (c Command, ok bool) {
	name, ok := strings.CutPrefix(text, "/")
	if !ok {
		return c, false
	}
	args := ""
	if i := strings.IndexAny(name, " \n\t"); i >= 0 {
		name, args = name[:i], strings.TrimSpace(name[i:])
	}
	name, _, _ = strings.Cut(name, "@")
	if name == "" || len(name) > 32 || strings.ContainsAny(name, "/.") {
		return c, false
	}
	return Command{Name: strings.ToLower(name), Args: args}, true
}

// Press is the press of an inline button.
type Press struct{ Data string }

// Contact is a shared contact.
type Contact struct {
	MessageID int
	Phone     string
	Own       bool // it is the sender's own
	Name      string
}

// words are the contact as a text.
func (c Contact) words() string {
	phone := "+" + strings.TrimPrefix(line(c.Phone), "+")
	if name := line(c.Name); name != "" {
		return "Контакт: " + name + ", " + phone
	}
	return "Контакт: " + phone
}

// Media is a file with or without a caption.
type Media struct {
	MessageID  int
	Caption    string // as Text.Text
	Attachment incident.Attachment
	// Quote and ForwardedFrom are as those of Text.
	Quote, ForwardedFrom string
	// Album is the same for all the parts of one, "" for a single file.
	Album string
}

// Unsupported is a message of a kind that no question can use: a sticker, a
// location, a poll.
type Unsupported struct{}

// Remind says that the draft ends at that time and nobody has touched it.
type Remind struct{ ExpiresAt time.Time }

func (Text) event()        {}
func (Edited) event()      {}
func (Command) event()     {}
func (Press) event()       {}
func (Contact) event()     {}
func (Media) event()       {}
func (Unsupported) event() {}
func (Remind) event()      {}
