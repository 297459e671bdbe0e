package simulator

import (
	"bytes"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	gomessage "github.com/emersion/go-message"
)

// LetterLine is a letter in the list of a mailbox.
type LetterLine struct {
	ID      int       `json:"id"`
	To      []string  `json:"to"`
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
	Files   int       `json:"files"`
	// Again says that a letter with the same Message-ID came before: the
	// sender could not know that it had arrived.
	Again bool `json:"again"`
}

// LetterView is an opened letter.
type LetterView struct {
	LetterLine
	Text        string           `json:"text"`
	HasHTML     bool             `json:"hasHtml"`
	Headers     [][2]string      `json:"headers"`
	Attachments []AttachmentLine `json:"attachments"`
}

// AttachmentLine is an attachment of an opened letter.
type AttachmentLine struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int    `json:"size"`
}

func (p *Page) letterLines() []LetterLine {
	lines := []LetterLine{}
	seen := map[string]bool{}
	for n, l := range p.opt.Mail.Letters() {
		id := l.MessageID() + " " + l.To[0]
		lines = append(lines, LetterLine{
			ID: n, To: l.To, From: l.Header("From"), Subject: l.Subject(), At: l.At,
			Files: len(l.Attachments()), Again: seen[id],
		})
		seen[id] = true
	}
	return lines
}

func (p *Page) serveLetters(w http.ResponseWriter, _ *http.Request) { writeJSON(w, p.letterLines()) }

// letter finds the letter that a request names.
func (p *Page) letter(w http.ResponseWriter, r *http.Request) (l Letter, n int, ok bool) {
	letters := p.opt.Mail.Letters()
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		http.Error(w, "a letter's number is a number", http.StatusBadRequest)
		return l, 0, false
	}
	if n < 0 || n >= len(letters) {
		http.Error(w, "there is no such letter", http.StatusNotFound)
		return l, 0, false
	}
	return letters[n], n, true
}

func (p *Page) serveLetter(w http.ResponseWriter, r *http.Request) {
	l, n, ok := p.letter(w, r)
	if !ok {
		return
	}
	v := LetterView{LetterLine: p.letterLines()[n], Text: l.Text(), HasHTML: l.HTML() != "", Headers: l.fields(), Attachments: []AttachmentLine{}}
	for _, f := range l.Attachments() {
		v.Attachments = append(v.Attachments, AttachmentLine{f.Name, f.Type, len(f.Data)})
	}
	writeJSON(w, v)
}

// fields are all header fields in their order, decoded, after the envelope.
func (l Letter) fields() [][2]string {
	fields := [][2]string{{"MAIL FROM", l.From}}
	for _, to := range l.To {
		fields = append(fields, [2]string{"RCPT TO", to})
	}
	words := &mime.WordDecoder{CharsetReader: gomessage.CharsetReader}
	for f := l.header().Fields(); f.Next(); {
		value, err := words.DecodeHeader(f.Value())
		if err != nil {
			value = f.Value()
		}
		fields = append(fields, [2]string{f.Key(), value})
	}
	return fields
}

// serveLetterHTML is the letter's own page, for a frame: it may have its style
// and nothing else, no script, no picture from elsewhere, no link that opens in
// our name.
func (p *Page) serveLetterHTML(w http.ResponseWriter, r *http.Request) {
	l, _, ok := p.letter(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = bytes.NewBufferString(l.HTML()).WriteTo(w)
}

func (p *Page) serveLetterFile(w http.ResponseWriter, r *http.Request) {
	l, _, ok := p.letter(w, r)
	if !ok {
		return
	}
	files := l.Attachments()
	k, err := strconv.Atoi(r.PathValue("k"))
	if err != nil || k < 0 || k >= len(files) {
		http.Error(w, "there is no such attachment", http.StatusNotFound)
		return
	}
	name := files[k].Name
	if slices.Contains([]string{"", ".", ".."}, name) {
		name = "attachment"
	}
	serveForeign(w, name, files[k].Data)
}
