package simulator

import (
	"bytes"
	"io"
	"mime"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Letter is one mail transaction that the sink accepted.
type Letter struct {
	From     string    // envelope sender, MAIL FROM
	To       []string  // envelope recipients, RCPT TO
	Raw      []byte    // the letter as it came, with CRLF, without dot stuffing
	At       time.Time // by MailOptions.Now
	TLS      bool      // it came over an encrypted connection
	User     string    // authenticated as; "" without authentication
	SMTPUTF8 bool      // MAIL asked for SMTPUTF8 (RFC 6531)
}

// LetterFile is an attachment of a letter.
type LetterFile struct {
	Name, Type string
	Data       []byte
}

// Header is a header field, decoded (RFC 2047); "" if the letter has none.
func (l Letter) Header(name string) string {
	raw := l.header().Get(name)
	text, err := (&mime.WordDecoder{CharsetReader: gomessage.CharsetReader}).DecodeHeader(raw)
	if err != nil {
		return raw
	}
	return text
}

// HasHeader says whether the letter has the header field, and Headers how often
// and with what.
func (l Letter) HasHeader(name string) bool { return len(l.Headers(name)) > 0 }

// Headers are all values of a header field, decoded where possible.
func (l Letter) Headers(name string) []string {
	var values []string
	fields := l.header().FieldsByKey(name)
	for fields.Next() {
		text, err := fields.Text()
		if err != nil {
			text = fields.Value()
		}
		values = append(values, text)
	}
	return values
}

// Subject is the decoded subject.
func (l Letter) Subject() string { return l.Header("Subject") }

// MessageID is the Message-ID without its angle brackets.
func (l Letter) MessageID() string {
	return strings.Trim(strings.TrimSpace(l.Header("Message-ID")), "<>")
}

// Text is the first text/plain part, decoded, with lines ended by \n; "" if there
// is none.
func (l Letter) Text() string { return l.inline("text/plain") }

// HTML is the first text/html part, decoded.
func (l Letter) HTML() string { return l.inline("text/html") }

// Attachments are the parts that are to be saved, in order.
func (l Letter) Attachments() []LetterFile {
	var files []LetterFile
	l.parts(func(p *mail.Part, body []byte) bool {
		if h, ok := p.Header.(*mail.AttachmentHeader); ok {
			name, _ := h.Filename()
			kind, _, _ := h.ContentType()
			files = append(files, LetterFile{name, kind, body})
		}
		return true
	})
	return files
}

func (l Letter) header() *gomessage.Header {
	e, err := gomessage.Read(bytes.NewReader(l.Raw))
	if e == nil || err != nil && !gomessage.IsUnknownCharset(err) {
		return &gomessage.Header{}
	}
	return &e.Header
}

func (l Letter) inline(kind string) string {
	found := ""
	l.parts(func(p *mail.Part, body []byte) bool {
		h, ok := p.Header.(*mail.InlineHeader)
		if !ok {
			return true
		}
		if is, _, _ := h.ContentType(); is != kind {
			return true
		}
		found = strings.ReplaceAll(string(body), "\r\n", "\n")
		return false
	})
	return found
}

// parts calls f with every leaf part until it returns false.
func (l Letter) parts(f func(p *mail.Part, body []byte) bool) {
	r, err := mail.CreateReader(bytes.NewReader(l.Raw))
	if r == nil || err != nil && !gomessage.IsUnknownCharset(err) {
		return
	}
	defer r.Close()
	for {
		p, err := r.NextPart()
		if p == nil || err != nil && !gomessage.IsUnknownCharset(err) {
			return
		}
		body, err := io.ReadAll(p.Body)
		if err != nil || !f(p, body) {
			return
		}
	}
}
