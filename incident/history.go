package incident

import "time"

// Kind says what happened in a history entry.
type Kind string

// What happens to incidents.
const (
	KindRegistered    Kind = "registered"
	KindAdded         Kind = "added"          // the reporter added text or files
	KindEscalated     Kind = "escalated"      // a letter to УИТ was queued
	KindLetterSent    Kind = "letter_sent"    // a mail server accepted a letter
	KindLetterRefused Kind = "letter_refused" // a mail server refused a letter for good
)

var kindNames = map[Kind]string{
	KindRegistered:    "Зарегистрировано",
	KindAdded:         "Дополнено заявителем",
	KindEscalated:     "Эскалировано в УИТ",
	KindLetterSent:    "Письмо принято почтовым сервером",
	KindLetterRefused: "Письмо не принято почтовым сервером",
}

// String returns the kind in the words that people see.
func (k Kind) String() string { return kindNames[k] }

// Side says who did something.
type Side string

// The sides.
const (
	ByReporter Side = "reporter"
	ByDesk     Side = "desk"
	BySystem   Side = "system"
)

// Entry is one line of an incident's history.
type Entry struct {
	At   time.Time
	Kind Kind
	By   Side
	// Name is the member of the desk who did it; "" for the other sides.
	Name string
	// Text is what was said or added, "" when the kind says it all.
	Text        string
	Attachments []Attachment
}

// Addition is what the reporter sends to an incident already registered.
type Addition struct {
	// ID makes the addition unique: added twice, it is kept once.
	ID          string
	Number      Number
	Reporter    int64
	Text        string
	Attachments []Attachment
	At          time.Time
}
