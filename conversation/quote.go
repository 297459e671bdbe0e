package conversation

import (
	"strings"
	"unicode/utf16"
)

// Link is an address that stands under a word (Bot API, text_link): where the
// word stands in the text, in UTF-16 units, and the address.
type Link struct {
	Offset, Length int
	URL            string
}

// WithLinks writes the addresses that stand under words beside them: «слово
// (адрес)». A word that is its own address stays alone. What does not fit the
// text is left out.
func WithLinks(text string, links []Link) string {
	units := utf16.Encode([]rune(text))
	var b strings.Builder
	done := 0
	for _, l := range links {
		end := l.Offset + l.Length
		if l.Offset < done || l.Length <= 0 || end > len(units) {
			continue
		}
		word := string(utf16.Decode(units[l.Offset:end]))
		b.WriteString(string(utf16.Decode(units[done:end])))
		if bareAddress(word) != bareAddress(l.URL) {
			b.WriteString(" (" + l.URL + ")")
		}
		done = end
	}
	b.WriteString(string(utf16.Decode(units[done:])))
	return b.String()
}

// bareAddress is an address without what people leave out of it.
func bareAddress(url string) string {
	url = strings.ToLower(strings.TrimSpace(url))
	for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
		url = strings.TrimPrefix(url, scheme)
	}
	return strings.TrimSuffix(url, "/")
}

// WithOrigin writes before a text what it answers, a line «> …» for each line
// of the quotation, and where it was forwarded from.
func WithOrigin(quote, forwardedFrom, text string) string {
	var lines []string
	if from := line(forwardedFrom); from != "" {
		lines = append(lines, "Переслано от "+from+":")
	}
	for l := range strings.SplitSeq(strings.TrimSpace(quote), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, "> "+l)
		}
	}
	if text != "" {
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}
