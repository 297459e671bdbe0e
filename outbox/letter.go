package outbox

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// LetterKind says what a letter is for.
type LetterKind string

// The kinds of letters.
const (
	SupportCopy      LetterKind = "support"    // the copy of a registered incident to support
	EscalationLetter LetterKind = "escalation" // to the second line
	ClosingLetter    LetterKind = "closing"    // to the second line, that an escalated incident is solved
	TrialLetter      LetterKind = "trial"      // shows that letters arrive
	AlarmLetter      LetterKind = "alarm"      // to whoever looks after the bot; about no incident
)

// Letter is a rendered letter: the same bytes on every attempt.
type Letter struct {
	// Key is that of its row (Message.Key), "" for a letter of no row. It
	// stands in the row, not in the body.
	Key  string     `json:"-"`
	Kind LetterKind `json:"kind"`
	// Seq is the escalation's, or the solution's of a closing letter; 0 for a
	// copy.
	Seq int `json:"seq,omitempty"`
	// Reporter is the private chat of the person whom the letter concerns.
	Reporter int64  `json:"reporter"`
	From     string `json:"from"` // envelope sender, a bare address
	To       string `json:"to"`   // the one recipient, a bare address
	// MessageID is without angle brackets.
	MessageID string `json:"message_id"`
	// Text is the plain-text part, to be shown when the letter cannot go.
	Text string `json:"text"`
	// Raw is the whole message, RFC 5322, lines end in CRLF.
	Raw []byte `json:"raw,omitempty"`
}

// Encode returns the letter as Message.Body keeps it: a line of JSON, and Raw
// as it is behind it. Within the JSON a letter with files would take a third
// more, and several copies of it in memory.
func (l Letter) Encode() []byte {
	raw := l.Raw
	l.Raw = nil
	head, err := json.Marshal(l)
	if err != nil {
		panic(fmt.Sprintf("encode a letter: %v", err)) // strings and numbers have a JSON form
	}
	body := make([]byte, 0, len(head)+1+len(raw))
	return append(append(append(body, head...), '\n'), raw...)
}

// DecodeLetter reads what Encode wrote, and the form of releases before 0.9,
// which had Raw within the JSON. The letter shares the memory of body.
func DecodeLetter(body []byte) (Letter, error) {
	head, raw, split := bytes.Cut(body, []byte("\n"))
	var l Letter
	if err := json.Unmarshal(head, &l); err != nil {
		return Letter{}, fmt.Errorf("read a letter of the outbox: %w", err)
	}
	if split {
		l.Raw = raw
	}
	return l, nil
}
