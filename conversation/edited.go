package conversation

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"

	"intakebot/incident"
)

// edited corrects the answer that the message gave.
func (t *turn) edited(e Edited) {
	switch d := t.s.Draft; {
	case !t.consented():
	case d != nil && t.correct(d, e):
	case t.s.Escalation != nil && t.s.Escalation.MessageID == e.MessageID && t.s.Escalation.State != "":
		t.state(e.Text, e.MessageID)
	case t.s.Offer != nil && t.correctOffer(e):
	default:
		t.amend(e)
	}
}

// correct replaces the answer, or the part of the description, that the edited
// message gave; false when it gave none.
func (t *turn) correct(d *Draft, e Edited) bool {
	for _, step := range Steps {
		if step.Parts || d.Answers[step.Key].MessageID != e.MessageID || e.MessageID == 0 {
			continue
		}
		value, complaint := step.Check(e.Text)
		if complaint != "" {
			t.ask("Правку не приняли, остался прежний ответ. " + complaint)
			return true
		}
		editing := d.Editing
		t.accept(step, value, e.MessageID)
		d.Editing = editing
		t.note = "Исправили «" + step.Label + "»: " + step.show(value)
		t.ask("")
		return true
	}
	parts := slices.Clone(d.Parts)
	if !replaceText(parts, e) {
		return false
	}
	if _, complaint := lastStep().Check(joinParts(parts)); complaint != "" && d.value(lastStep()) != "" {
		t.turnAway("Правку не приняли, остался прежний текст. " + complaint)
		return true
	}
	d.Parts = parts
	t.note = "Исправили описание."
	t.ask("")
	return true
}

// correctOffer is correct for a text that waits for a word where it belongs.
func (t *turn) correctOffer(e Edited) bool {
	parts := slices.Clone(t.s.Offer.Parts)
	if !replaceText(parts, e) {
		return false
	}
	others := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return p.MessageID == e.MessageID })
	if c := crowded(others, Part{Text: text(e.Text)}); c != "" {
		t.partly("Правку не приняли, остался прежний текст. " + c)
	} else {
		t.s.Offer.Parts = parts
	}
	t.ask("")
	return true
}

// replaceText gives the part that the edited message made its new text.
func replaceText(parts []Part, e Edited) bool {
	for i := range parts {
		if parts[i].MessageID == e.MessageID {
			parts[i].Text = text(e.Text)
			return true
		}
	}
	return false
}

// amend passes on the new text of a message that support has already.
func (t *turn) amend(e Edited) {
	i, own := t.Reporter.Find(t.About)
	said := text(e.Text)
	if !own || said == "" {
		return
	}
	if c := cmp.Or(crowded(nil, Part{Text: said}), t.tooManyAdded(Part{Text: said})); c != "" {
		t.say(esc(string(c)))
		return
	}
	sum := fnv.New32a()
	sum.Write([]byte(said))
	// The same edit is one act, whatever comes twice.
	id := fmt.Sprintf("edit:%d:%d:%d:%08x", t.Reporter.Chat, e.MessageID, e.At, sum.Sum32())
	t.effects = append(t.effects,
		Do{ID: id, Number: i.Number, Action: incident.Amend, Text: said, MessageID: e.MessageID},
		Say{Message{HTML: "Исправление передали техподдержке, обращение " + copyable(i.Number) + ".", About: i.Number, Prompt: true}})
}
