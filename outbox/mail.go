package outbox

import (
	"strconv"
	"strings"
	"time"

	"intakebot/incident"
)

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

// MailAnswer is what an answer to our letters changes.
type MailAnswer struct {
	Mail   int64 // ReceivedMail.ID
	Number incident.Number
	// Seq is the escalation that it answers, 0 for the last one.
	Seq int
	// Entry is the line of the history; Key makes it unique.
	Entry incident.Entry
	Key   string
	// Automatic: a machine wrote it, so nobody has answered yet.
	Automatic bool
	// Theirs is the number under which the other side has registered the
	// incident, Domain that of its sender; "" when the letter names none.
	Theirs, Domain string
}

// MailReport is what a mail server tells of a letter of ours.
type MailReport struct {
	Mail   int64
	Number incident.Number
	Kind   LetterKind
	Seq    int
	// LetterKey is the key of the letter's row.
	LetterKey string
	Fate      MailFate
	At        time.Time
	Problem   string // why it came back or is late
}

// MailFate is what became of a letter behind our relay.
type MailFate string

// The fates.
const (
	MailReturned MailFate = "returned"
	MailDelayed  MailFate = "delayed"
	MailReceived MailFate = "received"
)

// Cut says that Raw is only the beginning of the letter.
func (m ReceivedMail) Cut() bool { return int64(len(m.Raw)) < m.Size }

// MailMemo is the memo of a message in the group that shows a held letter.
func MailMemo(id int64) string { return "mail:" + strconv.FormatInt(id, 10) }

// MailOfMemo reads it.
func MailOfMemo(memo string) (id int64, ok bool) {
	text, ok := strings.CutPrefix(memo, "mail:")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil
}
