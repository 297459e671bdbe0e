package conversation

import "intakebot/incident"

// Effect is something that the caller of Next must do.
type Effect interface{ effect() }

// Say sends a message to the person.
type Say struct{ Message }

// Toast answers the press of an inline button (Bot API, answerCallbackQuery).
type Toast struct {
	Text string // at most 200 characters; "" just stops the spinner
}

// GiveConsent records that the person agreed to the text of that version.
type GiveConsent struct{ Version string }

// Register files the report. Its number is told by Dialogue.Registered in the
// same transaction.
type Register struct {
	DraftID     string
	Answers     incident.Answers
	Attachments []incident.Attachment
}

// Do does something to a registered incident of the person; ID makes it
// unique. What comes of it is told by Dialogue.Notice in the same transaction,
// except of an addition, which the dialogue itself acknowledges.
type Do struct {
	ID          string
	Number      incident.Number
	Action      incident.Action
	Text        string
	Attachments []incident.Attachment
	// MessageID is the person's message that is passed on, 0 for a press.
	MessageID int
	// Album is that of the message, "" if none.
	Album string
}

// Escalate queues the letter to УИТ; ID makes it unique.
type Escalate struct {
	ID     string
	Number incident.Number
	State  string // the current state of the repair
}

// Forget erases all that is kept of the person, as incident.Forgotten says; the
// end of it is told by Dialogue.Forgotten.
type Forget struct{}

func (Say) effect()         {}
func (Toast) effect()       {}
func (GiveConsent) effect() {}
func (Register) effect()    {}
func (Do) effect()          {}
func (Escalate) effect()    {}
func (Forget) effect()      {}

// Message is one message to a person or to the desk.
type Message struct {
	// HTML is the text in Telegram's HTML (Bot API, «HTML style»); every
	// value from outside is escaped.
	HTML string `json:"html"`
	// Buttons are rows of inline buttons; with Contact they stand on the
	// reply keyboard instead.
	Buttons [][]Button `json:"buttons,omitempty"`
	// Contact shows the reply keyboard with a button that sends the person's
	// own number. One message has one markup, so there are no inline buttons
	// beside it.
	Contact bool `json:"contact,omitempty"`
	// RemoveKeyboard takes the reply keyboard away.
	RemoveKeyboard bool `json:"remove_keyboard,omitempty"`
	// About names the one incident that the message is about, so that a
	// reply to it is known to be about that incident; "" for others.
	About incident.Number `json:"about,omitempty"`
	// Prompt says that a later prompt makes this one needless while it is
	// unsent.
	Prompt bool `json:"prompt,omitempty"`
	// Refusal is what of a prompt no later one makes needless: that something
	// sent was not taken. HTML, "" if none.
	Refusal string `json:"refusal,omitempty"`
}

// Style colours a button (Bot API, InlineKeyboardButton.style).
type Style string

// The styles in use.
const (
	Plain   Style = ""
	Success Style = "success" // green
	Danger  Style = "danger"  // red
	Primary Style = "primary" // blue
)

// Button is a button under a message. Data is what its press brings back, 1 to
// 64 bytes.
type Button struct {
	Label string `json:"label"`
	Data  string `json:"data"`
	Style Style  `json:"style,omitempty"`
}
