package conversation

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"intakebot/incident"
)

// Free text is never a dead end: it is asked where it belongs.

// idleMessage takes what is written while no dialogue is open.
func (t *turn) idleMessage() {
	part, ok := t.part()
	if own, _ := t.Event.(Contact); own.Own && t.About == "" || t.leftLabel() {
		t.gone()
		return
	}
	if !ok || part.empty() {
		t.say("Такое сообщение здесь не прочитать. Напишите текстом или подайте обращение — /new.")
		return
	}
	i, asked := t.asked()
	complaint := cmp.Or(refusedFile(part), crowded(nil, part))
	if complaint == "" && !asked && len(openOf(t.Reporter)) == 0 {
		complaint = refusedInReport(part)
	}
	switch {
	case complaint != "":
		t.untaken()
		t.say(esc(string(complaint)))
	case asked:
		t.passOn(i, part)
	case t.answersSolution(part):
	case t.registeredAgain(part):
		t.say(esc(AlreadyRegistered(t.Reporter.Incidents[0].Number)))
	case part.Attachment == nil && courtesy(part.Text):
		hello := "Здравствуйте! Напишите, что случилось, или подайте обращение."
		if thanks(part.Text) {
			hello = "Пожалуйста. Если что-то не работает, напишите сюда."
		}
		t.say(hello, []Button{{labelNew, "new", Plain}, {labelMine, "my", Plain}})
	default:
		t.s.Offer = &PendingText{ID: t.NewID, Parts: []Part{part}}
		if !t.More {
			t.askOffer()
		}
	}
}

// registeredAgain says that the word that registers came once more: what it
// registered is named, like after a second press.
func (t *turn) registeredAgain(p Part) bool {
	const within = 2 * time.Minute
	all := t.Reporter.Incidents
	return p.Attachment == nil && len(all) > 0 && t.At.Sub(all[0].RegisteredAt) <= within &&
		(means("reg", plainWords(p.Text)) || plainWords(p.Text) == plainWords(labelRegister))
}

// leftLabel says that the text is a button of the phone question, left on the
// reply keyboard by a draft that is kept no longer.
func (t *turn) leftLabel() bool {
	e, ok := t.Event.(Text)
	if !ok {
		return false
	}
	for _, label := range []string{labelBack, labelCancel, labelKeep, LabelContact} {
		if line(e.Text) == label {
			return true
		}
	}
	return false
}

// answersSolution takes a text for a word about the one incident that support
// says is solved, when it speaks of that.
func (t *turn) answersSolution(p Part) bool {
	if len(openOf(t.Reporter)) > 0 {
		return false
	}
	var solved []incident.Incident
	for _, i := range t.Reporter.Incidents {
		if i.Status == incident.Resolved {
			solved = append(solved, i)
		}
	}
	if v, _ := judge(p.Text); len(solved) != 1 || v == unclear {
		return false
	}
	t.passOn(solved[0], p)
	return true
}

// offerMessage keeps what is sent while the offer stands.
func (t *turn) offerMessage() {
	o := t.s.Offer
	part, ok := t.part()
	rest, full := fit(part, len(attachmentsOf(o.Parts)))
	complaint := cmp.Or(refusedFile(part), crowded(o.Parts, part))
	switch {
	case !ok || part.empty():
		t.note = "Такое сообщение здесь не прочитать."
	case complaint != "":
		t.untaken()
		t.partly(complaint)
	case full && t.told(part, ""):
		return
	case full:
		t.partly(t.tooManyFiles(part, !rest.empty(), false))
	}
	if complaint == "" && !rest.empty() {
		o.Parts = append(o.Parts, rest)
	}
	if t.More && t.note == "" {
		return
	}
	t.askOffer()
}

func (t *turn) askOffer() {
	o := t.s.Offer
	head, ask, rows := t.offerChoices(o)
	rows = append(rows, []Button{{labelNowhere, "offerno:" + o.ID, Plain}})
	shown, _ := incident.Cut(line(joinParts(o.Parts)), 200)
	if shown != "" {
		shown = "«" + esc(shown) + "»"
	}
	t.prompt(Message{HTML: paragraphs("<b>"+head+"</b>", shown, esc(AttachmentLine(attachmentsOf(o.Parts))), ask), Buttons: rows})
}

