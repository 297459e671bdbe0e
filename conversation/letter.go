package conversation

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"intakebot/incident"
)

// A letter is a whole application pasted at once. It is read when it answers
// every question; otherwise it is what it is, a text.

// labelled is a line «Телефон: 8 (3522) …», perhaps with its number in a list.
var labelled = regexp.MustCompile(`^\s*(?:\d+[.)]\s*|[-–—•]\s*)?([^:]{2,80}?)\s*:\s*(.*)$`)

// letterLeast is how long a text is at least to be a letter, in bytes.
const letterLeast = 80

// readLetter finds the answers to all the steps in a text: by the labels in
// front of them, else by their looks. Where nothing tells the description from
// the rest, it is the whole text.
func readLetter(typed string) (answers map[incident.Key]string, description string, ok bool) {
	if len(typed) < letterLeast || !strings.Contains(typed, "\n") {
		return nil, "", false
	}
	found, plain := labelledAnswers(typed)
	answers = map[incident.Key]string{}
	for _, step := range Steps {
		value, named := found[step.Key]
		if step.Parts {
			if !named {
				value = typed
			}
			checked, complaint := step.Check(value)
			if complaint != "" {
				return nil, "", false
			}
			description = checked
			continue
		}
		value, complaint := step.Check(value)
		if complaint != "" && step.Sure != nil {
			value, complaint = sureAnswer(step, plain)
		}
		if complaint != "" {
			return nil, "", false
		}
		answers[step.Key] = value
	}
	return answers, description, true
}

// labelledAnswers reads the labelled lines; plain are the others. What follows
// a description up to the next label belongs to it.
func labelledAnswers(typed string) (found map[incident.Key]string, plain []string) {
	found = map[incident.Key]string{}
	var open Step
	for l := range strings.Lines(typed) {
		l = strings.TrimRight(l, "\n")
		if m := labelled.FindStringSubmatch(l); m != nil {
			if step, known := stepNamed(m[1]); known && found[step.Key] == "" {
				open, found[step.Key] = step, strings.TrimSpace(m[2])
				continue
			}
		}
		if open.Key != "" && (open.Parts || found[open.Key] == "") && strings.TrimSpace(l) != "" {
			found[open.Key] = strings.TrimSpace(found[open.Key] + "\n" + l)
			continue
		}
		plain = append(plain, l)
	}
	return found, plain
}

// stepNamed is the step that a label in a letter means.
func stepNamed(label string) (Step, bool) {
	words := plainWords(label)
	for _, step := range Steps {
		for _, name := range append([]string{step.Label}, step.Names...) {
			if name = plainWords(name); words == name || strings.HasPrefix(words, name+" ") {
				return step, true
			}
		}
	}
	return Step{}, false
}

// sureAnswer is the answer that one of the lines surely is; several that
// differ are none.
func sureAnswer(step Step, lines []string) (value string, complaint Complaint) {
	complaint = emptyMessage
	for _, l := range lines {
		if !step.Sure(l) {
			continue
		}
		v, c := step.Check(l)
		switch {
		case c != "":
		case value == "":
			value, complaint = v, ""
		case value != v:
			return "", emptyMessage
		}
	}
	return value, complaint
}

// bodies are words, as nameWords writes their beginnings, that stand in the
// names of organisations and in no person's.
var bodies = []string{"администраци", "департамент", "управлени", "министерств", "комитет", "отдел", "инспекци", "агентств", "служб",
	"школ", "гимнази", "лице", "учреждени", "бюджетн", "казенн", "муниципальн", "больниц", "поликлиник", "библиотек", "дума", "совет",
	"прокуратур", "архив", "центр", "фонд", "правительств", "область", "округ", "мку", "мбу", "гбу", "гку", "мбоу", "мкоу", "моу", "оао", "ооо"}

// looksLikeBody says that a text holds a word of an organisation's name.
func looksLikeBody(s string) bool {
	return slices.ContainsFunc(strings.Fields(plainWords(s)), func(word string) bool {
		return slices.ContainsFunc(bodies, func(b string) bool { return strings.HasPrefix(word, b) && (len(b) > 6 || word == b) || word == b })
	})
}

// looksLikeName says that a line is a person's name and nothing else: two to
// four words, each with a capital.
func looksLikeName(s string) bool {
	words := strings.Fields(line(s))
	if len(words) < 2 || len(words) > 4 || looksLikeBody(s) {
		return false
	}
	return !slices.ContainsFunc(words, func(word string) bool {
		r := []rune(word)
		return !unicode.IsUpper(r[0]) || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '.' })
	})
}

// surePhone and sureEmail say that a line holds one.
func surePhone(s string) bool { _, c := acceptPhone(s); return c == "" }
func sureEmail(s string) bool { _, c := acceptEmail(s); return c == "" }

// postal is what stands in an address and in no name.
var postal = regexp.MustCompile(`(?i)(?:^|[\s,.])(?:ул|улица|пр-т|проспект|переулок|пер|дом|корп|кв|каб|кабинет|этаж)[.\s]|(?:^|\D)\d{6}(?:\D|$)|(?:^|[\s,])д\.?\s?\d`)

// doubtOrganisation says what a name of an organisation looks like instead.
func doubtOrganisation(value string) string {
	const back = " Если это не название организации, нажмите «" + labelBack + "»."
	switch {
	case postal.MatchString(value) && !strings.Contains(value, "№"):
		return "Похоже, это адрес." + back
	case looksLikeName(value):
		return "Похоже, это имя." + back
	case len([]rune(value)) > 150 || strings.ContainsAny(value, "?!"):
		return "Похоже, это больше, чем название." + back
	}
	return ""
}

// doubtName says what a person's name looks like instead.
func doubtName(value string) string {
	if looksLikeBody(value) {
		return "Похоже, это название организации. Если это не фамилия и имя, нажмите «" + labelBack + "»."
	}
	return ""
}
