package conversation

import (
	"slices"
	"strings"

	"intakebot/incident"
)

// beginEscalation asks for the current state of the repair (point 6 of the
// regulation).
func (t *turn) beginEscalation(args string) {
	i, rest, ok := t.pick(args, choice{label: t.labelEscalate(), data: "esc:", action: escalating, candidates: openOf(t.Reporter), words: true})
	if !ok {
		return
	}
	if why, from := i.EscalationAllowed(t.At, t.EscalationPause); why != incident.MayEscalate {
		t.wrong(t.EscalationBlocked(i, why, from, t.At))
		return
	}
	t.s.Addition, t.s.Offer = nil, nil
	t.s.Escalation = &EscalationDraft{ID: t.NewID, Number: i.Number}
	if rest != "" {
		c, _ := t.Event.(Command)
		t.state(rest, c.MessageID)
		return
	}
	t.ask("")
}

// askEscalation asks for the state of the repair, or shows the letter.
func (t *turn) askEscalation(complaint Complaint) {
	e := t.s.Escalation
	i, ok := t.Reporter.Find(e.Number)
	if !ok {
		t.s.Escalation = nil
		t.wrong("Обращения " + numbered(e.Number) + " среди ваших больше нет.")
		return
	}
	switch {
	case e.State != "" && e.Other != "":
		t.askOther()
		return
	case e.State != "":
		t.previewLetter(i, complaint)
		return
	}
	early := ""
	if i.SupportTime(t.At) < t.EscalationAfter {
		early = "Обращение подано недавно, " + t.When(i.RegisteredAt, t.At) + "." + t.callFirst()
	}
	t.prompt(Message{
		HTML: paragraphs("<b>Текущее состояние</b> — обращение "+numbered(i.Number), warning(complaint), early,
			"Напишите для "+esc(t.Line.Second.Name)+", что уже сделано и что не работает сейчас. Можно взять готовый текст:",
			"<i>"+esc(t.proposal(i))+"</i>"),
		Buttons: [][]Button{
			{{labelPropose, "propose:" + e.ID, Plain}},
			{{labelCancel, "noesc:" + e.ID, Plain}},
		},
	})
}

// milestones are what the proposed text names: the way of the repair, without
// what was merely said.
var milestones = map[incident.Kind]bool{
	incident.KindRegistered: true, incident.KindTaken: true, incident.KindAsked: true, incident.KindAdded: true,
	incident.KindSolved: true, incident.KindRejected: true, incident.KindReturned: true, incident.KindEscalated: true,
}

// proposal writes the state of the repair from the incident's history:
// «Зарегистрировано 22.11 в 14:05, взято в работу в 14:20. Проблема не решена.»
func (t *turn) proposal(i incident.Incident) string {
	var events []string
	last := t.At
	for _, e := range i.History {
		if !milestones[e.Kind] {
			continue
		}
		at, now := e.At.In(t.Location), last.In(t.Location)
		when := at.Format("02.01 в\u00a015:04")
		if len(events) > 0 && sameDay(at, now) {
			when = at.Format("в\u00a015:04")
		}
		last = e.At
		name := t.Line.Happened(e.Kind)
		if len(events) > 0 {
			name = lowerFirst(name)
		}
		events = append(events, name+" "+when)
	}
	const most = 12
	if n := len(events); n > most {
		events = append(append(events[:1:1], "…"), events[n-most:]...)
	}
	return strings.Join(events, ", ") + ". Проблема не решена."
}

func lowerFirst(s string) string { return first(s, strings.ToLower) }

func upperFirst(s string) string { return first(s, strings.ToUpper) }

func first(s string, change func(string) string) string {
	for _, r := range s {
		return change(string(r)) + s[len(string(r)):]
	}
	return s
}

// previewLetter shows the letter before it goes.
func (t *turn) previewLetter(i incident.Incident, complaint Complaint) {
	e := t.s.Escalation
	t.prompt(Message{
		HTML: paragraphs("<b>Письмо в "+esc(t.Line.Second.Name)+"</b> — проверьте", warning(complaint),
			"<blockquote>"+esc(incident.CutUnits(t.Preview(i, e.State), letterShown))+"</blockquote>"),
		Buttons: [][]Button{
			{{t.labelSend(), "send:" + e.ID, Danger}},
			{{labelEdit, "restate:" + e.ID, Plain}, {labelCancel, "noesc:" + e.ID, Plain}},
		},
	})
}

// callFirst advises to call support before an early escalation, while anybody
// answers there.
func (t *turn) callFirst() string {
	if open, _ := t.phoneOpen(t.At.In(t.Location)); open {
		return " Если можно подождать, сначала позвоните в техподдержку: " + esc(t.phone()) + "."
	}
	return " Если можно подождать, сначала дождитесь ответа техподдержки."
}

