package mailer

import (
	"embed"
	"html/template"
	"strings"
	"unicode/utf8"
)

// page is what a letter says before it takes a form. Two renderings follow
// from it, plain text here and HTML in letters/page.html.tmpl, so that they
// cannot say different things.
type page struct {
	Title    string
	Lead     []string // opening sentences, a line each
	Fields   []field
	Sections []section
	Closing  []string // closing sentences, a line each
}

// section is a part of a page under its own heading.
type section struct {
	Title  string
	Note   string // a sentence before the fields, "" for none
	Fields []field
	// Forwarded: these are somebody else's words, passed on. The plain text
	// marks them in the form that mail programs know; filters that distrust
	// a Reply-To at a free mail service accept a letter that forwards.
	Forwarded bool
}

// field is a labelled value. A value may have several lines.
type field struct {
	Label string
	Value string
	// Link is where the value leads in HTML, "" for nowhere.
	Link template.HTMLAttr
	// Block puts the value on lines of its own under the label, whatever its
	// length.
	Block bool
	// Inner are labelled values within this one, instead of Value.
	Inner []field
}

// inline is the longest label and value together that stand on one line of
// the plain text (RFC 5322, 2.1.1, recommends 78 characters a line).
const inline = 76

func (f field) block() bool {
	return f.Block || len(f.Inner) > 0 || strings.Contains(f.Value, "\n") ||
		utf8.RuneCountInString(f.Label+f.Value) > inline
}

// Lines splits the value for the HTML part: Outlook knows <br> only.
func (f field) Lines() []string { return strings.Split(f.Value, "\n") }

// clean returns the page with every value made safe to show: see cleanText.
func (p page) clean() page {
	p.Title = oneLine(p.Title)
	p.Fields = cleanFields(p.Fields)
	sections := make([]section, len(p.Sections))
	for k, s := range p.Sections {
		sections[k] = section{Title: s.Title, Note: s.Note, Fields: cleanFields(s.Fields), Forwarded: s.Forwarded}
	}
	p.Sections = sections
	return p
}

func cleanFields(fields []field) []field {
	cleaned := make([]field, len(fields))
	for k, f := range fields {
		cleaned[k] = field{
			Label: oneLine(f.Label),
			Value: cleanText(f.Value),
			Link:  f.Link,
			Block: f.Block,
			Inner: cleanFields(f.Inner),
		}
	}
	return cleaned
}

// plain renders the page as plain text, lines ending in \n. Our own lines are
// short; those that people typed stay as typed, so that a phrase can be found
// and a command copied: mail clients wrap them, and the transfer encoding
// keeps them out of SMTP's limit.
func (p page) plain() string {
	var b strings.Builder
	b.WriteString(p.Title + "\n")
	if len(p.Lead) > 0 {
		b.WriteString("\n" + strings.Join(p.Lead, "\n") + "\n")
	}
	b.WriteString("\n")
	plainFields(&b, p.Fields)
	for _, s := range p.Sections {
		b.WriteString("\n" + s.Title + "\n" + s.rule() + "\n")
		if s.Note != "" {
			b.WriteString(s.Note + "\n")
		}
		plainFields(&b, s.Fields)
	}
	if len(p.Closing) > 0 {
		b.WriteString("\n" + strings.Join(p.Closing, "\n") + "\n")
	}
	return b.String()
}

// rule is the line under a section's title.
func (s section) rule() string {
	if s.Forwarded {
		return "---------- Forwarded message ---------"
	}
	return strings.Repeat("-", min(utf8.RuneCountInString(s.Title), inline))
}

// plainFields writes fields; one whose value has lines of its own stands
// between blank lines.
func plainFields(b *strings.Builder, fields []field) {
	for k, f := range fields {
		if k > 0 && (f.block() || fields[k-1].block()) {
			b.WriteString("\n")
		}
		b.WriteString(f.Label)
		switch {
		case len(f.Inner) > 0:
			b.WriteString(":\n")
			plainFields(b, f.Inner)
			continue
		case f.Value == "" && !f.Block:
		case f.block():
			b.WriteString(":\n" + f.Value)
		default:
			b.WriteString(": " + f.Value)
		}
		b.WriteString("\n")
	}
}

//go:embed letters/page.html.tmpl
var files embed.FS

var pageHTML = template.Must(template.ParseFS(files, "letters/page.html.tmpl"))

// html renders the page as HTML with every value escaped by its context.
func (p page) html() (string, error) {
	var b strings.Builder
	if err := pageHTML.Execute(&b, p); err != nil {
		return "", err
	}
	return b.String(), nil
}
