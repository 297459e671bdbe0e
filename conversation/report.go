package conversation

import (
	"cmp"
	"slices"
	"strings"

	"intakebot/incident"
)

// newReport begins a report; a draft in hand is offered first, and text that
// waits for a word where it belongs becomes the description.
func (t *turn) newReport(string) {
	var parts []Part
	if t.s.Offer != nil {
		parts = t.offered()
	}
	t.s.Escalation, t.s.Addition, t.s.Offer = nil, nil, nil
	d := t.s.Draft
	switch {
	case d == nil:
		t.beginReport(parts)
	case !d.touched():
		t.ask("")
	default:
		t.prompt(Message{
			HTML: paragraphs("У вас есть незаконченное обращение.", answerLines(d.answers(), summaryShown), "Продолжим его или начнём заново?"),
			Buttons: [][]Button{
				{{labelGoOn, "goon:" + d.ID, Success}},
				{{labelAnew, "anew:" + d.ID, Plain}},
			},
		})
	}
}

// beginReport opens a draft with the remembered answers and, if there are any,
// the parts of a description already sent.
func (t *turn) beginReport(parts []Part) {
	d := &Draft{ID: t.NewID, Answers: map[incident.Key]Given{}, Parts: parts}
	for _, a := range t.Reporter.Remembered {
		if step, ok := StepByKey(a.Key); ok && !step.Parts {
			d.Answers[a.Key] = Given{Value: a.Value}
			d.Remembered = true
		}
	}
	t.s.Draft, t.s.Discarded = d, nil
	t.ask("")
}

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
	if d.Hint == nil {
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
	if d.Hint == nil {
		return ""
	}
	step, _ := StepByKey(d.Hint.Key)
	return "Возможно, вы имели в виду: " + esc(step.show(d.Hint.Value)) + "?"
}

// draftMessage takes an answer to the current question.
func (t *turn) draftMessage() {
	d := t.s.Draft
	d.Reminded = false
	step, asked := d.current()
	if !asked || step.Parts {
		t.describe(asked && d.Editing != "")
		return
	}
	typed, id, complaint := t.typedAnswer(step)
	value := ""
	if complaint == "" {
		value, complaint = step.Check(typed)
	}
	if complaint != "" {
		d.Hint = nil
		if step.Mend != nil {
			if mended := step.Mend(t.Dialogue, typed); mended != "" {
				d.Hint = &Hint{step.Key, mended}
			}
		}
		t.ask(complaint)
		return
	}
	t.accept(step, value, id)
	if step.Contact {
		t.say("Записали: " + esc(step.show(value)))
	}
	t.ask("")
}

// accept keeps an answer and looks for a better one to offer.
func (t *turn) accept(step Step, value string, id int) {
	d := t.s.Draft
	d.Answers[step.Key] = Given{Value: value, MessageID: id}
	d.Editing, d.Hint = "", nil
	if step.Hint != nil {
		if better := step.Hint(t.Dialogue, t.Reporter, value); better != "" {
			d.Hint = &Hint{step.Key, better}
		}
	}
}

// typedAnswer is the event as an answer to a question of one line.
func (t *turn) typedAnswer(step Step) (typed string, id int, complaint Complaint) {
	switch e := t.Event.(type) {
	case Text:
		return e.Text, e.MessageID, ""
	case Contact:
		switch {
		case !step.Contact:
			return "", 0, "Контакт здесь не подойдёт: ответьте, пожалуйста, текстом."
		case !e.Own:
			return "", 0, "Это чужой контакт: если это контактное лицо, напишите номер текстом."
		}
		return e.Phone, e.MessageID, ""
	case Media:
		return "", 0, "Здесь нужен ответ текстом, а фото и документы можно приложить к описанию."
	}
	return "", 0, "Здесь нужен ответ текстом."
}

