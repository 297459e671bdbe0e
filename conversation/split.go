package conversation

import (
	"html"
	"regexp"
	"unicode/utf16"

	"intakebot/incident"
)

// messageMost is how much text one message holds (Bot API, sendMessage), less
// a line that may stand between its parts.
const messageMost = 4090

// tag is a tag of Telegram's HTML.
var tag = regexp.MustCompile(`</?[a-z][^>]*>`)

// PlainText is a text in HTML of ours as people see it.
func PlainText(text string) string { return html.UnescapeString(tag.ReplaceAllString(text, "")) }

// units is how long Telegram finds a text in HTML.
func units(text string) int { return incident.Units(PlainText(text)) }

// partMost is how much of a text goes into one message with its frame, in
// UTF-16 units; a word longer than lastWord is cut.
const partMost, lastWord = 3600, 200

// split cuts a text into parts of at most partMost, before a word where it can.
// There is one part at least, and together they are the text.
func split(text string) []string {
	var parts []string
	units, space, from := 0, 0, 0
	for i, r := range text {
		if units += utf16.RuneLen(r); units > partMost {
			cut := i
			if i-space < lastWord {
				cut = space
			}
			parts = append(parts, text[from:cut])
			units, from = incident.Units(text[cut:i])+utf16.RuneLen(r), cut
		}
		if r == ' ' || r == '\n' {
			space = i + 1
		}
	}
	return append(parts, text[from:])
}

// Continued are the words of the desk that its notice has no room for, in
// messages of their own: whatever support wrote arrives.
func (d *Dialogue) Continued(i incident.Incident, a incident.Act) []Message {
	if !notices[a.Action].said {
		return nil
	}
	var all []Message
	for _, part := range split(a.Text)[1:] {
		all = append(all, Message{HTML: paragraphs("Обращение "+copyable(i.Number)+", продолжение:", esc(part)), About: i.Number})
	}
	return all
}
