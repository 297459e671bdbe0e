package conversation

import (
	"fmt"
	"slices"
	"strings"

	"intakebot/incident"
)

// What a person does with incidents already registered.

// showIncident says how an incident stands, with the buttons that fit.
func (t *turn) showIncident(i incident.Incident) {
	buttons := t.actionButtons(i)
	t.onScreen(buttons)
	t.effects = append(t.effects, Say{Message{HTML: t.statusText(i, t.At), Buttons: buttons, About: i.Number}})
}

func (t *turn) actionButtons(i incident.Incident) [][]Button {
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
		{incident.Reject, Button{labelNotHelp, "nothelp:" + n, Plain}},
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
		if i, _, ok := t.pick(args, choice{label: label, data: data, action: a, candidates: possible}); ok {
			t.act(a, string(i.Number), "")
		}
	}
}

func (t *turn) act(a incident.Action, args, text string) {
	n, err := incident.ParseNumber(args)
	i, ok := t.Reporter.Find(n)
	if err != nil || !ok {
		t.wrong("Такого обращения среди ваших нет. Ваши номера — /my.")
		return
	}
	if !i.Allows(a, t.At) {
		t.wrong(t.NotPossible(i, a, t.At))
		return
	}
	// The same press of the same state is one act, whatever comes twice.
	id := fmt.Sprintf("%s:%s:%d", a, i.Number, i.StatusAt.UnixMilli())
	t.effects = append(t.effects, Do{ID: id, Number: i.Number, Action: a, Text: text})
	t.remember(Filed{MessageID: t.wrote, Number: i.Number})
	if a == incident.Reject {
		// It is asked what does not work: what comes next is the answer.
		t.s.Escalation, t.s.Offer = nil, nil
		t.s.Addition = &AdditionDraft{ID: t.NewID, Number: i.Number, At: t.At}
		return
	}
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
		t.untaken()
		t.say(esc(string(c)))
	} else if !t.passOn(i, p) {
		return true
	}
	if t.s.Addition == nil || t.s.Addition.Number != i.Number {
		t.resume()
	}
	return true
}

// passOn gives support a message that is known to belong to an incident; a
// clear word about one that is solved answers that question. It is false when
// there was nothing to say about it.
func (t *turn) passOn(i incident.Incident, p Part) bool {
	v, bare := judge(p.Text)
	switch {
	case i.Status == incident.Resolved && v == works && bare && p.Attachment == nil:
		t.act(incident.Confirm, string(i.Number), "")
		return false
	case !i.Status.Open() && v == fails && bare && p.Attachment == nil && i.Allows(incident.Reject, t.At):
		t.act(incident.Reject, string(i.Number), "")
		return false
	}
	rest, c := t.admit(i, p)
	told := c != "" && t.told(p, i.Number)
	switch {
	case rest.empty() && !told:
		t.untaken()
		t.effects = append(t.effects, Say{Message{HTML: esc(string(c)), About: i.Number}})
	case rest.empty():
		return false
	case !i.Status.Open() && v == fails && i.Allows(incident.Reject, t.At):
		t.reject(i, rest)
		return false
	case c == "" && t.further(p):
		t.add(i.Number, rest)
		return false
	default:
		t.add(i.Number, rest)
		ask, buttons := t.stillWorks(i)
		t.onScreen(buttons)
		t.effects = append(t.effects, Say{Message{
			HTML: paragraphs(Added(i.Number), esc(string(c)), ask), Buttons: buttons, About: i.Number, Prompt: true, Refusal: esc(string(c))}})
	}
	return true
}
