package main

import (
	"strings"
	"testing"

	"intakebot/simulator"
)

// TestKilledBeforeTheReply: a process killed between the commit and the reply
// leaves the person with the same number after the restart, without a Redis of
// its own too. The reply hangs when the process dies; the incident is in the
// register.
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
