package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

var (
	deskSeeds = flag.Int("desk.seeds", 3, "how many random days TestRandomDays plays")
	deskSeed  = flag.Uint64("desk.seed", 1, "the seed of the first")
)

// TestRandomDays: twenty incidents of several people are worked by three
// members of staff in random order. At the end every person's chat, every card
// and the register tell the same, and nothing waits in the outbox.
//
// A day that fails is played again by -run TestRandomDays/seed=N
// -desk.seed=N -desk.seeds=1; the order in which chats get their turn is not
// in our hands.
func TestRandomDays(t *testing.T) {
	t.Parallel()
	for k := range uint64(*deskSeeds) {
		seed := *deskSeed + k
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			d := newDay(t, seed)
			for range 160 {
				d.step()
			}
			d.agrees()
		})
	}
}

// day is a random day at the desk.
type day struct {
	*harness.Harness
	*rand.Rand
	staff []*simulator.Must
	works []*work
	words int
}

// work is an incident with those who have to do with it.
type work struct {
	number   incident.Number
	reporter *harness.Clerk
	card     int // message ids
	told     int // the message with the number
}

func newDay(t *testing.T, seed uint64) *day {
	d := &day{Harness: harness.Start(t, func(h *harness.Harness) { h.Refusals = true }), Rand: rand.New(rand.NewPCG(seed, 0))}
	d.staff = []*simulator.Must{d.Engineer, d.Group.Staff("Ольга", "Белова").Must(t), d.Group.Staff("Пётр <3", "Ким").Must(t)}
	const people, each = 5, 4
	for range people {
		one := d.Clerk()
		for k := range each {
			w := &work{reporter: one}
			if k == 0 {
				w.number = one.Files()
			} else {
				w.number = one.FilesAgain(d.word("Нет связи."))
			}
			w.told = one.Last().ID
			w.card = d.Card(w.number).ID
			d.works = append(d.works, w)
		}
		one.Settled()
	}
	return d
}

// word makes a text that is never the same, so that it can be looked for.
func (d *day) word(text string) string {
	d.words++
	return fmt.Sprintf("%s Слово %d.", text, d.words)
}

// step does one thing with one incident, without waiting for what comes of it;
// it may well be refused.
func (d *day) step() {
	d.Helper()
	w, who := d.works[d.IntN(len(d.works))], d.staff[d.IntN(len(d.staff))]
	n := " " + string(w.number) + " "
	switch d.IntN(14) {
	case 0, 1:
		d.press(who.Actor, w.card, "Взять в работу")
	case 2:
		who.Send("/take" + n)
	case 3:
		who.Send("/ask" + n + d.word("Какая модель <узла>?"))
	case 4:
		who.Reply(w.card, d.word("Смотрим."))
	case 5:
		who.Reply(w.card, "// "+d.word("Заметка."))
	case 6:
		who.Send("/resolve" + n + d.word("Заменили узел."))
	case 7:
		d.press(who.Actor, w.card, "Взять себе")
	case 8:
		d.press(who.Actor, w.card, "Вернуть в очередь")
	case 9:
		d.prompted(who, w)
	case 10:
		w.reporter.Reply(w.told, d.word("Стало хуже."))
	case 11:
		d.answers(w, "Помогло", "Не помогло")
	case 12:
		if d.IntN(4) == 0 {
			w.reporter.Ask("/status "+string(w.number), string(w.number))
			d.answers(w, "Проблема решена", "Отозвать обращение", "Не помогло")
		}
	default:
		d.settles()
	}
}

// press presses a button if it is still there.
func (d *day) press(who *simulator.Actor, message int, label string) {
	_ = who.PressOn(message, label)
}

// answers presses one of the buttons, on the newest message about the incident
// that has it.
func (d *day) answers(w *work, labels ...string) {
	label := labels[d.IntN(len(labels))]
	own := w.reporter.Bots()
	for k := len(own) - 1; k >= 0; k-- {
		b := own[k].Button(label)
		if b != nil && b.Text == label && harness.Holds(own[k].Body(), string(w.number)) {
			d.press(w.reporter.Actor, own[k].ID, label)
			return
		}
	}
}

// prompted asks or solves by a button and an answer to the prompt.
func (d *day) prompted(who *simulator.Must, w *work) {
	d.Helper()
	d.settles()
	label, asks := "Запросить уточнение", "что спросить"
	if d.IntN(2) == 0 {
		label, asks = "Решено", "что сделано"
	}
	if m, _ := who.Message(w.card); m.Button(label) == nil {
		return
	}
	who.PressOn(w.card, label)
	prompt := who.AwaitText(asks, string(w.number))
	who.Reply(prompt.ID, d.word("Ответ на вопрос бота."))
}

// settles waits until everything that was done has had its effects.
func (d *day) settles() {
	d.Helper()
	d.Drained()
	d.OutboxEmpty()
	for {
		stale, err := d.Program.Register.StaleCards(d.Within(), false, 1)
		if err != nil {
			d.Fatal(err)
		}
		if len(stale) == 0 {
			return
		}
	}
}
