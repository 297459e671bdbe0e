package conversation

import "intakebot/incident"

// askDraft says the current question of the draft, or its summary.
func (t *turn) askDraft(complaint Complaint) {
	d := t.s.Draft
	step, ok := d.current()
	if !ok {
		t.summary(complaint)
		return
	}
	where := string(step.Key) + ":" + d.ID
	m := Message{HTML: question(step, complaint, t.asides(step)...), Contact: step.Contact, Buttons: d.hintRow()}
	if d.Editing != "" && d.value(step) != "" {
		m.Buttons = append(m.Buttons, []Button{{labelKeep, "keep:" + where, Plain}})
	}
	if step.Parts && d.Remembered && d.Editing == "" {
		m.Buttons = append(m.Buttons, []Button{{labelEdit, "edit:" + d.ID, Plain}})
	}
	m.Buttons = append(m.Buttons, []Button{
		{labelBack, "back:" + where, Plain}, {labelCancel, "drop:" + d.ID, Plain},
	})
	t.prompt(m)
}

// asides are what stands under a question: a suggestion for the last answer,
// the present value, the remembered answers, the files already sent.
func (t *turn) asides(step Step) []string {
	d := t.s.Draft
	var asides []string
	if d.Hint != nil {
		asides = append(asides, d.hintLine())
	}
	if value := d.value(step); d.Editing != "" && value != "" {
		asides = append(asides, "Сейчас: "+esc(incident.CutUnits(step.show(value), summaryShown)))
	}
	if !step.Parts {
		return asides
	}
	if d.Remembered && d.Editing == "" {
		asides = append(asides, "Остальное возьмём из прошлого обращения:\n"+answerLines(d.answers(), summaryShown))
	}
	if files := AttachmentLine(d.attachments()); files != "" {
		asides = append(asides, esc(files))
	}
	return asides
}

// summary shows the whole report before it is registered, the description as
// far as there is room.
func (t *turn) summary(complaint Complaint) {
	d := t.s.Draft
	var m Message
	for shown := summaryShown; m.HTML == "" || units(m.HTML)+units(esc(t.note)) > messageMost && shown > 0; shown /= 2 {
		m.HTML = paragraphs(summaryHead, warning(complaint), answerLines(d.answers(), shown),
			esc(AttachmentLine(d.attachments())), d.hintLine(), summaryFoot)
	}
	m.Buttons = append(d.hintRow(),
		[]Button{{labelRegister, "reg:" + d.ID, Success}},
		[]Button{{labelEdit, "edit:" + d.ID, Plain}, {labelCancel, "drop:" + d.ID, Plain}})
	t.prompt(m)
}

// hintRow is the button that takes the suggestion, hintLine shows it whole.
func (d *Draft) hintRow() [][]Button {
	if d.Hint == nil || d.Hint.Value == "" {
		return nil
	}
	step, _ := StepByKey(d.Hint.Key)
	short, _ := incident.Cut(step.show(d.Hint.Value), 40)
	label := "Возможно: " + short + " — заменить"
	if d.value(step) == "" {
		label = "Взять: " + short
	}
	return [][]Button{{{label, d.Hint.data(d.ID), Plain}}}
}

func (d *Draft) hintLine() string {
	switch {
	case d.Hint == nil:
		return ""
	case d.Hint.Value == "":
		return esc(d.Hint.Doubt)
	}
	step, _ := StepByKey(d.Hint.Key)
	return paragraphs(esc(d.Hint.Doubt), "Возможно, вы имели в виду: "+esc(step.show(d.Hint.Value))+"?")
}
