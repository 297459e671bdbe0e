package outbox

import "time"

// MailPlace is where a letter lies on the IMAP server (RFC 9051, 2.3.1.1).
type MailPlace struct {
	Folder      string
	UIDValidity uint32
	UID         uint32
}

// ReceivedMail is a letter that came back to us.
type ReceivedMail struct {
	ID    int64 // ours, 0 before it is stored
	Place MailPlace
	// MessageID is without angle brackets, "" when the letter has none.
	MessageID string
	// Raw is the letter as it came; when it is longer than what we take, its
	// beginning. Size is that of the whole letter.
	Raw        []byte
	Size       int64
	ReceivedAt time.Time
	// Attempts counts the failed attempts to work on it.
	Attempts int
}

// Cut says that Raw is only the beginning of the letter.
func (m ReceivedMail) Cut() bool { return int64(len(m.Raw)) < m.Size }
