package conversation

import (
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
	Event Event
}

// Event is what happened in the chat.
type Event interface{ event() }

// Text is a typed message.
type Text struct {
	MessageID int
	Text      string
}

// Edited is a message whose text or caption was changed afterwards.
type Edited struct {
	MessageID int
	Text      string
	At        int // Unix time
}

// Command is a message that begins with a command of ours.
type Command struct {
	Name string // without the slash, lower case
	Args string // the rest, trimmed
}

// Press is the press of an inline button.
type Press struct{ Data string }

// Contact is a shared contact.
type Contact struct {
	MessageID int
	Phone     string
	Own       bool // it is the sender's own
}

// Media is a file with or without a caption.
type Media struct {
	MessageID  int
	Caption    string
	Attachment incident.Attachment
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
