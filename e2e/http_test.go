package e2e

import (
	"net/http"
	"strings"
	"syscall"
	"testing"

	"intakebot/e2e/harness"
)

// byWebhook: updates come by HTTP, to an address of the harness's own.
func byWebhook(h *harness.Harness) {
	h.Outside.LoopbackWebhooks = true
	h.Env["HTTP_ADDR"] = "127.0.0.1:" + harness.FreePort(h)
	h.Env["WEBHOOK_URL"] = "http://" + h.Env["HTTP_ADDR"] + "/telegram/updates"
	h.Env["WEBHOOK_SECRET"] = "a-secret_of-ours"
}

// listening: health and metrics are served.
func listening(h *harness.Harness) { h.Env["HTTP_ADDR"] = "127.0.0.1:0" }

// TestByWebhook is the whole way by webhook; without WEBHOOK_URL the webhook is
// removed afterwards and what waited is kept.
func TestByWebhook(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook)
	anna := h.Clerk()
	n := anna.Files()
	wholeWayIsShown(t, h, anna, n.String())
	anna.Escalates(n, "Связи нет.")
	if polls := h.Telegram.Counters().Calls["getUpdates"]; polls != 0 {
		t.Errorf("%d polls", polls)
	}

	h.Close()
	h.Refusals = true
	anna.Send("/new")
	delete(h.Env, "WEBHOOK_URL")
	h.Open()
	anna.AwaitText("Описание", "шаг ")
}

// TestWrongSecret: a webhook request without our secret is refused and does
// nothing; many of them are not even looked at, and Telegram's own never wait.
func TestWrongSecret(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook)
	anna := h.Clerk()
	anna.Begins()
	forged := `{"update_id":999999999,"message":{"message_id":999,"date":1,"chat":{"id":` + id(anna) +
		`,"type":"private"},"from":{"id":` + id(anna) + `,"is_bot":false,"first_name":"А"},"text":"Чужая организация"}}`
	answered := map[int]int{}
	for k := range 40 {
		secret := []string{"", "wrong", "a-secret_of-our", "a-secret_of-ours2"}[k%4]
		answered[knocks(h, secret, forged)]++
	}
	if answered[http.StatusUnauthorized] < 10 || answered[http.StatusTooManyRequests] < 10 || len(answered) != 2 {
		t.Errorf("answers to strangers: %v", answered)
	}
	http.DefaultClient.CloseIdleConnections()
	anna.Ask(harness.Usual[0].Answer, "ФИО")
	if anna.Count("Телефон") != 0 {
		t.Errorf("the forged answer was taken:\n%s", anna.Screen())
	}
	if log := h.Logged.String(); strings.Count(log, "without its secret") > 15 {
		t.Error("strangers flood the log")
	}
}

// TestHugeUpdate: a body beyond any update is refused, with the right secret too,
// and the bot goes on.
func TestHugeUpdate(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook)
	if code := knocks(h, h.Env["WEBHOOK_SECRET"], strings.Repeat(" ", 2<<20)); code != http.StatusBadRequest {
		t.Errorf("answered %d", code)
	}
	http.DefaultClient.CloseIdleConnections()
	h.Clerk().Files()
}

// knocks sends an update to the webhook as somebody who has that secret.
func knocks(h *harness.Harness, secret, body string) (code int) {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.Env["WEBHOOK_URL"], strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	if secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestOverRedis is the whole way with drafts in a real redis-server.
func TestOverRedis(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.OverRedis, listening)
	anna := h.Clerk()
	n := anna.Files()
	wholeWayIsShown(t, h, anna, n.String())
	anna.Escalates(n, "Связи нет.")
	if code, body := h.Get("/readyz"); code != http.StatusOK {
		t.Errorf("/readyz: %d\n%s", code, body)
	}
}

// TestRedisAway: while Redis is away updates wait, the person is told once, and
// all goes on by itself when it is back.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.OverRedis, listening, harness.Troubled)
	anna := h.Clerk()
	anna.Reaches("ФИО")
	h.SignalRedis(syscall.SIGSTOP)
	anna.Send(harness.Usual[1].Answer)
	anna.AwaitText("технический сбой", "8-800-200-79-32")
	if code, body := h.Get("/readyz"); code != http.StatusServiceUnavailable || !harness.Holds(body, "redis: ", "sqlite: ok", "telegram: ok") {
		t.Errorf("/readyz: %d\n%s", code, body)
	}
	h.SignalRedis(syscall.SIGCONT)
	anna.AwaitText("Телефон", "шаг ")
	anna.AnswersFrom("Телефон")
	h.Card(anna.Registers())
	if got := anna.Count("технический сбой"); got != 1 {
		t.Errorf("told of the outage %d times", got)
	}
}

// TestHealth: /healthz while the process lives, /readyz by its parts, /metrics
// for Prometheus.
func TestHealth(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, listening, harness.Troubled)
	anna := h.Clerk()
	anna.Escalates(anna.Files(), "Связи нет.")
	anna.Ask("/new", "Описание")
	if code, body := h.Get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz: %d %s", code, body)
	}
	if code, body := h.Get("/readyz"); code != http.StatusOK || body != "redis: ok\nsqlite: ok\ntelegram: ok\nmail: ok\noutbox: ok\n" {
		t.Errorf("/readyz: %d\n%s", code, body)
	}
	code, body := h.Get("/metrics")
	for _, line := range []string{
		`intakebot_incidents{status="registered"} 1`, "intakebot_drafts 1", "intakebot_updates_quarantined 0",
		`intakebot_outbox{channel="mail",state="dead"} 0`, "go_goroutines ",
	} {
		if code != http.StatusOK || !strings.Contains(body, line) {
			t.Errorf("/metrics: %d, without %s\n%s", code, line, body)
		}
	}
	if code, _ := h.Get("/nothing"); code != http.StatusNotFound {
		t.Errorf("/nothing: %d", code)
	}

	h.Telegram.SetDown(true)
	h.Logged.Await(t, "no updates from telegram", 1)
	if code, body := h.Get("/readyz"); code != http.StatusServiceUnavailable || !harness.Holds(body, "redis: ok", "sqlite: ok", "telegram: ") {
		t.Errorf("/readyz while Telegram is down: %d\n%s", code, body)
	}
	if code, _ := h.Get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz while Telegram is down: %d", code)
	}
}

// TestSecondPoller is survived: somebody else takes the updates for a while.
func TestSecondPoller(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	anna.Begins()
	resp, err := http.Get(h.Telegram.URL() + "/bot" + h.Telegram.Token() + "/getUpdates?timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	h.Logged.Await(t, "somebody else takes this bot's updates", 1)
	anna.AnswersFrom("Организация")
	anna.Registers()
}

// TestWrongToken ends the program at once and says which setting is wrong.
func TestWrongToken(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed, harness.Troubled, harness.InRealTime)
	h.Env["TELEGRAM_BOT_TOKEN"] = "700000042:wrong"
	p := h.Process("serve")
	if code := p.Code(); code == 0 || !strings.Contains(p.Out.String(), "TELEGRAM_BOT_TOKEN") || strings.Contains(p.Out.String(), "700000042:wrong") {
		t.Errorf("exit code %d:\n%s", code, p.Out)
	}
	if got := h.Telegram.Counters(); got.Sent != 0 {
		t.Errorf("%d messages", got.Sent)
	}
}
