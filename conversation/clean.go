package conversation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// unseen says of characters that nobody typed on purpose: controls, soft
// hyphen, zero-width space and word joiner, the byte order mark and direction
// marks. Joiners and variation selectors stay: emoji need them.
func unseen(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r), r == utf8.RuneError:
		return true
	case r == '\u00ad', r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u061c':
		return true
	case r >= '\u200e' && r <= '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ")

// text cleans an answer of several lines. Letters that macOS sends in two
// pieces («и» and a breve) are composed; nothing else of what was typed changes.
func text(typed string) string {
	typed = strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, lineEnds.Replace(typed))
	return strings.TrimSpace(norm.NFC.String(typed))
}

// line cleans an answer of one line: any run of white space is one space.
func line(typed string) string {
	return strings.Join(strings.Fields(text(typed)), " ")
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// plainWords are the words of a text as they are compared: lower case, ё as е,
// without punctuation, quotes and emoji. «Да!» is «да».
func plainWords(typed string) string {
	lower := strings.ReplaceAll(strings.ToLower(text(typed)), "ё", "е")
	return strings.Join(strings.FieldsFunc(lower, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	}), " ")
}
