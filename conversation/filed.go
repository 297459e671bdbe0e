package conversation

import (
	"slices"
	"strings"

	"intakebot/incident"
)

// Filed is a message whose words went into an incident otherwise than as an
// addition: an answer, a part of the description, a typed button. Support is
// told of what it says after an edit.
type Filed struct {
	MessageID int `json:"message_id"`
	// Draft or Number says which incident.
	Draft  string          `json:"draft,omitempty"`
	Number incident.Number `json:"number,omitempty"`
	// Key is the step that it answered, "" for a typed button.
	Key incident.Key `json:"key,omitempty"`
}

// filedMost is how many of such messages are remembered, the newest.
const filedMost = 60

// remember notes messages that went into an incident.
func (t *turn) remember(all ...Filed) {
	all = slices.DeleteFunc(all, func(f Filed) bool { return f.MessageID == 0 })
	t.s.Filed = slices.Concat(t.s.Filed, all)
	t.s.Filed = t.s.Filed[max(0, len(t.s.Filed)-filedMost):]
}

// filedBy are the messages that made a draft.
func (d *Draft) filedBy() (all []Filed) {
	for _, part := range d.Parts {
		all = append(all, Filed{MessageID: part.MessageID, Draft: d.ID, Key: lastStep().Key})
	}
	for _, step := range Steps {
		if id := d.Answers[step.Key].MessageID; !step.Parts && !d.ofParts(id) {
			all = append(all, Filed{MessageID: id, Draft: d.ID, Key: step.Key})
		}
	}
	return all
}

// filed finds the message that was edited, and its incident.
func (t *turn) filed(id int) (f Filed, i incident.Incident, ok bool) {
	for _, f := range t.s.Filed {
		for _, i := range t.Reporter.Incidents {
			if f.MessageID == id && (f.Number == i.Number || f.Draft != "" && f.Draft == i.DraftID) {
				return f, i, true
			}
		}
	}
	return f, i, false
}

// correctFiled passes on what such a message says after an edit, the answer to
// a question with its label.
func (t *turn) correctFiled(f Filed, i incident.Incident, e Edited) {
	said := e.words()
	step, ofStep := StepByKey(f.Key)
	corrected := slices.ContainsFunc(i.History, func(h incident.Entry) bool { return h.Kind == incident.KindAmended })
	switch {
	case ofStep && !step.Parts:
		value, complaint := step.Check(e.Text)
		if complaint != "" {
			t.say(esc("Исправление не передали. " + string(complaint)))
			return
		}
		if !corrected && i.Answers.Get(f.Key) == value {
			return
		}
		said = step.Label + ": " + step.show(value)
	case ofStep && !corrected && strings.Contains(i.Description(), said):
		return
	case !ofStep && isButtonWord(said):
		return
	}
	t.passCorrection(i, e, said)
}

// isButtonWord says that a text is a word for a button and nothing else.
func isButtonWord(typed string) bool {
	words := plainWords(typed)
	for _, label := range []string{labelHelped, labelNotHelp, labelRegister} {
		if words == plainWords(label) {
			return true
		}
	}
	for verb := range buttonWords {
		if means(verb, words) {
			return true
		}
	}
	return false
}
