package conversation

import (
	"fmt"
	"slices"
	"time"

	"intakebot/incident"
)

// notice is a row of the table of notices: what a person is told of an act.
type notice struct {
	// html has %s where the number stands; said says that the words of the
	// desk follow, and then the rest.
	html, rest string
	said       bool
	buttons    [][]Button // data ends where the number follows
}

var notices = map[incident.Action]notice{
	incident.Take:     {html: "Обращение %s взято в работу."},
	incident.HandOver: {html: "Обращением %s теперь занимается другой сотрудник техподдержки."},
	incident.Return:   {html: "Обращение %s снова в очереди техподдержки."},
	incident.Ask: {html: "❓ Вопрос техподдержки, обращение %s", said: true, rest: "Ответьте прямо здесь.",
		buttons: [][]Button{{{labelReply, "add:", Primary}}}},
	incident.Solve: {html: "✅ Техподдержка: обращение %s решено", said: true,
		rest:    "Помогло? Если не ответить, через два дня обращение закроется само: %s.",
		buttons: [][]Button{{{labelHelped, "helped:", Success}, {labelNotHelp, "nothelp:", Danger}}}},
	incident.Relay:   {html: "Техподдержка, обращение %s:", said: true},
	incident.Confirm: {html: closedHTML, buttons: [][]Button{{{labelNotHelp, "nothelp:", Plain}}}},
	incident.Finish:  {html: closedHTML, buttons: [][]Button{{{labelNotHelp, "nothelp:", Plain}}}},
	incident.Reject: {html: "Обращение %s снова в работе. Напишите, пожалуйста, что не работает.",
		buttons: [][]Button{{{labelReply, "add:", Primary}}}},
	incident.Withdraw: {html: "Обращение %s отозвано."},
	incident.Lapse: {html: "Обращение %s закрыто: ответа не было два дня. Если неисправность осталась, нажмите «" + labelNotHelp + "».",
		buttons: [][]Button{{{labelNotHelp, "nothelp:", Plain}}}},
}

const closedHTML = "Обращение %s закрыто. Спасибо! Если неисправность вернётся, нажмите «" + labelNotHelp + "»."

const reopenedHTML = "Обращение %s снова в работе. Ваше сообщение техподдержка увидит."

// ClosesAt is when an incident that was solved at that time closes by itself:
// not in the quiet hours.
func (d *Dialogue) ClosesAt(solved time.Time) time.Time {
	at := solved.Add(incident.LapsesAfter)
	for d.Quiet.Quiet(at.In(d.Location)) {
		at = at.Truncate(time.Minute).Add(time.Minute)
	}
	return at
}

// Notice tells the person of an act; ok is false when there is nothing to
// tell. It is put into the outbox in the transaction of the act. No notice
// carries the button of escalation.
func (d *Dialogue) Notice(i incident.Incident, a incident.Act) (m Message, ok bool) {
	n, ok := notices[a.Action]
	if !ok || n.said && a.Text == "" {
		return m, false // a file speaks for itself
	}
	said := ""
	if n.said {
		said = esc(split(a.Text)[0])
	}
	rest := n.rest
	switch a.Action {
	case incident.Solve:
		rest = fmt.Sprintf(rest, d.soon(d.ClosesAt(a.At), a.At))
	case incident.Reject:
		if a.Text != "" || len(a.Attachments) > 0 {
			n.html = reopenedHTML
		}
	}
	rated := i.Status == incident.Closed && a.Action != incident.Lapse && i.Allows(incident.Rate, a.At)
	if rated {
		rest = "Как вам помогли, от 1 до 5?"
	}
	m = Message{HTML: paragraphs(fmt.Sprintf(n.html, copyable(i.Number)), said, rest), About: i.Number}
	for _, row := range n.buttons {
		row = slices.Clone(row)
		for k := range row {
			row[k].Data += string(i.Number)
		}
		m.Buttons = append(m.Buttons, row)
	}
	if rated {
		m.Buttons = append(m.Buttons, rateButtons(i.Number))
	}
	return m, true
}

func rateButtons(n incident.Number) []Button {
	var row []Button
	for _, mark := range "12345" {
		row = append(row, Button{string(mark), "rate:" + string(n) + ":" + string(mark), Plain})
	}
	return row
}

// OfferEscalation tells the person, unasked, that the repair takes long and an
// escalation is possible.
func (d *Dialogue) OfferEscalation(i incident.Incident) Message {
	return Message{
		HTML: paragraphs("Обращение "+copyable(i.Number)+" ещё не решено.",
			"Прошло больше "+hours(d.EscalationAfter)+". Можно попросить "+esc(d.Line.Second.Name)+" вмешаться: нажмите «"+esc(d.labelEscalate())+"»."),
		Buttons: d.incidentButtons(i.Number), About: i.Number,
	}
}

// hours writes a duration in the genitive: «4 часов».
func hours(d time.Duration) string {
	if h := int(d.Hours()); h >= 1 && d == time.Duration(h)*time.Hour {
		return count(h, "часа", "часов", "часов")
	}
	return count(max(1, int(d.Minutes())), "минуты", "минут", "минут")
}

// Closing warns the person that a solved incident will close by itself.
func (d *Dialogue) Closing(i incident.Incident, now time.Time) Message {
	n := string(i.Number)
	return Message{
		HTML: paragraphs("Обращение "+copyable(i.Number)+" скоро закроется само: "+d.soon(d.ClosesAt(i.StatusAt), now)+".",
			"Техподдержка сообщила о решении. Помогло?"),
		Buttons: [][]Button{{{labelHelped, "helped:" + n, Success}, {labelNotHelp, "nothelp:" + n, Danger}}},
		About:   i.Number,
	}
}