// escalationMessage takes the state of the repair. Whether other words take the
// place of a state that was given already is asked first: they go to a letter.
func (t *turn) escalationMessage() {
	msg, ok := t.Event.(Text)
	if !ok {
		t.misfit("Здесь нужен текст. Фото и документы можно прислать потом, кнопкой «" + labelAdd + "».")
		return
	}
	e := t.s.Escalation
	typed := joined(e.Held, WithOrigin(msg.Quote, msg.ForwardedFrom, msg.Text))
	if t.More {
		e.Held = text(typed)
		return
	}
	e.Held = ""
	switch {
	case e.State == "":
		t.state(typed, msg.MessageID)
	case courtesy(typed):
		t.note = "Осталось нажать «" + t.labelSend() + "»."
		t.ask("")
	default:
		other, complaint := checkState(joined(e.Other, typed))
		if complaint != "" {
			t.turnAway(complaint)
			return
		}
		e.Other, e.MessageID = other, msg.MessageID
		t.ask("")
	}
}

func joined(before, more string) string {
	if before == "" {
		return more
	}
	return before + "\n" + more
}

func (t *turn) state(typed string, id int) {
	value, complaint := checkState(typed)
	if complaint != "" {
		t.turnAway(complaint)
		return
	}
	t.s.Escalation.State, t.s.Escalation.MessageID, t.s.Escalation.Other = value, id, ""
	t.ask("")
}

// askOther asks what to do with words that came when the letter was written
// already.
func (t *turn) askOther() {
	e := t.s.Escalation
	t.prompt(Message{
		HTML: paragraphs("<b>Письмо в "+esc(t.Line.Second.Name)+"</b> — изменить текст?",
			"Сейчас в письме: «"+esc(e.State)+"»", "Вы написали: «"+esc(e.Other)+"»"),
		Buttons: [][]Button{
			{{labelSwap, "swap:" + e.ID, Plain}, {labelAppend, "append:" + e.ID, Plain}},
			{{labelKeepState, "unswap:" + e.ID, Plain}},
		},
	})
}

// settleOther answers that question.
func settleOther(choose func(state, other string) string) func(*turn, string) {
	return func(t *turn, id string) {
		if !t.escalationPress(id) {
			return
		}
		e := t.s.Escalation
		if e.Other == "" {
			t.stale()
			return
		}
		value, complaint := checkState(choose(e.State, e.Other))
		if complaint == "" {
			e.State = value
		}
		e.Other = ""
		t.ask(complaint)
	}
}

func (t *turn) takeProposal(id string) {
	if !t.escalationPress(id) {
		return
	}
	if i, ok := t.Reporter.Find(t.s.Escalation.Number); ok {
		t.s.Escalation.State = t.proposal(i)
	}
	t.ask("")
}

func (t *turn) restate(id string) {
	if t.escalationPress(id) {
		t.s.Escalation.State, t.s.Escalation.Other = "", ""
		t.ask("")
	}
}

// send queues the letter; everything that must be told of it is told in the
// same transaction.
func (t *turn) send(id string) {
	if !t.escalationPress(id) {
		return
	}
	e := t.s.Escalation
	i, ok := t.Reporter.Find(e.Number)
	if !ok || e.State == "" {
		t.stale()
		return
	}
	t.s.Escalation = nil
	known := slices.ContainsFunc(i.Escalations, func(x incident.Escalation) bool { return x.ID == e.ID })
	if why, from := i.EscalationAllowed(t.At, t.EscalationPause); why != incident.MayEscalate && !known {
		t.wrong(t.EscalationBlocked(i, why, from, t.At))
		return
	}
	t.effects = append(t.effects, Escalate{ID: e.ID, Number: e.Number, State: e.State})
	if !t.typed {
		t.answer("Отправляем письмо.")
	}
	t.resume()
}

func (t *turn) cancelEscalation(id string) {
	if id != "" && !t.escalationPress(id) {
		return
	}
	t.s.Escalation = nil
	t.say("Хорошо, письмо не отправляем.")
	t.resume()
}

// escalationPress says whether a button belongs to the escalation in hand; one
// already sent is named.
func (t *turn) escalationPress(id string) bool {
	if t.s.Escalation != nil && t.s.Escalation.ID == id {
		return true
	}
	for _, i := range t.Reporter.Incidents {
		for _, e := range i.Escalations {
			if e.ID == id {
				t.answer("Письмо по обращению " + numbered(i.Number) + " от " + t.stamp(e.At, t.At) + " — " + plainState(e) + ".")
				t.resume()
				return false
			}
		}
	}
	t.stale()
	return false
}

func plainState(e incident.Escalation) string {
	switch e.Letter {
	case incident.LetterSent:
		return "уже отправлено"
	case incident.LetterRefused:
		return "не принято почтовым сервером"
	case incident.LetterReturned:
		return "вернулось, сервером получателя не принято"
	}
	return "уже в очереди"
}
