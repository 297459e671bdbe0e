package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Entity marks a part of a text, offset and length in UTF-16 units
// (https://core.telegram.org/bots/api#messageentity).
type Entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
	UnixTime      int64  `json:"unix_time,omitempty"`
	TimeFormat    string `json:"date_time_format,omitempty"`
}

// utf16Width is how many UTF-16 units a rune takes.
func utf16Width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// utf16Len is the length of a text as Telegram counts it.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16Width(r)
	}
	return n
}

// utf16Index is the byte offset in s of a UTF-16 offset.
func utf16Index(s string, units int) int {
	for i, r := range s {
		if units <= 0 {
			return i
		}
		units -= utf16Width(r)
	}
	return len(s)
}

// utf16Before is the UTF-16 offset of a part of a text, 0 if it is not there.
func utf16Before(s, part string) int {
	before, _, found := strings.Cut(s, part)
	if !found {
		return 0
	}
	return utf16Len(before)
}

// cleanText does what Telegram does with every text: control characters become
// spaces, \r vanishes. Zero-width and direction marks stay.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r < ' ' && r != '\n', r == 0x2028, r == 0x2029:
			return ' '
		}
		return r
	}, s)
}

const spaces = " \t\n\u00a0"

// formatted reads a text parameter with its parse_mode or entities and returns
// what is stored: trimmed plain text and entities.
func formatted(p params, name, entitiesName string, limit int, tooLong string) (string, []Entity, error) {
	text := p.str(name)
	switch {
	case !utf8.ValidString(text):
		return "", nil, badRequest("strings must be encoded in UTF-8")
	case len(text) > maxRaw:
		return "", nil, badRequest("text is too long")
	}
	var entities []Entity
	var err error
	switch strings.ToLower(p.str("parse_mode")) {
	case "", "none":
		err = p.json(entitiesName, &entities)
	case "html":
		if text, entities, err = parseHTML(text); err != nil {
			err = badRequest("can't parse entities: %s", err)
		}
	default:
		err = badRequest("unsupported parse_mode")
	}
	if err != nil {
		return "", nil, err
	}
	text, entities = trimmed(cleanText(text), entities)
	if utf16Len(text) > limit {
		return "", nil, badRequest("%s", tooLong)
	}
	return text, entities, nil
}

// trimmed cuts spaces from both ends and moves the entities along.
func trimmed(text string, entities []Entity) (string, []Entity) {
	left := strings.TrimLeft(text, spaces)
	shift := utf16Len(text) - utf16Len(left)
	text = strings.TrimRight(left, spaces)
	length := utf16Len(text)
	var kept []Entity
	for _, e := range entities {
		end := min(e.Offset+e.Length-shift, length)
		e.Offset = max(e.Offset-shift, 0)
		if e.Length = end - e.Offset; e.Length > 0 {
			kept = append(kept, e)
		}
	}
	return text, kept
}

// detected are entities that Telegram finds by itself in what people write. The
// group is the entity; what stands before it is only a boundary.
var detected = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"bot_command", regexp.MustCompile(`(?:^|[^\p{L}\p{N}_/<>])(/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?:$|[^\p{L}\p{N}_/@])`)},
	{"url", regexp.MustCompile(`(?:^|\s)((?:https?://|www\.)[^\s<>"]+[^\s<>".,!?;:)])`)},
	{"email", regexp.MustCompile(`(?:^|[^\w.@+-])([\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)},
	{"mention", regexp.MustCompile(`(?:^|[^\w@/.])(@[A-Za-z][A-Za-z0-9_]{3,31})\b(?:$|[^.@\w])`)},
}

// detect returns the entities of a person's text, by offset.
func detect(text string) []Entity {
	var found []Entity
	for _, d := range detected {
		for from := 0; from < len(text); {
			m := d.pattern.FindStringSubmatchIndex(text[from:])
			if m == nil {
				break
			}
			begin, end := from+m[2], from+m[3]
			found = append(found, Entity{Type: d.kind, Offset: utf16Len(text[:begin]), Length: utf16Len(text[begin:end])})
			from = end
		}
	}
	slices.SortStableFunc(found, func(a, b Entity) int { return cmp.Compare(a.Offset, b.Offset) })
	return found
}

// mentions says whether the text names a person so that Telegram knows whom it
// means: by @username, or by a link to the account.
func (m *message) mentions(a *account) bool {
	for _, e := range m.entities {
		from := utf16Index(m.text, e.Offset)
		name := m.text[from : from+utf16Index(m.text[from:], e.Length)]
		if e.URL == fmt.Sprintf("tg://user?id=%d", a.ID) || e.Type == "mention" && a.Username != "" && strings.EqualFold(name, "@"+a.Username) {
			return true
		}
	}
	return false
}
