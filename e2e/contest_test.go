package e2e

import (
	"database/sql"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
)

// rival is a second program with the same token and a register of its own.
func rival(h *harness.Harness) *harness.Harness {
	other := *h
	other.Env = maps.Clone(h.Env)
	other.Env["SQLITE_PATH"] = filepath.Join(h.TempDir(), "rival.db")
	other.Env["HTTP_ADDR"] = "127.0.0.1:0"
	other.Logged, other.Probation = harness.NewRecord(), 2*time.Second
	other.Open()
	return &other
}

// taken is how many updates the register has ever stored.
func taken(h *harness.Harness) (n int) {
	h.Helper()
	db, err := sql.Open("sqlite", h.Env["SQLITE_PATH"])
	if err != nil {
		h.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM received").Scan(&n); err != nil {
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
	h := harness.Start(t, listening, harness.Troubled, func(h *harness.Harness) { h.Outside.ConflictPause = 100 * time.Millisecond })
	anna, vera := h.Clerk(), h.Clerk()
	h.Card(vera.Files())
	alone := len(vera.Bots())
	anna.Begins()
	second := rival(h)
	second.Logged.Await(t, "takes none and waits", 1)
	second.AwaitReady(http.StatusServiceUnavailable, "telegram: ", "Conflict")
	anna.AnswersFrom("Организация")
	n := anna.Registers()
	h.Card(n)
	for range 8 { // while the second listens again
		anna.Ask("/my", string(n))
		time.Sleep(500 * time.Millisecond)
	}
	if got := len(anna.Bots()); got != alone+8 {
		t.Errorf("%d messages, not %d:\n%s", got, alone+8, anna.Screen())
	}
	if got := h.Telegram.Counters().Errors[http.StatusConflict]; got < 2 {
		t.Errorf("%d conflicts", got)
	}
	if got := taken(second); got != 0 {
		t.Errorf("the second took %d updates", got)
	}
	for name, log := range map[string]*harness.Record{"first": h.Logged, "second": second.Logged} {
		if got := strings.Count(log.String(), "somebody else takes this bot's updates"); got != 1 {
			t.Errorf("the %s said %d times that there is another", name, got)
		}
	}

	h.Close()
	anna.Send("/my")
	anna.AwaitText("Здравствуйте") // she is new to that register
	second.Logged.Await(t, "nobody else takes this bot's updates any more", 1)
	second.AwaitReady(http.StatusOK)
	if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil {
		t.Error(err)
	}
	if lost := h.Telegram.Counters().Expired; lost != 0 {
		t.Errorf("%d updates were lost", lost)
	}
}

// TestPollsOnAfterARestart: a program whose register polled a moment ago does
// not listen first.
func TestPollsOnAfterARestart(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed, func(h *harness.Harness) { h.Probation = 2 * time.Second })
	h.Open()
	anna := h.Clerk()
	anna.Send("/start")
	anna.AwaitText("Вы согласны")
	h.Close()
	h.Probation = time.Hour
	h.Open()
	anna.Press("Согласен")
	anna.AwaitText("Организация", "шаг ")
}

// TestWebhookTakenAway: a second program that polls removes the webhook; the
// first notices and sets it again.
func TestWebhookTakenAway(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook, harness.Troubled)
	anna := h.Clerk()
	anna.Begins()
	resp, err := http.Get(h.Telegram.URL() + "/bot" + h.Telegram.Token() + "/deleteWebhook")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	anna.Send(harness.Usual[0].Answer)
	h.Program.Bot.Kick()
	anna.AwaitText("ФИО")
	h.Logged.Await(t, "it is set again", 1)
}
