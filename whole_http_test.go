package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// byWebhook: updates come by HTTP, to an address of the house's own.
func byWebhook(h *house) {
	h.env["HTTP_ADDR"] = "127.0.0.1:" + freePort(h)
	h.env["WEBHOOK_URL"] = "http://" + h.env["HTTP_ADDR"] + "/telegram/updates"
	h.env["WEBHOOK_SECRET"] = "a-secret_of-ours"
}

// listening: health and metrics are served.
func listening(h *house) { h.env["HTTP_ADDR"] = "127.0.0.1:0" }

// get asks the program over HTTP.
func (h *house) get(path string) (code int, body string) {
	h.Helper()
	return h.getAt(h.parts.http, path)
}

func (h *house) getAt(addr net.Addr, path string) (code int, body string) {
	h.Helper()
	resp, err := http.Get("http://" + addr.String() + path)
	if err != nil {
		h.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// TestByWebhook is the whole way by webhook; without WEBHOOK_URL the webhook is
// removed afterwards and what waited is kept.
func TestByWebhook(t *testing.T) {
	t.Parallel()
	h := startHouse(t, byWebhook)
	anna := h.clerk()
	n := anna.files()
	wholeWayIsShown(t, h, anna, n.String())
	anna.escalates(n, "Связи нет.")
	if polls := h.telegram.Counters().Calls["getUpdates"]; polls != 0 {
		t.Errorf("%d polls", polls)
	}

	h.close()
	h.refusals = true
	anna.Send("/new")
	delete(h.env, "WEBHOOK_URL")
	h.open()
	anna.AwaitText("Описание", "шаг 5 из 5")
}

// TestWrongSecret: a webhook request without our secret is refused and does
// nothing; many of them are not even looked at, and Telegram's own never wait.
func TestWrongSecret(t *testing.T) {
	t.Parallel()
	h := startHouse(t, byWebhook)
	anna := h.clerk()
	anna.begins()
	forged := `{"update_id":999999999,"message":{"message_id":999,"date":1,"chat":{"id":` + id(anna) +
		`,"type":"private"},"from":{"id":` + id(anna) + `,"is_bot":false,"first_name":"А"},"text":"Чужая организация"}}`
	answered := map[int]int{}
	for k := range 40 {
		secret := []string{"", "wrong", "a-secret_of-our", "a-secret_of-ours2"}[k%4]
		answered[h.knocks(secret, forged)]++
	}
	if answered[http.StatusUnauthorized] < 10 || answered[http.StatusTooManyRequests] < 10 || len(answered) != 2 {
		t.Errorf("answers to strangers: %v", answered)
	}
	http.DefaultClient.CloseIdleConnections()
	anna.Ask(usual[0].answer, "ФИО")
	if anna.count("Телефон") != 0 {
		t.Errorf("the forged answer was taken:\n%s", anna.Screen())
	}
	if log := h.log.String(); strings.Count(log, "without its secret") > 15 {
		t.Error("strangers flood the log")
	}
}

// TestHugeUpdate: a body beyond any update is refused, with the right secret too,
// and the bot goes on.
func TestHugeUpdate(t *testing.T) {
	t.Parallel()
	h := startHouse(t, byWebhook)
	if code := h.knocks(h.env["WEBHOOK_SECRET"], strings.Repeat(" ", 2<<20)); code != http.StatusBadRequest {
		t.Errorf("answered %d", code)
	}
	http.DefaultClient.CloseIdleConnections()
	h.clerk().files()
}

// knocks sends an update to the webhook as somebody who has that secret.
func (h *house) knocks(secret, body string) (code int) {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.env["WEBHOOK_URL"], strings.NewReader(body))
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
	h := startHouse(t, overRedis, listening)
	anna := h.clerk()
	n := anna.files()
	wholeWayIsShown(t, h, anna, n.String())
	anna.escalates(n, "Связи нет.")
	if code, body := h.get("/readyz"); code != http.StatusOK {
		t.Errorf("/readyz: %d\n%s", code, body)
	}
}

func (h *house) signalRedis(s syscall.Signal) {
	h.Helper()
	if err := h.redisServer.Signal(s); err != nil {
		h.Fatal(err)
	}
}

// TestRedisAway: while Redis is away updates wait, the person is told once, and
// all goes on by itself when it is back.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	h := startHouse(t, overRedis, listening, troubled)
	anna := h.clerk()
	anna.reaches("ФИО")
	h.signalRedis(syscall.SIGSTOP)
	anna.Send(usual[1].answer)
	anna.AwaitText("технический сбой", "8-800-200-79-32")
	if code, body := h.get("/readyz"); code != http.StatusServiceUnavailable || !holds(body, "redis: ", "sqlite: ok", "telegram: ok") {
		t.Errorf("/readyz: %d\n%s", code, body)
	}
	h.signalRedis(syscall.SIGCONT)
	anna.AwaitText("Телефон", "шаг 3 из 5")
	anna.answersFrom("Телефон")
	h.card(anna.registers())
	if got := anna.count("технический сбой"); got != 1 {
		t.Errorf("told of the outage %d times", got)
	}
}

