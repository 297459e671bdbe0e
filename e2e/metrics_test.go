package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"intakebot/e2e/harness"
)

// TestMetrics: what happened is counted, by labels of few values, and nothing
// in it says who it was.
func TestMetrics(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, listening, harness.Troubled)
	anna := h.Clerk()
	anna.Escalates(anna.Files(), "Связи нет.")
	anna.Settled()
	_, body := h.Get("/metrics")
	for _, line := range []string{
		`intakebot_turns_total{outcome="done"} [1-9]`, `intakebot_turns_total{outcome="quarantined"} 0`,
		`intakebot_turn_seconds_count [1-9]`,
		`intakebot_telegram_answers_total{code="200",method="sendMessage"} [1-9]`, `intakebot_telegram_seconds_count [1-9]`,
		`intakebot_letters_total{kind="escalation",verdict="accepted"} 1`, `intakebot_letters_total{kind="support",verdict="accepted"} 1`,
		`intakebot_letters_total{kind="escalation",verdict="our_fault"} 0`, `intakebot_letter_seconds_count 2`,
		`intakebot_sqlite_seconds_count{operation="commit"} [1-9]`, `intakebot_sqlite_seconds_count{operation="read"} [1-9]`,
		`intakebot_sqlite_failures_total{operation="commit"} 0`, `intakebot_redis_seconds_count{command="evalsha"} [1-9]`,
		`intakebot_updates_oldest_seconds 0`, `intakebot_outbox_oldest_seconds{channel="mail"} 0`,
		`intakebot_up{part="redis"} 1`, `intakebot_up{part="sqlite"} 1`, `intakebot_up{part="telegram"} 1`,
		`intakebot_incidents{status="closed"} 0`, `intakebot_cards_stale 0`, `process_start_time_seconds [1-9]`,
		`intakebot_build_info{commit="[^"]*",go="go1[^"]*",version="dev"} 1`,
	} {
		if !regexp.MustCompile("(?m)^" + line).MatchString(body) {
			t.Errorf("/metrics lacks %s", line)
		}
	}
	for _, private := range append([]string{id(anna), h.Telegram.Token(), harness.UITBox}, harness.Surnames...) {
		if strings.Contains(body, private) {
			t.Errorf("/metrics tells %q", private)
		}
	}

	h.Telegram.SetDown(true)
	h.Logged.Await(t, "no updates from telegram", 1)
	_, body = h.Get("/metrics")
	for _, line := range []string{`intakebot_up{part="telegram"} 0`, `intakebot_telegram_answers_total{code="none",method="getUpdates"} [1-9]`} {
		if !regexp.MustCompile("(?m)^" + line).MatchString(body) {
			t.Errorf("/metrics while Telegram is away lacks %s", line)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}

// TestMetricsAfterAnOutage: a store that was away at the start is shown once it
// is back.
func TestMetricsAfterAnOutage(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.OverRedis, listening, harness.Troubled, harness.Closed)
	h.SignalRedis(syscall.SIGSTOP)
	h.Open()
	h.SignalRedis(syscall.SIGCONT)
	h.Clerk().Reaches("ФИО")
	if code, body := h.Get("/metrics"); code != http.StatusOK || !harness.Holds(body, "intakebot_drafts 1", `intakebot_up{part="redis"} 1`) {
		t.Errorf("/metrics: %d\n%s", code, body)
	}
}

// TestMetricsApart: with METRICS_ADDR nothing but the webhook is served where
// the world may look.
func TestMetricsApart(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook, harness.With("METRICS_ADDR", "127.0.0.1:0"))
	for path, public := range map[string]int{"/healthz": 404, "/readyz": 404, "/metrics": 404, "/telegram/updates": 405} {
		if code, body := h.Get(path); code != public {
			t.Errorf("HTTP_ADDR%s: %d %s", path, code, body)
		}
	}
	h.Clerk().Begins()
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if code, body := h.GetAt(h.Program.MetricsAddr, path); code != http.StatusOK {
			t.Errorf("METRICS_ADDR%s: %d %s", path, code, body)
		}
	}
	if code, _ := h.GetAt(h.Program.MetricsAddr, "/telegram/updates"); code != http.StatusNotFound {
		t.Errorf("the webhook on METRICS_ADDR: %d", code)
	}
	h.Close()
	delete(h.Env, "WEBHOOK_URL")
	h.Open()
	if h.Program.HTTPAddr != nil {
		t.Errorf("HTTP_ADDR is open at %s with nothing to serve", h.Program.HTTPAddr)
	}
}
