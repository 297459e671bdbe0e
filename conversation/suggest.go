package conversation

import (
	"strings"
	"unicode"

	"intakebot/incident"
)

// likeEnough is the share of a name that has to be found in another for it to
// be offered.
const likeEnough = 0.72

// suggestOrganisation offers a name for what was typed: from the person's own
// past answers, then from the directory. What was typed exactly as it stands
// there needs none.
func (d *Dialogue) suggestOrganisation(r incident.Reporter, typed string) string {
	names := make([]string, 0, len(r.Incidents)+len(d.Organisations))
	for _, i := range r.Incidents {
		names = append(names, i.Organisation())
	}
	names = append(names, d.Organisations...)
	want, weigh := nameWords(typed), weights(names)
	best, score := "", 0.0
	for _, name := range names {
		have := nameWords(name)
		if strings.Join(have, " ") == strings.Join(want, " ") {
			return ""
		}
		if s := alike(typed, want, name, have, weigh); s > score {
			best, score = name, s
		}
	}
	if score < likeEnough {
		return ""
	}
	return best
}

// weights tell how much a word says: one that stands in many names
// («администрация») says next to nothing of which is meant.
func weights(names []string) func(word string) float64 {
	in := map[string]int{}
	for _, name := range names {
		for _, word := range nameWords(name) {
			in[word]++
		}
	}
	common := max(3, len(names)/5)
	return func(word string) float64 {
		if in[word] > common {
			return 0.1
		}
		return 1
	}
}

// alike tells how much of two names is the same, 0 to 1: each word of the one
// looks for its best partner in the other, long words count for more. An
// abbreviation of initials («ДИТ») is the whole name.
func alike(typed string, want []string, name string, have []string, weigh func(string) float64) float64 {
	if abbreviation := strings.TrimSpace(typed); len(want) == 1 && abbreviation == strings.ToUpper(abbreviation) &&
		len([]rune(abbreviation)) >= 3 && strings.HasPrefix(initials(name), abbreviation) {
		return 1
	}
	if len(want) == 0 || len(have) == 0 {
		return 0
	}
	return (covered(want, have, weigh)*2 + covered(have, want, weigh)) / 3
}

// covered is the share of what a's words say whose partners stand in b.
func covered(a, b []string, weigh func(string) float64) float64 {
	total, found := 0.0, 0.0
	for _, word := range a {
		best, partner := 0.0, word
		for _, other := range b {
			if s := wordLike(word, other); s > best {
				best, partner = s, other
			}
		}
		// A typo of a common word is as common as the word.
		weight := float64(len([]rune(word))) * min(weigh(word), weigh(partner))
		total += weight
		found += weight * best
	}
	if total < 3 {
		return 0 // nothing but words that all have
	}
	return found / total
}

// wordLike compares two words, 0 to 1. A word cut short («админ», «кетовск»)
// is nearly the word itself; Russian endings and typos cost little.
func wordLike(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) >= 3 && strings.HasPrefix(string(y), string(x)) {
		return 0.95
	}
	if n := commonPrefix(x, y); n >= 5 && n*10 >= len(y)*6 {
		return 0.9
	}
	d := distance(x, y)
	if d > max(1, len(y)/4) {
		return 0
	}
	return 1 - float64(d)/float64(len(y))
}

func commonPrefix(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// abbreviations are spelled out before names are compared.
var abbreviations = map[string]string{
	"адм": "администрация", "мо": "муниципальный округ", "го": "городской округ", "г": "город",
	"рн": "округ", "район": "округ", "района": "округа", "деп": "департамент", "упр": "управление", "обл": "области",
	"минздрав": "министерство здравоохранения", "фин": "финансовое", "мин": "министерство",
}

// nameWords breaks a name into comparable words: lower case, ё as е, without
// quotes and little words.
func nameWords(name string) []string {
	name = incident.Fold(name)
	name = strings.ReplaceAll(name, "р-н", "район") // districts are called округ now
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var out []string
	for _, word := range words {
		if full, ok := abbreviations[word]; ok {
			out = append(out, strings.Fields(full)...)
			continue
		}
		if len([]rune(word)) > 1 {
			out = append(out, word)
		}
	}
	return out
}

// initials are the first letters of a name's words, little words left out.
func initials(name string) string {
	var b strings.Builder
	for _, word := range nameWords(name) {
		if r := []rune(word); len(r) > 2 {
			b.WriteRune(unicode.ToUpper(r[0]))
		}
	}
	return b.String()
}

// distance counts the slips between two words: a letter wrong, missing, too
// much, or two neighbours swapped (optimal string alignment).
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
