package mailer

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"intakebot/incident"
	"intakebot/outbox"
)

// envelope is everything about a letter except its page.
type envelope struct {
	kind       outbox.LetterKind
	seq        int
	incident   incident.Incident
	from, to   string
	toWhat     string // names the recipient in an error
	subject    string
	date       time.Time
	messageID  string
	references []string // earlier Message-IDs, oldest first
	// answersHere: the sender's box gets the answers, too.
	answersHere bool
	// automatic: no person pressed a button for this very letter (RFC 3834).
	automatic bool
	// files go with the letter, but for those that are left out.
	files []incident.File
}

// render makes the bytes of the letter. Both parts are base64: it passes every
// relay, which quoted-printable Cyrillic does too, but it is a third shorter
// and has no lines to wrap, no dots to double and no blanks to lose. All is
// 7-bit, so neither 8BITMIME nor SMTPUTF8 is needed.
func (e envelope) render(p page) (outbox.Letter, error) {
	from, err := address("sender", e.from)
	if err != nil {
		return outbox.Letter{}, err
	}
	to, err := address("recipient, "+e.toWhat+",", e.to)
	if err != nil {
		return outbox.Letter{}, err
	}
	for _, id := range append([]string{e.messageID}, e.references...) {
		if !ascii(id) || strings.ContainsAny(id, "<>") {
			return outbox.Letter{}, fmt.Errorf("mailer: %q cannot be a Message-ID", id)
		}
	}
	html, err := p.html()
	if err != nil {
		return outbox.Letter{}, fmt.Errorf("mailer: render the HTML part: %w", err)
	}
	text := p.plain()

	msg := e.headers(from, to)
	msg.SetBodyString(gomail.TypeTextPlain, crlf(text))
	msg.AddAlternativeString(gomail.TypeTextHTML, crlf(html))
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return outbox.Letter{}, fmt.Errorf("mailer: render the letter: %w", err)
	}
	letter := raw.Bytes()
	if carries(e.files) {
		// Not the boundary of the inner parts, and with a hyphen too.
		letter = attach(letter, "files-"+boundaryOf(e.messageID), e.files, outbox.EncodeRoom(text))
	}
	return outbox.Letter{
		Kind:      e.kind,
		Seq:       e.seq,
		Reporter:  e.incident.Reporter,
		From:      from.Address,
		To:        to.Address,
		MessageID: e.messageID,
		Text:      text,
		Raw:       letter,
	}, nil
}

// replyTo are those who get an answer, the person first.
func (e envelope) replyTo(from *mail.Address) (all []*mail.Address) {
	if reporter := replyTo(e.incident); reporter != nil {
		all = append(all, reporter)
		if e.answersHere {
			all = append(all, &mail.Address{Address: from.Address})
		}
	}
	return all
}

// headers makes the message with everything but its body. Whatever comes from
// a person is on one line before it gets here; the library encodes the rest
// (RFC 2047).
func (e envelope) headers(from, to *mail.Address) *gomail.Msg {
	msg := gomail.NewMsg(
		gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingB64),
		// A boundary with a hyphen cannot occur in base64.
		gomail.WithBoundary("letter-"+boundaryOf(e.messageID)),
		gomail.WithNoDefaultUserAgent(),
	)
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, from)
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, to)
	if reply := e.replyTo(from); len(reply) > 0 {
		msg.SetAddrHeaderFromMailAddress(gomail.HeaderReplyTo, reply...)
	}
	msg.Subject(oneLine(e.subject))
	msg.SetDateWithValue(e.date)
	msg.SetMessageIDWithValue(e.messageID)
	if n := len(e.references); n > 0 {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+e.references[n-1]+">")
		msg.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(e.references, "> <")+">")
	}
	if e.incident.Number != "" {
		msg.SetGenHeader("X-Incident-Number", oneLine(e.incident.Number.String()))
	}
	if e.automatic {
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	return msg
}

// boundaryOf keeps what a boundary may hold without quotes (RFC 2045, token),
// in no more than the 70 characters of RFC 2046, 5.1.1.
func boundaryOf(id string) string {
	id, _, _ = strings.Cut(id, "@")
	kept := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '.' {
			return r
		}
		return -1
	}, id)
	return kept[:min(len(kept), 60)]
}

// crlf ends lines as mail wants them inside the encoding too (RFC 2046, 4.1.1).
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
