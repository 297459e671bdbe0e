package conversation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"intakebot/incident"
)

// The cabinet is what a person does with incidents already registered, and
// what they are told about them.

// showIncident says how an incident stands, with the buttons that fit.
func (t *turn) showIncident(i incident.Incident) {
	buttons := t.cabinetButtons(i)
	t.onScreen(buttons)
	t.effects = append(t.effects, Say{Message{HTML: t.statusText(i, t.At), Buttons: buttons, About: i.Number}})
}

func (t *turn) cabinetButtons(i incident.Incident) [][]Button {
	n := string(i.Number)
	var rows [][]Button
	if i.Status.Open() {
		rows = t.incidentButtons(i.Number)
	} else if i.Allows(incident.Append, t.At) {
		rows = [][]Button{{{labelAdd, "add:" + n, Plain}}}
	}
	for _, b := range []struct {
		action incident.Action
		button Button
	}{
		{incident.Finish, Button{labelFinish, "finish:" + n, Plain}},
		{incident.Reject, Button{labelNotDone, "nothelp:" + n, Plain}},
		{incident.Withdraw, Button{labelWithdraw, "undo:" + n, Plain}},
	} {
		if i.Allows(b.action, t.At) {
			rows = append(rows, []Button{b.button})
		}
	}
	return rows
}

// act makes a press do something to an incident. The notice of it is put into
// the outbox with the change.
func act(a incident.Action) func(*turn, string) {
	return func(t *turn, args string) { t.act(a, args, "") }
}

// actByNumber is act as a command; without a number it is the only incident in
// which the action is possible, or the person chooses.
func actByNumber(a incident.Action, label, data string) func(*turn, string) {
	return func(t *turn, args string) {
		possible := slices.DeleteFunc(slices.Clone(t.Reporter.Incidents), func(i incident.Incident) bool { return !i.Allows(a, t.At) })
		if i, ok := t.pick(args, label, data, possible); ok {
			t.act(a, string(i.Number), "")
		}
	}
}

func (t *turn) act(a incident.Action, args, text string) {
	n, err := incident.ParseNumber(args)
	i, ok := t.Reporter.Find(n)
	if err != nil || !ok {
		t.wrong("Этого обращения среди ваших нет. Ваши номера — /my.")
		return
	}
	if !i.Allows(a, t.At) {
		t.wrong(t.NotPossible(i, t.At))
		return
	}
	// The same press of the same state is one act, whatever comes twice.
	id := fmt.Sprintf("%s:%s:%d", a, i.Number, i.StatusAt.UnixMilli())
	t.effects = append(t.effects, Do{ID: id, Number: i.Number, Action: a, Text: text})
	t.resume()
}

// rate takes a mark from one to five, once.
func (t *turn) rate(args string) {
	number, mark, _ := strings.Cut(args, ":")
	if len(mark) != 1 || mark < "1" || mark > "5" {
		t.stale()
		return
	}
	if n, err := incident.ParseNumber(number); err == nil {
		if i, ok := t.Reporter.Find(n); ok && !i.Allows(incident.Rate, t.At) {
			t.answer("Оценка уже принята, спасибо.")
			t.resume()
			return
		}
	}
	t.act(incident.Rate, number, mark)
	t.answer("Спасибо за оценку!")
}

// NotPossible says why something cannot be done to an incident: how it stands
// and since when.
func (d *Dialogue) NotPossible(i incident.Incident, now time.Time) string {
	return "Обращение " + numbered(i.Number) + ": " + strings.ToLower(i.Status.String()) + " с\u00a0" + d.stamp(i.StatusAt, now) +
		". Сейчас этого сделать нельзя. Подробно — /status."
}

// asked is the one incident in which support waits for the person's word.
func (t *turn) asked() (found incident.Incident, ok bool) {
	for _, i := range t.Reporter.Incidents {
		if i.Status == incident.Waiting {
			if ok {
				return found, false
			}
			found, ok = i, true
		}
	}
	return found, ok
}

// replied takes a Telegram reply to a message about an incident as an addition
// to it, whatever else is going on.
func (t *turn) replied() bool {
	part, ok := t.part()
	i, own := t.Reporter.Find(t.About)
	if !ok || !own || part.empty() {
		return false
	}
	return t.belongs(i, part)
}

// followed takes the further parts of an album where its first one went, though
// by then nothing asks for them.
func (t *turn) followed() bool {
	part, ok := t.part()
	if !ok || t.s.Album == nil || t.s.Addition != nil && t.s.Addition.Number == t.s.Album.Number {
		return false
	}
	i, own := t.Reporter.Find(t.s.Album.Number)
	return own && t.belongs(i, part)
}

// belongs passes on what is known to belong to an incident, whatever else is
// going on; false when the incident takes nothing more.
func (t *turn) belongs(i incident.Incident, p Part) bool {
	if !i.Allows(incident.Append, t.At) {
		return false
	}
	if c := refusedFile(p); c != "" {
		t.say(esc(string(c)))
	} else if !t.answerDesk(i, p) {
		return true
	}
	t.resume()
	return true
}

// answerDesk passes a message on to support; false when there was nothing to
// say about it.
func (t *turn) answerDesk(i incident.Incident, p Part) bool {
	n := i.Number
	rest, c := t.admit(i, p)
	told := c != "" && t.told(p, n)
	switch {
	case !rest.empty():
		t.add(n, rest)
		t.effects = append(t.effects, Say{Message{
			HTML: paragraphs(esc(Added(n)), esc(string(c))), About: n, Prompt: true, Refusal: esc(string(c))}})
	case !told:
		t.effects = append(t.effects, Say{Message{HTML: esc(string(c)), About: n}})
	}
	return !told || !rest.empty()
}

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
		rest:    "Помогло? Если не ответить, через два дня обращение закроется само.",
		buttons: [][]Button{{{labelHelped, "helped:", Success}, {labelNotHelp, "nothelp:", Danger}}}},
	incident.Relay:   {html: "Техподдержка, обращение %s:", said: true},
	incident.Confirm: {html: closedHTML, buttons: [][]Button{{{labelAdd, "add:", Plain}}}},
	incident.Finish:  {html: closedHTML, buttons: [][]Button{{{labelAdd, "add:", Plain}}}},
	incident.Reject: {html: "Обращение %s снова в работе. Напишите, пожалуйста, что не работает.",
		buttons: [][]Button{{{labelReply, "add:", Primary}}}},
	incident.Withdraw: {html: "Обращение %s отозвано."},
	incident.Lapse: {html: "Обращение %s закрыто: ответа не было два дня. Если неисправность осталась, нажмите «" + labelNotDone + "».",
		buttons: [][]Button{{{labelNotDone, "nothelp:", Plain}}}},
}

const closedHTML = "Обращение %s закрыто. Спасибо! Если неисправность вернётся, нажмите «" + labelAdd + "»."

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
	rest, rated := n.rest, i.Status == incident.Closed && a.Action != incident.Lapse && i.Allows(incident.Rate, a.At)
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

// Offer tells the person, unasked, that the repair takes long and an
// escalation is possible.
func (d *Dialogue) Offer(i incident.Incident) Message {
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
func (d *Dialogue) Closing(i incident.Incident) Message {
	n := string(i.Number)
	return Message{
		HTML: paragraphs("Обращение "+copyable(i.Number)+" скоро закроется само.",
			"Техподдержка сообщила о решении. Помогло?"),
		Buttons: [][]Button{{{labelHelped, "helped:" + n, Success}, {labelNotHelp, "nothelp:" + n, Danger}}},
		About:   i.Number,
	}
}
