package bot

import (
	"strings"
	"unicode/utf16"

	"intakebot/incident"
)

// pieces cuts HTML of ours at line ends, or anywhere between entities where a
// line is too long, into texts of at most limit UTF-16 units.
func pieces(html string, limit int) []string {
	var all []string
	var b strings.Builder
	used := 0
	flush := func() {
		if strings.TrimSpace(b.String()) != "" {
			all = append(all, b.String())
		}
		b.Reset()
		used = 0
	}
	for line := range strings.Lines(html) {
		for line != "" {
			part := line
			if n := incident.Units(line); n > limit {
				part = line[:cutAt(line, limit)]
			}
			if n := incident.Units(part); used+n > limit {
				flush()
			}
			b.WriteString(part)
			used += incident.Units(part)
			line = line[len(part):]
		}
	}
	flush()
	return all
}

// cutAt finds where to cut a long line: before a word, never inside an entity
// or a tag.
func cutAt(line string, limit int) int {
	units, space := 0, 0
	for i, r := range line {
		units += utf16.RuneLen(r)
		if units > limit {
			if space > 0 {
				return space
			}
			return i
		}
		if r == ' ' || r == '&' {
			space = i
		}
	}
	return len(line)
}
