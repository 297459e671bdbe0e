package e2e

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"intakebot/e2e/harness"
	"intakebot/incident"
)

// redisThatForgetsToWrite is a Redis that can be read and, while switched on,
// cannot be written: what a turn did in the register is done, and its
// conversation is not saved.
func redisThatForgetsToWrite(h *harness.Harness) *atomic.Bool {
	var broken atomic.Bool
	m := miniredis.RunT(h)
	m.RequireAuth(harness.RedisCanary)
	m.Server().SetPreHook(func(peer *server.Peer, command string, _ ...string) bool {
		if broken.Load() && strings.HasPrefix(strings.ToUpper(command), "EVAL") {
			peer.WriteError("OOM command not allowed when used memory > 'maxmemory'")
			return true
		}
		return false
	})
	h.Env["REDIS_URL"] = "redis://:" + harness.RedisCanary + "@" + m.Addr()
	return &broken
}

// TestDecidedOnce: a turn whose effects are in the register and whose
// conversation could not be saved is not decided anew when Redis is back. The
// consent leads to the question, the answer to support's question is not asked
// about, and what was solved stays so.
func TestDecidedOnce(t *testing.T) {
	t.Parallel()
	var broken *atomic.Bool
	h := harness.Start(t, harness.Troubled, func(h *harness.Harness) { broken = redisThatForgetsToWrite(h) })
	anna := h.Clerk()
	waits := 0
	withoutWriting := func(do func()) {
		t.Helper()
		broken.Store(true)
		do()
		waits += 2
		h.Logged.Await(t, "an update waits", waits)
		broken.Store(false)
	}

	anna.Ask("/start", "Вы согласны")
	anna.Settled()
	withoutWriting(func() { anna.Press("Согласен") })
	anna.AwaitText("Организация", "шаг ")
	anna.AnswersFrom("Организация")
	n := anna.Registers()

	h.Card(n)
	anna.Mark()
	h.Engineer.Send("/ask " + string(n) + " Горит ли индикатор?")
	anna.AwaitText("Горит ли индикатор?")
	withoutWriting(func() { anna.Send("Да, горит") })
	anna.AwaitText("Добавили", string(n))
	h.Status(n, incident.InProgress)

	anna.Ask("/my", "Обращение", string(n))
	withoutWriting(func() { anna.Press("Проблема решена") })
	anna.AwaitText("закрыто")
	anna.Settled()
	if got := anna.Count("не нужно"); got != 0 {
		t.Errorf("she was told that it cannot be done:\n%s", anna.Screen())
	}
}
