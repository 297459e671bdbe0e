package mailer

import (
	"strings"
	"unicode"
)

// cleanText makes a value from outside safe to print: valid UTF-8, lines that
// end in \n, no control characters, nothing that hides or turns the text
// around (zero-width characters and direction marks), no blanks at the ends of
// lines, no empty lines at the ends of the text. Joiners and variation
// selectors stay, emoji need them.
func cleanText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = lineEnds.Replace(text)
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || hidden(r) {
			return -1
		}
		return r
	}, text)
	lines := strings.Split(text, "\n")
	for k, line := range lines {
		lines[k] = strings.TrimRight(line, " \t\u00a0")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// lineEnds turns every line end that some program knows into one.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n",
	"\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// oneLine is cleanText for a header or a heading: everything on one line, its
// words one space apart. Non-breaking spaces stay.
func oneLine(text string) string {
	words := strings.FieldsFunc(cleanText(text), func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
	return strings.Join(words, " ")
}

// hidden says whether a rune is invisible or changes the direction of text.
func hidden(r rune) bool {
	switch {
	case r == '\u00ad', r == '\u061c', r == '\ufeff', r == '\u200b', r == '\u200e', r == '\u200f',
		r >= '\u202a' && r <= '\u202e',
		r >= '\u2060' && r <= '\u206f':
		return true
	}
	return false
}

// ascii says whether text is printable ASCII without spaces, as an address or
// an identifier in a header must be.
func ascii(text string) bool {
	for k := range len(text) {
		if text[k] <= ' ' || text[k] >= 0x7f {
			return false
		}
	}
	return text != ""
}
