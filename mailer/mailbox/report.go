package mailbox

import (
	"bufio"
	"bytes"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message/textproto"
)

// Action says what became of a letter (RFC 3464, 2.3.3).
type Action string

// The actions, the gravest first.
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed"
	Relayed   Action = "relayed"   // handed to a server that sends no reports
	Expanded  Action = "expanded"  // handed to the members of a list
	Delivered Action = "delivered" // it lies in the recipient's box
)

// gravity orders the actions: what is told of a letter is the worst of what the
// report tells of its recipients.
var gravity = map[Action]int{Failed: 5, Delayed: 4, Relayed: 3, Expanded: 2, Delivered: 1}

// Report is what a mail server says of a letter (RFC 3464, RFC 6533).
type Report struct {
	Action    Action
	Recipient string
	// Status is the enhanced status code, «5.1.1»; Diagnostic what the other
	// server said.
	Status     string
	Diagnostic string
	At         time.Time // of the last attempt, or of the report
	// RetryUntil is until when a delayed letter is tried; zero when the report
	// does not say it.
	RetryUntil time.Time
	// Original is the Message-ID of the letter, Incident its X-Incident-Number;
	// "" when the report does not name them.
	Original, Incident string
}

// status reads a delivery-status: the fields of the letter, then those of each
// recipient.
func (l *Letter) status(data []byte) {
	r := &Report{}
	if l.Report != nil {
		r = l.Report
	}
	for _, h := range blocks(data) {
		action := Action(strings.ToLower(strings.TrimSpace(comment(h.Get("Action")))))
		if gravity[action] <= gravity[r.Action] {
			continue
		}
		r.Action = action
		r.Recipient = typed(first(nonEmpty(h.Get("Final-Recipient"), h.Get("Original-Recipient"))))
		r.Status = strings.TrimSpace(comment(h.Get("Status")))
		r.Diagnostic = oneLine(headerText(typed(h.Get("Diagnostic-Code"))))
		r.At = date(first(nonEmpty(h.Get("Last-Attempt-Date"), l.at())))
		r.RetryUntil = date(h.Get("Will-Retry-Until"))
	}
	if r.Action == "" {
		return // it reports nothing
	}
	l.Report = r
}

func (l *Letter) at() string {
	if l.Date.IsZero() {
		return ""
	}
	return l.Date.Format(time.RFC1123Z)
}

// blocks are the groups of fields that empty lines part.
func blocks(data []byte) (all []textproto.Header) {
	text := strings.ReplaceAll(guess(data), "\r\n", "\n")
	for block := range strings.SplitSeq(text, "\n\n") {
		block = strings.TrimSpace(block)
		if block == "" {
			continue
		}
		h, err := readHeader([]byte(block + "\n\n"))
		if err == nil {
			all = append(all, h)
		}
	}
	return all
}

func readHeader(data []byte) (textproto.Header, error) {
	h, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(data)))
	if err != nil {
		h, err = textproto.ReadHeader(bufio.NewReader(bytes.NewReader(mend(data))))
	}
	return h, err
}

// isReturned says that a part of a report holds the letter that it tells of, or
// its header.
func isReturned(kind string) bool {
	switch kind {
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers":
		return true
	}
	return false
}

// headerOf reads the header of a letter that is quoted as a whole or by its
// header.
func headerOf(data []byte) textproto.Header {
	h, err := readHeader(append(bytes.TrimLeft(data, "\r\n"), "\r\n\r\n"...))
	if err != nil {
		return textproto.Header{}
	}
	return h
}

// typed leaves out the type that stands before a value: «rfc822; box@host».
func typed(value string) string {
	if kind, rest, ok := strings.Cut(value, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " @") {
		value = rest
	}
	return strings.TrimSpace(value)
}

// comment leaves out what stands in brackets behind a value.
func comment(value string) string {
	value, _, _ = strings.Cut(value, "(")
	return value
}

func nonEmpty(values ...string) (kept []string) {
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

func date(value string) time.Time {
	at, err := mail.ParseDate(strings.TrimSpace(value))
	if err != nil {
		return time.Time{}
	}
	return at
}