// describe takes a part of the description. At the question and while the
// summary is open whatever comes is added; rewriting, the first text replaces
// what was written, and the files stay.
func (t *turn) describe(rewriting bool) {
	d := t.s.Draft
	part, ok := t.part()
	if !ok {
		t.ask("Такое к обращению не приложить: пришлите текст, фото или документ.")
		return
	}
	if c := cmp.Or(refusedFile(part), refusedInReport(part)); c != "" {
		t.turnAway(c)
		return
	}
	if part.empty() {
		t.ask(emptyMessage)
		return
	}
	sent := part
	part, full := fit(sent, len(d.attachments()))
	if full && t.told(sent, "") {
		return
	}
	if part.empty() {
		t.turnAway(t.tooManyFiles(sent, false, true))
		return
	}
	before := d.Parts
	if rewriting && part.Text != "" {
		before = onlyFiles(before)
	}
	parts := append(slices.Clone(before), part)
	over := crowded(before, part)
	_, complaint := lastStep().Check(joinParts(parts))
	if full {
		t.partly(t.tooManyFiles(sent, over == "" && complaint == "", true))
	}
	switch {
	case over != "":
		t.turnAway(over)
		return
	case complaint != "" && part.Attachment == nil:
		t.ask(complaint)
		return
	case complaint != "":
		t.note = "Файл приложили. Теперь напишите словами, что случилось."
	case part.Text != "" || !rewriting:
		d.Editing = ""
	}
	d.Parts, d.Hint = parts, nil
	t.ask("")
}

// onlyFiles leaves the files of a description that is written anew.
func onlyFiles(parts []Part) []Part {
	var files []Part
	for _, p := range parts {
		if p.Attachment != nil {
			files = append(files, Part{MessageID: p.MessageID, Attachment: p.Attachment})
		}
	}
	return files
}

// back goes to the question before the current one; from a question reached
// from the summary, back to the summary.
func (t *turn) back(arg string) {
	if !t.stepPress(arg) {
		return
	}
	d := t.s.Draft
	step, _ := d.current()
	d.Hint = nil
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
		t.s.Draft.Editing = ""
		t.ask("")
	}
}

func (t *turn) takeHint(args string) {
	id, _, _ := strings.Cut(args, ":")
	if !t.draftPress(id) {
		return
	}
	d := t.s.Draft
	if d.Hint == nil || d.Hint.data(id) != "hint:"+args {
		t.stale()
		return
	}
	given := d.Answers[d.Hint.Key]
	given.Value = d.Hint.Value
	d.Answers[d.Hint.Key] = given
	short, _ := incident.Cut(d.Hint.Value, 150)
	d.Hint = nil
	t.answer("Заменили: " + short)
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
	t.s.Draft.Editing, t.s.Draft.Hint = incident.Key(key), nil
	t.ask("")
}

func (t *turn) toSummary(id string) {
	if t.draftPress(id) {
		t.s.Draft.Editing = ""
		t.ask("")
	}
}

func (t *turn) cancelDraft(id string) {
	if id != "" && !t.draftPress(id) {
		return
	}
	t.s.Discarded, t.s.Draft = t.s.Draft, nil
	t.s.Discarded.Editing, t.s.Discarded.Hint = "", nil
	undo := []Button{{labelRestore, "restore:" + t.s.Discarded.ID, Plain}}
	t.s.Screen = undo
	t.say("Обращение не подано, черновик отложен. Если нажали случайно, верните его. Начать новое — /new.", undo)
}

func (t *turn) restore(id string) {
	if t.s.Discarded == nil || t.s.Discarded.ID != id || t.s.Draft != nil {
		t.stale()
		return
	}
	t.s.Draft, t.s.Discarded = t.s.Discarded, nil
	t.ask("")
}

func (t *turn) register(id string) {
	if !t.draftPress(id) {
		return
	}
	d := t.s.Draft
	if !d.complete() || d.Editing != "" {
		t.stale()
		return
	}
	if c := t.tooManyIncidents(d.ID); c != "" {
		t.ask(c)
		return
	}
	t.effects = append(t.effects, Register{DraftID: d.ID, Answers: d.answers(), Attachments: d.attachments()})
	t.s.Draft, t.s.Discarded = nil, nil
	t.s.Escalation, t.s.Addition, t.s.Offer, t.s.Screen = nil, nil, nil, nil
}

// remind says once that the draft still waits.
func (t *turn) remind(e Remind) {
	d := t.s.Draft
	if d == nil || d.Reminded || !d.touched() {
		return
	}
	d.Reminded = true
	buttons := [][]Button{{{labelGoOn, "goon:" + d.ID, Success}}, {{labelCancel, "drop:" + d.ID, Plain}}}
	t.onScreen(buttons)
	t.effects = append(t.effects, Say{Message{
		HTML: paragraphs("Ваше обращение ещё не подано: черновик ждёт.",
			"Он хранится до "+t.stamp(e.ExpiresAt, t.At)+", потом удалится."),
		Buttons: buttons,
	}})
}
