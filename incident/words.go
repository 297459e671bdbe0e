package incident

import (
	"strings"
	"unicode"
)

// Words are the words of a text as Fold writes them.
func Words(text string) []string {
	return strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Fold writes a text so that two spellings of a word are one: small letters, ё as
// е, a letter with its mark as one character, and nothing that cannot be seen.
func Fold(text string) string {
	var folded strings.Builder
	folded.Grow(len(text))
	last := rune(-1)
	put := func() {
		if last >= 0 {
			folded.WriteRune(last)
		}
		last = -1
	}
	for _, r := range text {
		switch {
		case r == 0x306 && last == 'и': // «й» as macOS writes it
			last = 'й'
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r): // stress, diaeresis, soft hyphen
		default:
			put()
			if last = unicode.ToLower(r); last == 'ё' {
				last = 'е'
			}
		}
	}
	put()
	return folded.String()
}
