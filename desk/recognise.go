package desk

import (
	"regexp"
	"slices"
	"strings"

	"intakebot/incident"
	"intakebot/outbox"
)

// InTheirWords says that ReporterAct brings the reporter's own words.
func InTheirWords(a incident.Act) bool {
	return a.Text != "" && (a.Action == incident.Append || a.Action == incident.Amend || a.Action == incident.Reject)
}

// The first lines of the messages to which a reply goes to the reporter, those of
// older releases too.
var (
	cardLine   = regexp.MustCompile(`^№[ \x{a0}](\d{2}-\d{5,}-\d)(?: · (.+))?$`)
	relayLine  = regexp.MustCompile(`^(?:💬|✏️) Заявитель, №[ \x{a0}](\d{2}-\d{5,}-\d)(?:, изменено заявителем)?:$`)
	goneLine   = regexp.MustCompile(`^🗑 №[ \x{a0}](\d{2}-\d{5,}-\d): удалено вместе`) // such a message, emptied
	promptLine = regexp.MustCompile(`(что спросить|что сделано).*[ \x{a0}]по[ \x{a0}]№[ \x{a0}](\d{2}-\d{5,}-\d)\b.*[ \x{a0}]на[ \x{a0}]это сообщение`)
)

// statuses are the words that follow the number on a card.
var statuses = []incident.Status{incident.Registered, incident.InProgress, incident.Waiting, incident.Resolved, incident.Closed, incident.Cancelled}

// Recognise says what a message of ours is by its words, for one whose id the
// register does not know: the program ended before it was recorded, or the group
// has moved. What is not surely a card, a message of the reporter or a prompt is
// another message. what is the action that a prompt is for.
func Recognise(text string) (told outbox.MessageContext, what incident.Action) {
	first, rest, _ := strings.Cut(text, "\n")
	for _, line := range []*regexp.Regexp{relayLine, goneLine} {
		if m := line.FindStringSubmatch(first); m != nil {
			return recognised(outbox.ReporterMessage, m[1]), ""
		}
	}
	if m := promptLine.FindStringSubmatch(first); m != nil {
		if what = incident.Ask; m[1] == "что сделано" {
			what = incident.Solve
		}
		return recognised(outbox.PromptMessage, m[2]), what
	}
	m := cardLine.FindStringSubmatch(first)
	if m == nil || slices.Contains(strings.Split(rest, "\n"), historyHead) { // /incident of older releases begins like a card
		return outbox.MessageContext{}, ""
	}
	plain := m[2] == "" && strings.Contains(rest, "/incident "+m[1])
	hasStatus := slices.ContainsFunc(statuses, func(s incident.Status) bool {
		return strings.HasPrefix(m[2], strings.ToLower(s.String()))
	})
	if plain || hasStatus {
		return recognised(outbox.CardMessage, m[1]), ""
	}
	return outbox.MessageContext{}, ""
}

func recognised(kind outbox.MessageKind, number string) outbox.MessageContext {
	n, err := incident.ParseNumber(number)
	if err != nil {
		return outbox.MessageContext{}
	}
	return outbox.MessageContext{Number: n, Kind: kind}
}
