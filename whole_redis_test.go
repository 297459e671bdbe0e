package main

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"intakebot/incident"
)

// redisThatForgetsToWrite is a Redis that can be read and, while switched on,
// cannot be written: what a turn did in the register is done, and its
// conversation is not saved.
func redisThatForgetsToWrite(h *house) *atomic.Bool {
	var broken atomic.Bool
	m := miniredis.RunT(h)
	m.RequireAuth(redisCanary)
	m.Server().SetPreHook(func(peer *server.Peer, command string, _ ...string) bool {
		if broken.Load() && strings.HasPrefix(strings.ToUpper(command), "EVAL") {
			peer.WriteError("OOM command not allowed when used memory > 'maxmemory'")
			return true
		}
		return false
	})
	h.env["REDIS_URL"] = "redis://:" + redisCanary + "@" + m.Addr()
	return &broken
}

// TestDecidedOnce: a turn whose effects are in the register and whose
// conversation could not be saved is not decided anew when Redis is back. The
// consent leads to the question, the answer to support's question is not asked
// about, and what was solved stays so.
func TestDecidedOnce(t *testing.T) {
	t.Parallel()
	var broken *atomic.Bool
	h := startHouse(t, troubled, func(h *house) { broken = redisThatForgetsToWrite(h) })
	anna := h.clerk()
	waits := 0
	withoutWriting := func(do func()) {
		t.Helper()
		broken.Store(true)
		do()
		waits += 2
		h.log.await(t, "an update waits", waits)
		broken.Store(false)
	}

	anna.Ask("/start", "Вы согласны")
	anna.settled()
	withoutWriting(func() { anna.Press("Согласен") })
	anna.AwaitText("Организация", "шаг 1 из 5")
	anna.answersFrom("Организация")
	n := anna.registers()

	h.card(n)
	anna.Mark()
	h.engineer.Send("/ask " + string(n) + " Горит ли индикатор?")
	anna.AwaitText("Горит ли индикатор?")
	withoutWriting(func() { anna.Send("Да, горит") })
	anna.AwaitText("Добавили", string(n))
	h.status(n, incident.InProgress)

	anna.Ask("/my", "Обращение", string(n))
	withoutWriting(func() { anna.Press("Проблема решена") })
	anna.AwaitText("закрыто")
	anna.settled()
	if got := anna.count("Сейчас этого сделать нельзя"); got != 0 {
		t.Errorf("she was told that it cannot be done:\n%s", anna.Screen())
	}
}
