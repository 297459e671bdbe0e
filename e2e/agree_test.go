package e2e

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// agrees compares what people see with the register.
func (d *day) agrees() {
	d.Helper()
	for _, w := range d.works {
		w.reporter.Settled()
	}
	d.settles()
	d.Engineer.Mark()
	group := d.Engineer.Messages()
	cards := d.Cards(group)
	if len(cards) != len(d.works) {
		d.Errorf("%d cards of %d incidents", len(cards), len(d.works))
	}
	for _, w := range d.works {
		i, err := d.Program.Register.Incident(d.Within(), w.number)
		if err != nil {
			d.Fatal(err)
		}
		card, _ := d.Engineer.Message(w.card)
		d.cardAgrees(i, card)
		d.chatAgrees(i, w)
		d.groupAgrees(i, w, group)
	}
}

// cardAgrees: status, assignee, unanswered messages and the buttons that fit.
func (d *day) cardAgrees(i incident.Incident, card simulator.Message) {
	d.Helper()
	line := fmt.Sprintf("№ %s · %s ", i.Number, strings.ToLower(i.Status.String()))
	if !strings.HasPrefix(harness.Plain(card.FirstLine()), line) {
		d.Errorf("the card begins %q, the register says %q", card.FirstLine(), line)
	}
	if has := strings.Contains(card.Body(), "👤 "); has != (i.Assignee != "") || !strings.Contains(card.Body(), i.Assignee) {
		d.Errorf("%s is worked by %q, the card says:\n%s", i.Number, i.Assignee, card.Body())
	}
	n, _ := i.Unanswered()
	if said := fmt.Sprintf("Без ответа: %d,", n); strings.Contains(card.Body(), "Без ответа") != (n > 0) || n > 0 && !harness.Holds(card.Body(), said) {
		d.Errorf("%d messages about %s wait, the card says:\n%s", n, i.Number, card.Body())
	}
	var want, got []string
	for _, b := range []struct {
		action incident.Action
		label  string
	}{
		{incident.Take, "Взять в работу"}, {incident.Ask, "Запросить уточнение"}, {incident.Solve, "Решено"},
		{incident.HandOver, "Взять себе"}, {incident.Return, "Вернуть в очередь"},
	} {
		if i.Allows(b.action, d.Clock.Now()) {
			want = append(want, b.label)
		}
	}
	for _, row := range card.Buttons {
		for _, b := range row {
			got = append(got, b.Text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("buttons of %s, which is %s (-want +got):\n%s", i.Number, i.Status, diff)
	}
}

// chatAgrees: the person was told of everything, in order, with the words of
// the desk, and reads the present status.
func (d *day) chatAgrees(i incident.Incident, w *work) {
	d.Helper()
	var want, got []string
	for _, e := range i.History {
		for _, n := range harness.Notices {
			if n.Kind == e.Kind {
				want = append(want, strings.TrimSpace(fmt.Sprintf(n.Begin, i.Number)+" "+e.Text))
			}
		}
	}
	for _, m := range w.reporter.Bots() {
		for _, n := range slices.Backward(harness.Notices) { // two kinds have one text
			begin := fmt.Sprintf(n.Begin, i.Number)
			if !strings.HasPrefix(harness.Plain(m.FirstLine()), begin) {
				continue
			}
			if lines := strings.Split(m.Body(), "\n\n"); slices.Contains(harness.WithWords, n.Kind) && len(lines) > 1 {
				begin += " " + lines[1]
			}
			got = append(got, begin)
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("what the person of %s was told (-want +got):\n%s", i.Number, diff)
	}
	w.reporter.Mark()
	w.reporter.Ask("/status "+string(i.Number), string(i.Number), i.Status.String())
}

// groupAgrees: what the person added came once, in order, in reply to the card.
func (d *day) groupAgrees(i incident.Incident, w *work, group []simulator.Message) {
	d.Helper()
	var want, got []string
	for _, e := range i.History {
		if e.Kind == incident.KindAdded {
			want = append(want, e.Text)
		}
	}
	for _, m := range group {
		if _, said, ok := strings.Cut(harness.Plain(m.Body()), "💬 Заявитель, № "+string(i.Number)+":\n\n"); ok && m.ReplyTo == w.card {
			got = append(got, said)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("what was added to %s (-want +got):\n%s", i.Number, diff)
	}
}
