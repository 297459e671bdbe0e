package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
	"github.com/k3a/html2text"
)

// Limits of what one letter may make of itself: no honest one comes near them.
const (
	depthMost = 12      // of parts in parts
	partsMost = 200     // in all
	textMost  = 1 << 20 // bytes of text that are read
)

// ErrUnreadable: the bytes are no letter.
var ErrUnreadable = errors.New("not a letter")

// Read reads a letter. cut says that raw is only its beginning; what can be
// read of it is then read. The error is ErrUnreadable for what has no header.
func Read(raw []byte, cut bool) (Letter, error) {
	entity, err := open(raw)
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Cut: cut}
	l.header(entity.Header)
	if l.From.Address == "" && l.MessageID == "" && l.Subject == "" {
		return Letter{}, fmt.Errorf("%w: it names neither sender nor subject", ErrUnreadable)
	}
	r := reader{letter: &l}
	r.walk(entity, 0)
	l.Text = r.text()
	r.finish()
	return l, nil
}

// open reads the header of a letter or a part of one. A letter that the library
// refuses is mended and tried again.
func open(raw []byte) (*message.Entity, error) {
	entity, err := message.Read(bytes.NewReader(raw))
	if entity == nil {
		entity, err = message.Read(bytes.NewReader(mend(raw)))
	}
	if entity == nil {
		return nil, fmt.Errorf("%w: %v", ErrUnreadable, err)
	}
	return entity, nil // a charset or an encoding that is unknown is no reason not to look
}

// header takes over what the header says.
func (l *Letter) header(h message.Header) {
	l.MessageID = first(messageIDs(h.Get("Message-Id")))
	l.InReplyTo = messageIDs(h.Get("In-Reply-To"))
	l.References = messageIDs(h.Get("References"))
	l.From = sender(h.Get("From"))
	l.ReturnPath = strings.TrimSpace(h.Get("Return-Path"))
	l.Subject = oneLine(headerText(h.Get("Subject")))
	l.Incident = strings.TrimSpace(h.Get("X-Incident-Number"))
	l.authentication = h.Values("Authentication-Results")
	l.automatic = automatic(h, l.Subject)
	l.daemon = isDaemon(l.From.Address)
	if at, err := mail.ParseDate(h.Get("Date")); err == nil {
		l.Date = at
	}
}

var messageID = regexp.MustCompile(`<([^<>\s]+@[^<>\s]+)>`)

// messageIDs finds the message identifiers in a header field or a text.
func messageIDs(text string) (ids []string) {
	for _, m := range messageID.FindAllStringSubmatch(text, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func first(of []string) string {
	if len(of) == 0 {
		return ""
	}
	return of[0]
}

// sender reads the first address of From. The name is decoded apart from the
// address: a name in an unknown charset must not cost us the address.
func sender(value string) mail.Address {
	value = headerText(value)
	if all, err := mail.ParseAddressList(value); err == nil && len(all) > 0 {
		return mail.Address{Name: oneLine(all[0].Name), Address: strings.ToLower(all[0].Address)}
	}
	name, rest, ok := strings.Cut(value, "<")
	address, _, closed := strings.Cut(rest, ">")
	if !ok || !closed {
		name, address = "", strings.TrimSpace(value)
	}
	if !strings.Contains(address, "@") || strings.ContainsAny(address, " ,;\"") {
		return mail.Address{Name: oneLine(value)}
	}
	return mail.Address{Name: oneLine(strings.Trim(name, `" `)), Address: strings.ToLower(strings.TrimSpace(address))}
}

// oneLine makes runs of white space one space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// reader gathers what the parts of a letter hold.
type reader struct {
	letter *Letter
	plain  []string
	html   []string
	parts  int
	report bool // inside multipart/report
	// returned is the header of the letter that a report is about.
	returned textproto.Header
}

// walk reads a part and what is in it.
func (r *reader) walk(e *message.Entity, depth int) {
	if r.parts++; depth > depthMost || r.parts > partsMost {
		return
	}
	kind, params := contentType(e.Header)
	if parts := e.MultipartReader(); parts != nil {
		if kind == "multipart/report" {
			r.report = true
			r.letter.Receipt = strings.EqualFold(params["report-type"], "disposition-notification")
		}
		for {
			part, err := parts.NextPart()
			if part == nil || (err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)) {
				return // the end, or what nobody can read from here on
			}
			r.walk(part, depth+1)
		}
	}
	r.part(e, kind)
}

// part reads a part that holds no others.
func (r *reader) part(e *message.Entity, kind string) {
	name := fileName(e.Header)
	disposition, _ := mediaType(e.Header.Get("Content-Disposition"))
	switch {
	case kind == "message/delivery-status" || kind == "message/global-delivery-status":
		r.letter.status(read(e.Body, textMost))
	case r.report && isReturned(kind):
		r.returned = headerOf(read(e.Body, textMost))
	case disposition == "attachment" || name != "" || !strings.HasPrefix(kind, "text/"):
		r.file(e, kind, name)
	case kind == "text/html":
		r.html = append(r.html, guess(read(e.Body, textMost)))
	default:
		r.plain = append(r.plain, guess(read(e.Body, textMost)))
	}
}

// finish puts together what stood in different parts.
func (r *reader) finish() {
	l := r.letter
	if l.Report != nil {
		l.Report.Original = first(messageIDs(r.returned.Get("Message-Id")))
		l.Report.Incident = strings.TrimSpace(r.returned.Get("X-Incident-Number"))
	}
	if !l.daemon {
		return
	}
	l.quoted = slices.Concat(messageIDs(r.returned.Get("Message-Id")), messageIDs(l.Text))
	for _, f := range l.Files {
		if isReturned(f.Type) {
			h := headerOf(f.Data)
			l.quoted = append(l.quoted, messageIDs(h.Get("Message-Id"))...)
		}
	}
}

// file keeps a part as a file. A signature is none that anybody wants to read.
func (r *reader) file(e *message.Entity, kind, name string) {
	switch kind {
	case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "message/disposition-notification":
		return
	}
	data := read(e.Body, 1<<30)
	if len(data) == 0 {
		return
	}
	if name == "" {
		name = "файл " + fmt.Sprint(len(r.letter.Files)+1) + extension(kind)
	}
	r.letter.Files = append(r.letter.Files, File{Name: name, Type: kind, Data: data})
}

// read reads at most limit bytes. What breaks off (a cut letter, bad base64)
// leaves what came before.
func read(from io.Reader, limit int64) []byte {
	data, _ := io.ReadAll(io.LimitReader(from, limit))
	return data
}

// text is the letter's text: its plain parts, or else its HTML in plain words.
func (r *reader) text() string {
	plain := strings.TrimSpace(strings.Join(r.plain, "\n\n"))
	if plain != "" || len(r.html) == 0 {
		return tidy(plain)
	}
	return tidy(html2text.HTML2TextWithOptions(strings.Join(r.html, "\n"), html2text.WithUnixLineBreaks()))
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// tidy makes one kind of line end, no space at the end of a line and no more
// than one empty line.
func tidy(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u200b", "", "\ufeff", "").Replace(text)
	lines := strings.Split(text, "\n")
	for k := range lines {
		lines[k] = strings.TrimRight(lines[k], " \t")
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}
