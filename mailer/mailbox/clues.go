package mailbox

import (
	"regexp"
	"slices"
	"strings"

	"intakebot/incident"
	"intakebot/outbox"
)

// Sent is a letter of ours.
type Sent struct {
	Number incident.Number
	Kind   outbox.LetterKind
	Seq    int
}

// Recognise finds the letter of ours that has a Message-ID (without angle
// brackets); ok is false for those of others.
type Recognise func(messageID string) (s Sent, ok bool)

// Clue is a hint at the incident that a letter is about. One of the three is
// set.
type Clue struct {
	Sent   Sent            // it answers this letter of ours
	Number incident.Number // it names this number
	// Theirs is a number of the other side's register, to be looked up among
	// those that its letters have named before.
	Theirs string
}

// clues are the hints at the incident that the letter is about, the surest
// first: the letter that a report tells of, the letters that it answers,
// X-Incident-Number, a number in the subject, the other side's own number there.
func (l Letter) clues(report *Report, own Recognise) []Clue {
	var clues []Clue
	ids := slices.Concat(l.InReplyTo, reversed(l.References))
	if report != nil {
		ids = append([]string{report.Original}, ids...)
	}
	for _, id := range ids {
		if sent, ok := own(id); ok {
			clues = append(clues, Clue{Sent: sent})
		}
	}
	if report != nil {
		clues = append(clues, numbered(report.Incident)...)
	}
	clues = append(clues, numbered(l.Incident)...)
	for _, n := range incident.FindNumbers(dashes.Replace(l.Subject)) {
		clues = append(clues, Clue{Number: n})
	}
	if theirs := TheirNumber(l.Subject, ""); theirs != "" {
		clues = append(clues, Clue{Theirs: theirs})
	}
	return clues
}

// dashes that programs make of a hyphen.
var dashes = strings.NewReplacer("–", "-", "—", "-", "−", "-", "‑", "-")

// numbered is a clue when the value of a header is a number of ours.
func numbered(value string) []Clue {
	n, err := incident.ParseNumber(value)
	if err != nil {
		return nil
	}
	return []Clue{{Number: n}}
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

// theirForms are how service desks write a number of theirs, the surest first.
// The number is the first group.
var theirForms = []*regexp.Regexp{
	regexp.MustCompile(`##\s*(\d{3,20})\s*##`),                                     // ManageEngine
	regexp.MustCompile(`\[[^\[\]\n]{0,30}?(?:#|№)\s?([A-ZА-ЯЁ]{0,6}-?\d{2,20})\]`), // [Ticket#2026…], [#123]
	regexp.MustCompile(`(?i)(?:ticket|case|request|incident)\s?(?:#|№|no\.?|number)?\s?:?\s?([A-Z]{0,6}-?\d{3,20})\b`),
	regexp.MustCompile(`(?i)(?:зарегистрирован\p{L}*|заявк\p{L}*|обращени\p{L}*|запрос\p{L}*|инцидент\p{L}*|наряд\p{L}*|тикет\p{L}*|номер\p{L}*)` +
		`[^\n.;]{0,40}?(?:№|#|N|за номером|под номером|номер|присвоен номер:?)[ \x{00a0}:]*([A-ZА-ЯЁa-zа-яё]{0,6}-?\d[\dA-ZА-ЯЁ/\-]{0,24})`),
	regexp.MustCompile(`\b((?:INC|REQ|RITM|SR|SD|RP|IM|HD|TASK)-?\d{3,20})\b`), // ServiceNow, Jira, Naumen
}

// TheirNumber is the number under which the other side has registered what its
// letter answers, "" when it names none. A number of ours is none of theirs.
func TheirNumber(subject, text string) string {
	for _, where := range []string{subject, text} {
		where = ourNumber.ReplaceAllString(dashes.Replace(where), " ")
		for _, form := range theirForms {
			if m := form.FindStringSubmatch(where); m != nil {
				return strings.ToUpper(strings.Trim(m[1], "-/"))
			}
		}
	}
	return ""
}

var ourNumber = regexp.MustCompile(`(?:№[ \x{00a0}]?)?\b\d{2}-\d{5,12}-\d\b`)