// TestHealth: /healthz while the process lives, /readyz by its parts, /metrics
// for Prometheus.
func TestHealth(t *testing.T) {
	t.Parallel()
	h := startHouse(t, listening, troubled)
	anna := h.clerk()
	anna.escalates(anna.files(), "Связи нет.")
	anna.Ask("/new", "Описание")
	if code, body := h.get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz: %d %s", code, body)
	}
	if code, body := h.get("/readyz"); code != http.StatusOK || body != "redis: ok\nsqlite: ok\ntelegram: ok\nmail: ok\noutbox: ok\n" {
		t.Errorf("/readyz: %d\n%s", code, body)
	}
	code, body := h.get("/metrics")
	for _, line := range []string{
		`intakebot_incidents{status="registered"} 1`, "intakebot_drafts 1", "intakebot_updates_quarantined 0",
		`intakebot_outbox{channel="mail",state="dead"} 0`, "go_goroutines ",
	} {
		if code != http.StatusOK || !strings.Contains(body, line) {
			t.Errorf("/metrics: %d, without %s\n%s", code, line, body)
		}
	}
	if code, _ := h.get("/nothing"); code != http.StatusNotFound {
		t.Errorf("/nothing: %d", code)
	}

	h.telegram.SetDown(true)
	h.log.await(t, "no updates from telegram", 1)
	if code, body := h.get("/readyz"); code != http.StatusServiceUnavailable || !holds(body, "redis: ok", "sqlite: ok", "telegram: ") {
		t.Errorf("/readyz while Telegram is down: %d\n%s", code, body)
	}
	if code, _ := h.get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz while Telegram is down: %d", code)
	}
}

// TestSecondPoller is survived: somebody else takes the updates for a while.
func TestSecondPoller(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	anna.begins()
	resp, err := http.Get(h.telegram.URL() + "/bot" + h.telegram.Token() + "/getUpdates?timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	h.log.await(t, "somebody else takes this bot's updates", 1)
	anna.answersFrom("Организация")
	anna.registers()
}

// TestWrongToken ends the program at once and says which setting is wrong.
func TestWrongToken(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed, troubled, inRealTime)
	h.env["TELEGRAM_BOT_TOKEN"] = "700000042:wrong"
	p := h.process("serve")
	if code := p.code(); code == 0 || !strings.Contains(p.out.String(), "TELEGRAM_BOT_TOKEN") || strings.Contains(p.out.String(), "700000042:wrong") {
		t.Errorf("exit code %d:\n%s", code, p.out)
	}
	if got := h.telegram.Counters(); got.Sent != 0 {
		t.Errorf("%d messages", got.Sent)
	}
}
