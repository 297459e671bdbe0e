package main

import (
	"database/sql"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rival is a second program with the same token and a register of its own.
func (h *house) rival() *house {
	other := *h
	other.env = maps.Clone(h.env)
	other.env["SQLITE_PATH"] = filepath.Join(h.TempDir(), "rival.db")
	other.env["HTTP_ADDR"] = "127.0.0.1:0"
	other.log, other.probation = newRecord(), 2*time.Second
	other.open()
	return &other
}

// taken is how many updates the register has ever stored.
func (h *house) taken() (n int) {
	h.Helper()
	db, err := sql.Open("sqlite", h.env["SQLITE_PATH"])
	if err != nil {
		h.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM inbox").Scan(&n); err != nil {
		h.Fatal(err)
	}
	return n
}

// TestTwoBots with one token: the second takes nothing, says nothing and says
// why in its log, once, and by /readyz; the first answers everything, once. When
// the first is gone, the second goes on, and what was written in between is
// answered.
func TestTwoBots(t *testing.T) {
	t.Parallel()
	h := startHouse(t, listening, troubled, func(h *house) { h.outside.ConflictPause = 100 * time.Millisecond })
	anna, vera := h.clerk(), h.clerk()
	h.card(vera.files())
	alone := len(vera.bots())
	anna.begins()
	second := h.rival()
	second.log.await(t, "takes none and waits", 1)
	second.awaitReady(http.StatusServiceUnavailable, "telegram: ", "Conflict")
	anna.answersFrom("Организация")
	n := anna.registers()
	h.card(n)
	for range 8 { // while the second listens again
		anna.Ask("/my", string(n))
		time.Sleep(500 * time.Millisecond)
	}
	if got := len(anna.bots()); got != alone+8 {
		t.Errorf("%d messages, not %d:\n%s", got, alone+8, anna.Screen())
	}
	if got := h.telegram.Counters().Errors[http.StatusConflict]; got < 2 {
		t.Errorf("%d conflicts", got)
	}
	if got := second.taken(); got != 0 {
		t.Errorf("the second took %d updates", got)
	}
	for name, log := range map[string]*record{"first": h.log, "second": second.log} {
		if got := strings.Count(log.String(), "somebody else takes this bot's updates"); got != 1 {
			t.Errorf("the %s said %d times that there is another", name, got)
		}
	}

	h.close()
	anna.Send("/my")
	anna.AwaitText("Здравствуйте") // she is new to that register
	second.log.await(t, "nobody else takes this bot's updates any more", 1)
	second.awaitReady(http.StatusOK)
	if err := h.telegram.AwaitConfirmed(h.within()); err != nil {
		t.Error(err)
	}
	if lost := h.telegram.Counters().Expired; lost != 0 {
		t.Errorf("%d updates were lost", lost)
	}
}

// TestPollsOnAfterARestart: a program whose register polled a moment ago does
// not listen first.
func TestPollsOnAfterARestart(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed, func(h *house) { h.probation = 2 * time.Second })
	h.open()
	anna := h.clerk()
	anna.Send("/start")
	anna.AwaitText("Вы согласны")
	h.close()
	h.probation = time.Hour
	h.open()
	anna.Press("Согласен")
	anna.AwaitText("Организация", "шаг 1 из 5")
}

// TestWebhookTakenAway: a second program that polls removes the webhook; the
// first notices and sets it again.
func TestWebhookTakenAway(t *testing.T) {
	t.Parallel()
	h := startHouse(t, byWebhook, troubled)
	anna := h.clerk()
	anna.begins()
	resp, err := http.Get(h.telegram.URL() + "/bot" + h.telegram.Token() + "/deleteWebhook")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	anna.Send(usual[0].answer)
	h.parts.bot.Kick()
	anna.AwaitText("ФИО")
	h.log.await(t, "it is set again", 1)
}
