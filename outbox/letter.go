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

// Encode returns the letter as Message.Body keeps it: Raw as it is, and a line of
// JSON behind it. Within the JSON a letter with files would take a third more, and
// several copies of it in memory; this is none when Raw has room behind it (see
// EncodeRoom), which it takes.
func (l Letter) Encode() []byte {
	raw := l.Raw
	l.Raw = nil
	tail, err := json.Marshal(l)
	if err != nil {
		panic(fmt.Sprintf("encode a letter: %v", err)) // strings and numbers have a JSON form
	}
	return append(append(raw, '\n'), tail...)
}

// EncodeRoom is how many bytes Encode puts behind the Raw of a letter with that
// text, as a rule.
func EncodeRoom(text string) int { return 2*len(text) + 4096 }

// DecodeLetter reads what Encode wrote, and the form of earlier releases, which
// had Raw within the JSON. The letter shares the memory of body.
func DecodeLetter(body []byte) (Letter, error) {
	end := bytes.LastIndexByte(body, '\n') // there is none in JSON
	var l Letter
	if err := json.Unmarshal(body[end+1:], &l); err != nil {
		return Letter{}, fmt.Errorf("read a letter of the outbox: %w", err)
	}
	if end > 0 {
		l.Raw = body[:end:end]
	}
	return l, nil
}
