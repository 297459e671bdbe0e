package conversation

import (
	"strings"

	"intakebot/incident"
)

// newReport begins a report, with the text behind the command as the
// description. A draft in hand is offered first, and text that waits for a word
// where it belongs goes along.
func (t *turn) newReport(args string) {
	var parts []Part
	if t.s.Offer != nil && !t.s.Offer.Draft {
		parts = t.offered()
	}
	if said := text(args); said != "" {
		parts = append(parts, t.commandPart(said))
	}
	t.s.Escalation, t.s.Addition, t.s.Offer = nil, nil, nil
	d := t.s.Draft
	switch {
	case d == nil, !d.touched() && len(parts) > 0:
		t.beginReport(parts)
	case !d.touched():
		t.ask("")
	case len(parts) > 0:
		t.s.Offer = &PendingText{ID: t.NewID, Parts: parts, Draft: true}
		t.askOffer()
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

// commandPart is what stands behind a command, as a message of its own.
func (t *turn) commandPart(said string) Part {
	c, _ := t.Event.(Command)
	return Part{MessageID: c.MessageID, Text: said}
}

// beginReport opens a draft with the remembered answers and, if there are any,
// the parts of a description already sent. A letter that answers everything
// fills it.
func (t *turn) beginReport(parts []Part) {
	d := &Draft{ID: t.NewID, Answers: map[incident.Key]Given{}, Parts: parts}
	for _, a := range t.Reporter.Remembered {
		if step, ok := StepByKey(a.Key); ok && !step.Parts {
			d.Answers[a.Key] = Given{Value: a.Value}
			d.Remembered = true
		}
	}
	t.s.Draft = d
	if len(parts) > 0 {
		t.s.Discarded = nil
		t.fill(joinParts(parts), parts[len(parts)-1].MessageID)
	}
	t.ask("")
}

// draftMessage takes an answer to the current question.
func (t *turn) draftMessage() {
	d := t.s.Draft
	d.Reminded = false
	if _, words := t.Event.(Text); !words {
		t.settleSaid()
	}
	step, asked := d.current()
	if !asked || step.Parts {
		t.describe()
		return
	}
	typed, id, complaint := t.typedAnswer(step)
	if complaint != "" {
		t.misfit(complaint)
		return
	}
	if d.Editing == "" && t.fill(typed, id) {
		t.ask("")
		return
	}
	t.takeLine(step, typed, id)
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
			return "", 0, "Это контакт другого человека. Если звонить нужно ему, напишите его номер цифрами."
		}
		return "+" + strings.TrimPrefix(e.Phone, "+"), e.MessageID, ""
	case Media:
		return "", 0, "Здесь нужен ответ текстом, а фото и документы можно приложить к описанию."
	}
	return "", 0, "Здесь нужен ответ текстом."
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
	t.remember(append(d.filedBy(), Filed{MessageID: t.wrote, Draft: d.ID})...)
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
