package conversation

import (
	"errors"
	"strings"
	"time"

	"intakebot/incident"
)

// standing says how an incident stands, as a part of a sentence: «в работе с
// 14:13», «закрыто 22.11 в 14:05».
func (d *Dialogue) standing(i incident.Incident, now time.Time) string {
	switch i.Status {
	case incident.InProgress, incident.Waiting:
		return strings.ToLower(i.Status.String()) + " с" + nbsp + d.stamp(i.StatusAt, now)
	}
	return strings.ToLower(i.Status.String()) + " " + d.When(i.StatusAt, now)
}

// NotPossible says why something cannot be done to an incident: how it stands
// and since when, and what can be done instead.
func (d *Dialogue) NotPossible(i incident.Incident, a incident.Action, now time.Time) string {
	n, is := numbered(i.Number), d.standing(i, now)
	const anew = " Если не работает, подайте новое — /new."
	switch a {
	case incident.Withdraw:
		if i.Status.Open() {
			return "Отозвать " + n + " уже нельзя: оно " + is + ". Если помощь больше не нужна — /solved."
		}
		return "Отзывать " + n + " не нужно: оно " + is + "."
	case incident.Reject:
		switch {
		case i.Status.Open():
			return "Обращение " + n + " и так открыто: " + is + "."
		case i.Status == incident.Cancelled:
			return "Вернуть в работу " + n + " нельзя: оно " + is + "." + anew
		}
		return "Вернуть в работу " + n + " уже нельзя: оно " + is + ", прошло больше двух недель." + anew
	case incident.Confirm:
		if i.Status.Open() {
			return "Обращение " + n + " ещё не решено: " + is + ". Если всё уже работает — /solved."
		}
		return "Обращение " + n + " уже " + is + "."
	case incident.Finish:
		return "Закрывать " + n + " не нужно: оно " + is + "."
	case incident.Append:
		if i.Status == incident.Cancelled {
			return "Дополнить " + n + " нельзя: оно " + is + "." + anew
		}
		return "Дополнить " + n + " уже нельзя: оно " + is + ", прошло больше двух недель." + anew
	case incident.Rate:
		if !i.Status.Open() {
			return "Оценка уже принята, спасибо."
		}
	}
	return "Обращение " + n + ": " + is + "."
}

// nothing says why there is no incident for what was asked.
func (t *turn) nothing(a incident.Action) string {
	all := t.Reporter.Incidents
	if len(all) == 0 {
		return "Обращений у вас пока нет. Подать новое — /new."
	}
	newest := all[0]
	if open := openOf(t.Reporter); len(open) > 0 {
		newest = open[0]
	}
	if a == escalating {
		return t.EscalationBlocked(newest, incident.NotOpen, time.Time{}, t.At)
	}
	return t.NotPossible(newest, a, t.At)
}

// escalating stands for an escalation where an action is named: it is none of
// the incident's own.
const escalating incident.Action = "escalate"

// choice is what a command or a button wants of one incident.
type choice struct {
	label, data string // of the buttons by which the person chooses
	action      incident.Action
	candidates  []incident.Incident
	words       bool // words may follow the number, or stand without one
}

// pick finds the person's own incident that a command or a button means, and
// the words behind its number. With no number it is the only candidate; with
// several the person chooses. A number of somebody else is unknown, like one
// that does not exist.
func (t *turn) pick(args string, c choice) (i incident.Incident, rest string, ok bool) {
	n, rest, err := incident.SplitNumber(args)
	switch {
	case strings.TrimSpace(args) == "", err != nil && c.words && errors.Is(err, incident.ErrNotNumber):
		i, ok = t.pickOne(c)
		return i, rest, ok
	case errors.Is(err, incident.ErrMistyped):
		t.wrong("В номере опечатка: сверьте его, пожалуйста, с сообщением о регистрации, там он копируется касанием.")
	case err != nil:
		t.wrong("Номер обращения — цифры с двумя дефисами из сообщения о регистрации. Ваши номера — /my.")
	default:
		if i, ok := t.Reporter.Find(n); ok {
			return i, rest, true
		}
		t.wrong("Обращения " + numbered(n) + " среди ваших нет. Ваши номера — /my.")
	}
	return i, rest, false
}

func (t *turn) pickOne(c choice) (incident.Incident, bool) {
	switch len(c.candidates) {
	case 0:
		t.wrong(t.nothing(c.action))
		return incident.Incident{}, false
	case 1:
		return c.candidates[0], true
	}
	const most = 5
	var rows [][]Button
	for _, i := range c.candidates[:min(most, len(c.candidates))] {
		rows = append(rows, []Button{{c.label + ": " + numbered(i.Number), c.data + string(i.Number), Plain}})
	}
	t.say(paragraphs("О каком обращении речь?", t.listed(c.candidates)), rows...)
	return incident.Incident{}, false
}
