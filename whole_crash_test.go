package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"intakebot/incident"
	"intakebot/simulator"
)

// TestKilledAnywhere: the process is killed at one call to Telegram after the
// other, before its effect or after it, and started again. A person
// who only goes on with what she sees always ends with one incident, one number
// and its card.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	for k := 1; k <= 8; k++ {
		kind := []simulator.FaultKind{simulator.Hang, simulator.HangAfter}[k%2]
		t.Run(fmt.Sprintf("call %d, %s", k, kind), func(t *testing.T) {
			t.Parallel()
			killedAt(t, k, kind)
		})
	}
}

func killedAt(t *testing.T, k int, kind simulator.FaultKind) {
	h := startHouse(t, inRealTime, overRedis, troubled)
	anna := h.clerk()
	first := anna.files() // by the usual program, without its real pace
	h.close()

	p := h.process("serve")
	if err := h.telegram.AwaitPolling(h.within()); err != nil {
		t.Fatal(err)
	}
	struck := make(chan struct{}, 1)
	calls := 0
	h.telegram.Fault(simulator.Fault{Kind: kind, Times: 1, Match: func(simulator.Call) bool {
		calls++
		if calls == k {
			struck <- struct{}{}
		}
		return calls == k
	}})
	over := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		select {
		case <-struck:
			p.kill()
			h.process("serve")
		case <-over:
		}
	})
	defer killer.Wait()
	defer close(over)

	anna.Ask("/new", "Описание")
	anna.Ask("Снова нет связи, вся сеть.", summaryHead)
	n := anna.registers()
	h.card(n, "Снова нет связи")
	if got := h.filed(2)[1].Number; got != n || n == first {
		t.Errorf("the register says %s, the person read %s", got, n)
	}
	var ids []string
	h.letter(supportBox, 2)
	for _, l := range h.mail.LettersTo(supportBox) {
		if l.Header("X-Incident-Number") == string(n) {
			ids = append(ids, l.MessageID())
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
		t.Errorf("the copies to support have the ids %q", ids)
	}
	var numbers []incident.Number
	for _, c := range h.cards(h.engineer.Messages()) {
		numbers = append(numbers, incident.Number(numberForm.FindString(c.FirstLine())))
	}
	if slices.Sort(numbers); !slices.Equal(slices.Compact(numbers), []incident.Number{first, n}) {
		t.Errorf("the cards are about %v", numbers)
	}
}

// TestKilledBeforeTheReply: a process killed between the commit and the reply
// leaves the person with the same number after the restart. The reply hangs
// when the process dies; the incident is in the register.
func TestKilledBeforeTheReply(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inRealTime)
	anna := h.clerk()
	first := anna.files() // by the usual program, for the remembered answers
	h.close()

	h.refusals = true // a press of the dead process is answered too late or twice
	p := h.process("serve")
	anna.Ask("/new", "Описание")
	anna.Ask("Снова нет связи, вся сеть.", summaryHead)
	replying := make(chan struct{}, 100)
	revive := h.telegram.Fault(simulator.Fault{
		Kind: simulator.Hang, Methods: []string{"sendMessage"}, ChatID: anna.ChatID(),
		Match: func(c simulator.Call) bool {
			is := strings.Contains(c.Params["text"], "зарегистрировано")
			if is {
				replying <- struct{}{}
			}
			return is
		},
	})
	anna.Press("Зарегистрировать")
	<-replying
	p.kill()
	committed := h.filed(2)[1].Number
	if committed == first || anna.count(string(committed)) != 0 {
		t.Fatalf("the number %s was told already:\n%s", committed, anna.Screen())
	}

	revive()
	anna.Mark()
	p = h.process("serve")
	if told := anna.readsNumber(); told != committed {
		t.Errorf("the register says %s, the person was told %s", committed, told)
	}
	h.card(committed, "Снова нет связи")
	h.filed(2)
	p.stops()
}

// TestKilledBeforeTheDraftIsSaved: the incident is committed and Redis does not
// take the conversation when the process dies; the press is worked on again
// after the restart and finds its incident.
func TestKilledBeforeTheDraftIsSaved(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inRealTime, overRedis)
	anna := h.clerk()
	anna.files()
	anna.Ask("/new", "Описание")
	anna.Ask("Снова нет связи, вся сеть.", summaryHead)
	h.close()

	h.refusals, h.unanswered = true, true
	p := h.process("serve")
	if err := h.telegram.AwaitPolling(h.within()); err != nil {
		t.Fatal(err)
	}
	h.redis("CLIENT", "PAUSE", "60000", "WRITE")
	anna.Press("Зарегистрировать")
	committed := anna.readsNumber()
	p.kill()
	h.redis("CLIENT", "UNPAUSE")

	p = h.process("serve")
	anna.settled()
	if again := h.filed(2)[1].Number; again != committed {
		t.Errorf("%s became %s", committed, again)
	}
	for _, m := range anna.bots() {
		if found := numberForm.FindAllString(m.FirstLine(), -1); len(found) > 0 && strings.Contains(m.FirstLine(), "зарегистрировано") &&
			!slices.Contains([]string{fmt.Sprint(committed), string(h.filed(2)[0].Number)}, found[0]) {
			t.Errorf("another number: %s", m.FirstLine())
		}
	}
	p.stops()
}
