package incident

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Erased says that the person's data are gone and only the anonymous row of the
// register is left: nothing can be done to it any more.
func (i Incident) Erased() bool { return !i.ErasedAt.IsZero() }

// Forgotten returns what the register keeps of an incident whose person is to
// be forgotten at at: number, times, organisation, status and what happened
// when, without a word that anybody said. why is KindForgotten, the person's
// wish, or KindExpired, the end of the retention; it becomes the last entry of
// the history. What was open is cancelled, what was solved is closed: there is
// nobody left to ask. It does not change i.
func (i Incident) Forgotten(at time.Time, why Kind) Incident {
	if i.Erased() {
		return i
	}
	switch {
	case i.Status.Open():
		i.Status, i.StatusAt = Cancelled, at
	case i.Status == Resolved:
		i.Status, i.StatusAt = Closed, at
	}
	side := BySystem
	if why == KindForgotten {
		side = ByReporter
	}
	i.History = append(slices.Clone(i.History), Entry{At: at, Kind: why, By: side})
	for k := range i.History {
		e := &i.History[k]
		e.Attachments = nil
		if e.By == ByMail {
			e.Name = ""
		}
		if e.Kind != KindRated { // a mark from one to five names nobody
			e.Text = ""
		}
	}
	i.Escalations = slices.Clone(i.Escalations)
	for k := range i.Escalations {
		i.Escalations[k].State, i.Escalations[k].Problem = "", ""
	}
	i.Answers = i.Answers.anonymous()
	i.Reporter, i.Attachments, i.Theirs, i.ErasedAt = 0, nil, "", at
	i.Version++
	return i
}

// anonymous keeps the organisation, which is a public body and what reports
// count by, unless the field tells of a person: a sole trader, the person's own
// name, an address or a telephone typed into it.
func (a Answers) anonymous() Answers {
	var kept Answers
	for _, answer := range a {
		if answer.Key == Organisation && !tellsOfPerson(answer.Value, a.Get(FullName)) {
			kept = append(kept, answer)
		}
	}
	return kept
}

// soleTraders are the words that stand before a person's name in the name of an
// enterprise.
var soleTraders = []string{"ип", "индивидуальный", "чп", "самозанятый", "самозанятая", "адвокат", "нотариус"}

func tellsOfPerson(organisation, fullName string) bool {
	said := plainWords(organisation)
	names := plainWords(fullName)
	digits := 0
	for _, r := range organisation {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return strings.Contains(organisation, "@") || digits >= 6 ||
		slices.ContainsFunc(said, func(w string) bool { return slices.Contains(soleTraders, w) || slices.Contains(names, w) })
}

// plainWords are the words of more than one letter.
func plainWords(text string) []string {
	words := strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.DeleteFunc(words, func(w string) bool { return len([]rune(w)) < 2 })
}

// Stored is how much is kept of a person, to be shown before it is erased.
type Stored struct {
	Incidents, Open, Files int
	// Letters are those not accepted yet by a mail server.
	Letters int
	// Erasing says that an erasure is under way: a letter goes first, or
	// Telegram is still at work in the group.
	Erasing bool
}
