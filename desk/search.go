package desk

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"intakebot/conversation"
	"intakebot/incident"
)

const (
	// searchMost is how many incidents a search shows, the newest first.
	searchMost = 10
	// searchWordsMost is how many words it takes: each is looked for in the
	// whole register.
	searchWordsMost = 20
)

// Sought are the words to search for, and what is wrong with what was typed, ""
// when nothing is.
func Sought(typed string) (words []string, complaint string) {
	words = searchWords(typed)
	switch {
	case len(words) == 0:
		return nil, SearchHow
	case len(words) > searchWordsMost:
		return nil, fmt.Sprintf("Слов получилось %d, а искать можно не больше чем по %d: оставьте самые важные.", len(words), searchWordsMost)
	}
	return words, ""
}

// Matches says that each typed word begins a word of the incident, or is part
// of its telephone or number.
func Matches(i incident.Incident, typed []string) bool {
	var text strings.Builder
	for _, a := range i.Answers {
		text.WriteString(conversation.Shown(a) + " " + a.Value + " ")
	}
	for _, e := range i.History {
		text.WriteString(e.Text + " ")
	}
	have := searchWords(text.String())
	digits := onlyDigits(i.Phone().E164 + " " + string(i.Number))
	for _, word := range typed {
		begins := slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, word) })
		if len(word) == 11 && word[0] == '8' {
			word = "7" + word[1:] // 8 before a number is dialled, +7 is kept
		}
		number := len(word) >= 3 && onlyDigits(word) == word && strings.Contains(digits, word)
		if !begins && !number {
			return false
		}
	}
	return true
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
