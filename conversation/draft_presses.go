package conversation

import (
	"strings"

	"intakebot/incident"
)

func (t *turn) goOn(id string) {
	if t.draftPress(id) {
		t.s.Escalation, t.s.Addition, t.s.Offer = nil, nil, nil
		t.ask("")
	}
}

func (t *turn) anew(id string) {
	if t.draftPress(id) {
		t.beginReport(nil)
	}
}

// back goes to the question before the current one; from a question reached
// from the summary, back to the summary.
func (t *turn) back(arg string) {
	if !t.stepPress(arg) {
		return
	}
	d := t.s.Draft
	step, _ := d.current()
	d.Hint, d.Said, d.Anew = nil, nil, nil
	switch n := step.ordinal(); {
	case d.Editing != "" && d.complete():
		d.Editing = ""
	case n == 1:
		t.answer("Это первый вопрос.")
	default:
		d.Editing = Steps[n-2].Key
	}
	t.ask("")
}

func (t *turn) keep(arg string) {
	if t.stepPress(arg) {
		t.s.Draft.Editing, t.s.Draft.Said, t.s.Draft.Anew = "", nil, nil
		t.ask("")
	}
}

func (t *turn) takeHint(args string) {
	id, _, _ := strings.Cut(args, ":")
	if !t.draftPress(id) {
		return
	}
	d := t.s.Draft
	if d.Hint == nil || d.Hint.Value == "" || d.Hint.data(id) != "hint:"+args {
		t.stale()
		return
	}
	step, _ := StepByKey(d.Hint.Key)
	given, editing := d.Answers[step.Key], d.Editing
	said := "Заменили: "
	if given.Value == "" {
		said = "Записали: "
	}
	if editing == step.Key {
		editing = ""
	}
	short, _ := incident.Cut(step.show(d.Hint.Value), 150)
	d.Answers[step.Key] = Given{Value: d.Hint.Value, MessageID: given.MessageID}
	d.Editing, d.Hint, d.Said = editing, nil, nil
	if step.Contact && t.typed {
		t.say(esc(said + short)) // the reply keyboard leaves with it
	} else {
		t.answer(said + short)
	}
	t.ask("")
}

// editMenu offers the fields by their names.
func (t *turn) editMenu(id string) {
	if !t.draftPress(id) {
		return
	}
	var rows [][]Button
	for _, step := range Steps {
		if t.s.Draft.value(step) != "" {
			rows = append(rows, []Button{{step.Label, "field:" + string(step.Key) + ":" + id, Plain}})
		}
	}
	rows = append(rows, []Button{{labelBack, "summary:" + id, Plain}})
	t.prompt(Message{HTML: "<b>Что изменить?</b>", Buttons: rows})
}

func (t *turn) editField(arg string) {
	key, id, _ := strings.Cut(arg, ":")
	if !t.draftPress(id) {
		return
	}
	if _, ok := StepByKey(incident.Key(key)); !ok {
		t.stale()
		return
	}
	d := t.s.Draft
	d.Editing, d.Hint, d.Said, d.Anew = incident.Key(key), nil, nil, nil
	t.ask("")
}

func (t *turn) toSummary(id string) {
	if t.draftPress(id) {
		t.s.Draft.Editing = ""
		t.ask("")
	}
}

// cancelDraft sets the draft aside. One in which nothing was put does not take
// the place of another that was set aside before.
func (t *turn) cancelDraft(id string) {
	if id != "" && !t.draftPress(id) {
		return
	}
	if d := t.s.Draft; d.touched() || t.s.Discarded == nil {
		t.s.Discarded = d
		d.Editing, d.Hint, d.Said, d.Anew = "", nil, nil, nil
	}
	t.s.Draft = nil
	undo := []Button{{labelRestore, "restore:" + t.s.Discarded.ID, Plain}}
	t.s.Screen = undo
	t.say("Обращение не подано, черновик отложен. Если отменили случайно, верните его. Начать новое — /new.", undo)
}

// restore brings back what was cancelled, until something new is typed.
func (t *turn) restore(id string) {
	if t.s.Discarded == nil || t.s.Discarded.ID != id {
		t.stale()
		return
	}
	t.s.Draft, t.s.Discarded = t.s.Discarded, nil
	t.ask("")
}

// gone tells of a draft that is kept no longer. The reply keyboard of its phone
// question may still stand there: the first message takes it away.
func (t *turn) gone() {
	t.effects = append(t.effects, Say{Message{HTML: esc("Черновик уже удалён: без изменений он хранится " + lasting(t.DraftTTL) + "."), RemoveKeyboard: true}})
	t.say("Подать обращение заново?", []Button{{labelNew, "new", Success}})
}
