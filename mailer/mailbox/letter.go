package mailbox

import (
	"net/mail"
	"time"
)

// Letter is a letter that was read.
type Letter struct {
	// MessageID, InReplyTo and References are without angle brackets.
	MessageID  string
	InReplyTo  []string
	References []string // oldest first
	From       mail.Address
	// ReturnPath is the envelope's sender; "<>" for none, "" when unknown.
	ReturnPath string
	Subject    string
	Date       time.Time // zero when unknown
	// Incident is the value of X-Incident-Number.
	Incident string
	// Text is the whole text, made of the HTML part when there is no other.
	Text  string
	Files []File
	// Cut says that the letter is longer than what was read: files may be
	// missing.
	Cut bool
	// Report is what a mail server says of a letter of ours, nil in a letter
	// that is no delivery report.
	Report *Report
	// Receipt says that the letter is a disposition notification: somebody
	// has opened a letter, or deleted it (RFC 8098).
	Receipt bool

	automatic      bool
	daemon         bool     // a mail server's own address wrote it
	quoted         []string // Message-IDs that a daemon names in its own words
	authentication []string // Authentication-Results, the latest first
}

// File is a file that came with a letter.
type File struct {
	Name string // never empty
	Type string // its media type
	Data []byte
}

// Kind says what a letter is.
type Kind string

// The kinds.
const (
	Answer    Kind = "answer"
	AutoReply Kind = "auto_reply"      // a machine answers: «зарегистрировано за № …», out of office
	Delivery  Kind = "delivery_report" // a mail server tells what became of a letter
	Own       Kind = "own"             // a letter of ours that came back as it was
)
