package desk

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"intakebot/conversation"
	"intakebot/incident"
)

// SearchPage is how many incidents a page of a search shows.
const SearchPage = 10

const (
	// searchWordsMost is how many words a search takes.
	searchWordsMost = 20
	// soughtMost is how long a search may be, in UTF-16 units: every page of
	// what it found tells it.
	soughtMost = 300
	// soughtBy begins the line that tells what was looked for.
	soughtBy = "Искали: "
)

// Refused says why text cannot be looked for.
func Refused(text string) string {
	if n := len(searchWords(text)); n > searchWordsMost {
		return fmt.Sprintf("Слов получилось %d, а искать можно не больше чем по %d: оставьте самые важные.", n, searchWordsMost)
	}
	return SearchHow
}

// Sought is a search as it is told and carried out, "" when it is too long.
func Sought(typed string) string {
	text := strings.Join(strings.Fields(typed), " ")
	if incident.Units(text) > soughtMost {
		return ""
	}
	return text
}

// SoughtBy reads from a page of a search, without its markup, what it looked for.
func SoughtBy(page string) string {
	for line := range strings.Lines(page) {
		if text, ok := strings.CutPrefix(line, soughtBy); ok {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// Found shows a page of what a search found, the newest first. No number stands
// in its first line.
func (w Words) Found(found incident.Found, sought string, page int) conversation.Message {
	total := strconv.Itoa(found.Total)
	if found.Many {
		total = "больше " + total
	}
	parts := []string{fmt.Sprintf("<b>Найдено: %s</b>\n%s%s", total, soughtBy, Escape(sought))}
	for _, i := range found.Incidents {
		parts = append(parts, w.line(i))
	}
	if found.Total == 0 {
		parts = append(parts, SearchTips)
	}
	return conversation.Message{HTML: joined(parts), Buttons: pager("find", page, found.Total, SearchPage)}
}

// pager are the buttons that turn pages.
func pager(verb string, page, total, size int) [][]conversation.Button {
	var row []conversation.Button
	if page > 0 {
		row = append(row, conversation.Button{Label: "‹ Назад", Data: fmt.Sprintf("%s:%d", verb, page-1)})
	}
	if (page+1)*size < total {
		row = append(row, conversation.Button{Label: "Дальше ›", Data: fmt.Sprintf("%s:%d", verb, page+1)})
	}
	if len(row) == 0 {
		return nil
	}
	return [][]conversation.Button{row}
}

// searchWords are the words of a text in lower case, ё as е; a number or a
// phone typed with hyphens is one word of digits.
func searchWords(text string) []string {
	if n, err := incident.ParseNumber(text); err == nil {
		return []string{onlyDigits(string(n))}
	}
	text = strings.ReplaceAll(strings.ToLower(text), "ё", "е")
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
