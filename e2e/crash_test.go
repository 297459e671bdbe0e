package e2e

import (
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestKilledBeforeTheReply: a process killed between the commit and the reply
// leaves the person with the same number after the restart, without a Redis of
// its own too. The reply hangs when the process dies; the incident is in the
// register.
func TestKilledBeforeTheReply(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime)
	anna := h.Clerk()
	first := anna.Files() // by the usual program, for the remembered answers
	h.Close()

	h.Refusals = true // a press of the dead process is answered too late or twice
	p := h.Process("serve")
	anna.Ask("/new", "Описание")
	anna.Ask("Снова нет связи, вся сеть.", harness.SummaryHead)
	replying := make(chan struct{}, 100)
	revive := h.Telegram.Fault(simulator.Fault{
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
	p.Kill()
	committed := h.Filed(2)[1].Number
	if committed == first || anna.Count(string(committed)) != 0 {
		t.Fatalf("the number %s was told already:\n%s", committed, anna.Screen())
	}

	revive()
	anna.Mark()
	p = h.Process("serve")
	if told := anna.ReadsNumber(); told != committed {
		t.Errorf("the register says %s, the person was told %s", committed, told)
	}
	h.Card(committed, "Снова нет связи")
	h.Filed(2)
	p.Stops()
}
