package storage

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/russian"

	"intakebot/conversation"
	"intakebot/incident"
)

// shortestPart is how many digits of a number or a phone find it.
const shortestPart = 3

// wordsOf is what the index holds of an incident: each word that was said, with
// its stem, and the number and the phone from each of their digits on, so that
// any part of them begins a word.
func wordsOf(i incident.Incident) string {
	known := map[string]bool{}
	for _, a := range i.Answers {
		learn(known, a.Value)
		if shown := conversation.Shown(a); shown != a.Value {
			learn(known, shown)
		}
	}
	for _, e := range i.History {
		learn(known, e.Text)
	}
	learnDigits(known, string(i.Number))
	learnDigits(known, i.Phone().E164)
	words := make([]string, 0, len(known))
	for word := range known {
		words = append(words, word)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

func learn(known map[string]bool, text string) {
	for _, word := range wordsAsTyped(text) {
		folded := incident.Fold(word)
		known[folded] = true
		known[stem(word, folded)] = true
	}
	for _, number := range digitGroups.FindAllString(text, -1) {
		learnDigits(known, number)
	}
}

func learnDigits(known map[string]bool, number string) {
	digits := onlyDigits(number)
	for k := range max(0, len(digits)-shortestPart+1) {
		known[digits[k:]] = true
	}
}

// wordsAsTyped are the words of a text before Fold, which knows a letter by its
// marks.
func wordsAsTyped(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Cf, r)
	})
}

// surnameEndings end names whose stem would be another name: «Иванов» is no form
// of «Иван».
var surnameEndings = []string{"ов", "ев", "ин", "ын"}

// stem is what the forms of a word have in common; of a surname, which has one
// capital, it is the surname.
func stem(word, folded string) string {
	first, size := utf8.DecodeRuneInString(word)
	second, _ := utf8.DecodeRuneInString(word[size:])
	if unicode.IsUpper(first) && !unicode.IsUpper(second) &&
		slices.ContainsFunc(surnameEndings, func(e string) bool { return strings.HasSuffix(folded, e) }) {
		return folded
	}
	return russian.Stem(folded, true)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// term is one thing that must be found: whole is the expression that looks for
// whole words alone, which is quick; begun takes words that begin so too.
type term struct{ whole, begun string }

// digitGroups are digits with what people put between those of a phone.
var digitGroups = regexp.MustCompile(`\+?\d[\d ()+./\x{a0}\x{2010}-\x{2015}-]*\d|\d`)

// terms makes of what was typed what is looked for.
func terms(typed string) (all []term) {
	rest := digitGroups.ReplaceAllStringFunc(typed, func(found string) string {
		begin := strings.Index(typed, found)
		before, _ := utf8.DecodeLastRuneInString(typed[:begin])
		after, _ := utf8.DecodeRuneInString(typed[begin+len(found):])
		if unicode.IsLetter(before) || unicode.IsLetter(after) {
			return found // a part of a word, such as 0x80070005
		}
		all = append(all, numberTerm(found))
		return " "
	})
	for _, word := range wordsAsTyped(rest) {
		if folded := incident.Fold(word); folded != "" {
			all = append(all, wordTerm(word, folded))
		}
	}
	return all
}

// numberTerm looks for digits as a part of a number, or group by group.
func numberTerm(found string) term {
	groups := strings.FieldsFunc(found, func(r rune) bool { return r < '0' || r > '9' })
	joined := strings.Join(groups, "")
	together := []string{joined}
	if joined[0] == '8' && len(joined) >= 5 { // 8 is dialled, +7 is kept
		together = append(together, "7"+joined[1:])
	}
	var t term
	for _, one := range together {
		t.whole = or(t.whole, quoted(one))
		t.begun = or(t.begun, quoted(one)+"*")
	}
	if len(groups) > 1 {
		var each, begun []string
		for _, one := range groups {
			start := quoted(one)
			each = append(each, start)
			if len(one) > 4 { // fewer digits begin too many words
				start += "*"
			}
			begun = append(begun, start)
		}
		t.whole = or(t.whole, "("+strings.Join(each, " AND ")+")")
		t.begun = or(t.begun, "("+strings.Join(begun, " AND ")+")")
	}
	return t
}

// wordTerm looks for a word in any of its forms, and for words that it begins.
func wordTerm(word, folded string) term {
	t := term{quoted(folded), quoted(folded) + "*"}
	if form := stem(word, folded); form != folded {
		t.whole, t.begun = or(t.whole, quoted(form)), or(t.begun, quoted(form))
	}
	return t
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a + " OR " + b
}

// quoted is a word for FTS5; it holds letters and digits only.
func quoted(word string) string { return `"` + word + `"` }

// matching is the expression that all terms match.
func matching(all []term) string {
	parts := make([]string, len(all))
	for k, t := range all {
		parts[k] = "(" + t.whole + ")"
	}
	return strings.Join(parts, " AND ")
}