// offerChoices are the places where a text may belong.
func (t *turn) offerChoices(o *PendingText) (head, ask string, rows [][]Button) {
	const most = 3
	add := func(label string, style Style, i incident.Incident) {
		rows = append(rows, []Button{{label + " " + numbered(i.Number), "offeradd:" + string(i.Number) + ":" + o.ID, style}})
	}
	switch {
	case o.Question != "" && t.s.Draft != nil:
		for _, i := range t.Reporter.Incidents {
			if i.Status == incident.Waiting && len(rows) < most {
				add(labelAnswerTo, Primary, i)
			}
		}
		rows = append(rows, []Button{{labelToDraft, "offerdraft:" + o.ID, Plain}})
		return "Это ответ техподдержке по " + numbered(o.Question) + " или в новое обращение?", "", rows
	case o.Draft && t.s.Draft != nil:
		rows = [][]Button{{{labelToBegun, "offerdraft:" + o.ID, Plain}}, {{labelAnew, "offernew:" + o.ID, Plain}}}
		return "Куда отнести ваше сообщение?", "У вас есть незаконченное обращение. Добавить к нему или начать заново?", rows
	}
	addable := t.addable()
	style := Plain
	if len(addable) == 1 {
		style = Primary
	}
	for _, i := range addable[:min(most, len(addable))] {
		add(labelAdd, style, i)
	}
	fresh := Button{labelNew, "offernew:" + o.ID, Plain}
	ask = "Добавить его к обращению или подать новое?"
	if len(addable) == 0 {
		fresh.Style, ask = Success, "Подать его как новое обращение?"
	}
	return "Куда отнести ваше сообщение?", ask, append(rows, []Button{fresh})
}

func (t *turn) offerToAdd(args string) {
	number, id, _ := strings.Cut(args, ":")
	if t.s.Offer == nil || t.s.Offer.ID != id {
		t.stale()
		return
	}
	i, _, ok := t.pick(number, choice{label: labelAdd, data: "offeradd:", action: incident.Append, candidates: t.addable()})
	if !ok {
		return
	}
	if !i.Allows(incident.Append, t.At) {
		t.wrong(t.NotPossible(i, incident.Append, t.At))
		return
	}
	parts := t.s.Offer.Parts
	if c := t.tooManyAdded(parts...); c != "" {
		t.wrong(string(c))
		return
	}
	t.s.Offer = nil
	left := t.addAll(i, parts)
	ask, buttons := t.stillWorks(i)
	t.answer("Добавили.")
	if t.typed {
		t.note = "" // the message says it
	}
	t.say(paragraphs(esc(Added(i.Number)), esc(left), ask), buttons...)
	t.resume()
}

// addAll adds the parts of an offer to an incident; left says how many files
// there was no room for.
func (t *turn) addAll(i incident.Incident, parts []Part) (left string) {
	files, over := len(i.Attachments), 0
	for _, p := range parts {
		rest, full := fit(p, files)
		if full {
			over++
		} else if p.Attachment != nil {
			files++
		}
		if !rest.empty() {
			t.add(i.Number, rest)
		}
	}
	if over == 0 {
		return ""
	}
	return fmt.Sprintf("Не приложили %s: больше %d у обращения не бывает. Отправьте их на %s с номером обращения.",
		count(over, "файл", "файла", "файлов"), filesMost, t.Line.Support.Email)
}

func (t *turn) offerAsNew(id string) {
	if t.s.Offer == nil || t.s.Offer.ID != id {
		t.stale()
		return
	}
	parts := t.offered()
	t.s.Offer = nil
	t.beginReport(parts)
}

// offered are the parts of the offer that a new report can hold; what it cannot
// is told.
func (t *turn) offered() []Part {
	var parts []Part
	for _, p := range t.s.Offer.Parts {
		if c := refusedInReport(p); c != "" {
			t.note = string(c)
			if p.Attachment = nil; p.Text == "" {
				continue
			}
		}
		parts = append(parts, p)
	}
	return parts
}

func (t *turn) dropOffer(id string) {
	if id != "" && (t.s.Offer == nil || t.s.Offer.ID != id) {
		t.stale()
		return
	}
	t.s.Offer = nil
	t.answer("Хорошо, ничего не делаем.")
	t.resume()
}
