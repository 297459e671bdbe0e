// Package desk holds every sentence that the support group reads: the card of an
// incident, notices, the digest, searches, statistics, and the table of the
// group's commands. It is pure: it is given incidents and the time, and asks
// nobody anything.
package desk

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"intakebot/incident"
)

// Words are what the group reads about one support line, in the time zone of
// its people.
type Words struct {
	Line     incident.Line
	Location *time.Location
	// plain leaves times without the mark by which a client shows them in its
	// reader's zone.
	plain bool
}

// MessageMost is the longest message, in UTF-16 units without its markup (Bot
// API, sendMessage).
const MessageMost = 4096

// NameMost is how much of a member's name is kept, in UTF-16 units: a list of
// ten incidents with their assignees has to fit one message.
const NameMost = 80

// second is the short name of the second line, escaped.
func (w Words) second() string { return Escape(w.Line.Second.Name) }

// Escape makes text fit for HTML.
func Escape(s string) string { return html.EscapeString(s) }

func joined(parts []string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}

// few keeps a list short enough for one message.
func few(lines []string) []string {
	const most = 15
	if len(lines) <= most {
		return lines
	}
	return append(slices.Clone(lines[:most]), fmt.Sprintf("и ещё %d", len(lines)-most))
}

// span writes a duration for people: «12 мин», «3 ч 20 мин», «2 дн 4 ч».
func span(d time.Duration) string {
	switch m := int(d.Minutes()); {
	case m < 60:
		return fmt.Sprintf("%d\u00a0мин", m)
	case m < 24*60:
		return fmt.Sprintf("%d\u00a0ч %d\u00a0мин", m/60, m%60)
	default:
		return fmt.Sprintf("%d\u00a0дн %d\u00a0ч", m/60/24, m/60%24)
	}
}

// Pieces cuts HTML of ours at line ends, or anywhere between entities where a
// line is too long, into texts of at most limit UTF-16 units.
func Pieces(html string, limit int) []string {
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
