package conversation

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"

	"intakebot/incident"
)

const (
	editRefused = "Правку не приняли, остался прежний ответ."
	editCommand = "Это команда: отправьте её отдельным сообщением."
)

// sentAnew takes the edit of a message that was just refused for that message.
func (t *turn) sentAnew(e Edited) {
	if d := t.s.Draft; d != nil && d.Said != nil {
		d.Said.Words = slices.DeleteFunc(d.Said.Words, func(p Part) bool { return p.MessageID == e.MessageID })
	}
	if c, ok := ReadCommand(text(e.Text)); ok && e.ForwardedFrom == "" {
		c.MessageID = e.MessageID
		t.Event = c
		return
	}
	t.Event = Text{MessageID: e.MessageID, Text: e.Text, Quote: e.Quote, ForwardedFrom: e.ForwardedFrom}
}

// edited corrects the answer that the message gave. An edit that changes
// nothing says nothing.
func (t *turn) edited(e Edited) {
	switch d := t.s.Draft; {
	case !t.consented(), e.MessageID == 0:
	case text(e.Text) == "":
		t.swapFile(e)
	case d != nil && t.correct(d, e):
	case t.s.Escalation != nil && t.s.Escalation.MessageID == e.MessageID && t.s.Escalation.State != "":
		t.correctState(e)
	case t.s.Offer != nil && t.correctOffer(e):
	default:
		t.amend(e)
	}
}

// behind takes the words behind a command, where the edited message may have
// been one: «/add 26-00001-0 Горит зелёный».
func (e Edited) behind(commands ...string) Edited {
	c, ok := ReadCommand(text(e.Text))
	if own, russian := russianCommands[c.Name]; russian {
		c.Name = own
	}
	if !ok || !slices.Contains(commands, c.Name) {
		return e
	}
	rest := c.Args
	if n, words, err := incident.SplitNumber(c.Args); err == nil && n != "" {
		rest = words
	}
	if rest != "" {
		e.Text = rest
	}
	return e
}

// commandInstead says that an answer was edited into a command: it stays.
func (t *turn) commandInstead(e Edited) bool {
	if _, command := ReadCommand(text(e.Text)); !command {
		return false
	}
	t.turnAway(editRefused + " " + editCommand)
	return true
}

// correct replaces the answer, or the part of the description, that the edited
// message gave; false when it gave none.
func (t *turn) correct(d *Draft, e Edited) bool {
	t.swapFile(e)
	for _, step := range Steps {
		given := d.Answers[step.Key]
		if step.Parts || given.MessageID != e.MessageID || d.ofParts(e.MessageID) {
			continue
		}
		t.correctAnswer(d, step, given, e)
		return true
	}
	e = e.behind("new", "add")
	parts, anew := slices.Clone(d.Parts), slices.Clone(d.Anew)
	found, changed := replaceText(parts, e)
	if !found {
		if found, changed = replaceText(anew, e); !found {
			return false
		}
	}
	if !changed || t.commandInstead(e) {
		return true
	}
	if _, complaint := lastStep().Check(joinParts(parts)); complaint != "" && d.value(lastStep()) != "" {
		t.turnAway(editRefused + " " + complaint)
		return true
	}
	d.Parts, d.Anew = parts, anew
	t.note = "Исправили описание."
	t.ask("")
	return true
}

// ofParts says that a message is a part of the description: a letter that
// answered everything is, and its answers are corrected by the menu.
func (d *Draft) ofParts(id int) bool {
	return slices.ContainsFunc(d.Parts, func(p Part) bool { return p.MessageID == id })
}

func (t *turn) correctAnswer(d *Draft, step Step, given Given, e Edited) {
	value, complaint := step.Check(e.Text)
	switch {
	case value == given.Value && complaint == "", t.commandInstead(e):
	case complaint != "":
		t.turnAway(editRefused + " " + complaint)
	default:
		editing := d.Editing
		t.accept(step, value, e.MessageID)
		d.Editing = editing
		t.note = "Исправили «" + step.Label + "»: " + step.show(value)
		t.ask("")
	}
}

// correctState replaces the state of the repair in the letter.
func (t *turn) correctState(e Edited) {
	e = e.behind("escalate")
	value, complaint := checkState(e.words())
	switch {
	case value == t.s.Escalation.State, t.commandInstead(e):
	case complaint != "":
		t.turnAway(editRefused + " " + complaint)
	default:
		t.s.Escalation.State = value
		t.ask("")
	}
}

// correctOffer is correct for a text that waits for a word where it belongs.
func (t *turn) correctOffer(e Edited) bool {
	e = e.behind("new", "add")
	parts := slices.Clone(t.s.Offer.Parts)
	found, changed := replaceText(parts, e)
	if !found || !changed {
		return found
	}
	others := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return p.MessageID == e.MessageID })
	switch c := crowded(others, Part{Text: e.words()}); {
	case t.commandInstead(e):
		return true
	case c != "":
		t.partly(editRefused + " " + c)
	default:
		t.s.Offer.Parts = parts
	}
	t.ask("")
	return true
}

// swapFile puts another file in the place of one of the draft. Telegram may name
// the same file anew, so nothing is said of it.
func (t *turn) swapFile(e Edited) {
	if t.s.Draft == nil || e.Attachment == nil {
		return
	}
	for i, p := range t.s.Draft.Parts {
		if p.MessageID == e.MessageID && p.Attachment != nil && refusedFile(Part{Attachment: e.Attachment}) == "" && refusedInReport(Part{Attachment: e.Attachment}) == "" {
			file := *e.Attachment
			t.s.Draft.Parts[i].Attachment = &file
		}
	}
}

// replaceText gives the part that the edited message made its new text.
func replaceText(parts []Part, e Edited) (found, changed bool) {
	for i := range parts {
		if parts[i].MessageID == e.MessageID {
			changed = parts[i].Text != e.words()
			parts[i].Text = e.words()
			return true, changed
		}
	}
	return false, false
}

// amend passes on the new text of a message that support has already.
func (t *turn) amend(e Edited) {
	e = e.behind("add")
	if f, i, ok := t.filed(e.MessageID); ok {
		t.correctFiled(f, i, e)
	} else if i, own := t.Reporter.Find(t.About); own {
		t.passCorrection(i, e, e.words())
	}
}

// passCorrection tells support what a message says after an edit.
func (t *turn) passCorrection(i incident.Incident, e Edited, said string) {
	if unchanged(i, said) {
		return
	}
	if _, command := ReadCommand(text(e.Text)); command {
		t.say("Исправление не передали. " + editCommand)
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

// unchanged says that support has these words already and no later correction:
// Telegram tells of a reaction or a preview as an edit.
func unchanged(i incident.Incident, said string) bool {
	v, bare := judge(said)
	for _, e := range slices.Backward(i.History) {
		switch e.Kind {
		case incident.KindAdded, incident.KindRejected:
			no := e.Kind == incident.KindRejected && e.Text == "" && v == fails && bare
			if e.Text == said || no {
				return true
			}
		case incident.KindAmended:
			return e.Text == said
		}
	}
	return false
}
