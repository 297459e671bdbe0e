package e2e

import (
	"testing"

	"intakebot/e2e/harness"
)

// TestHealthCommand asks a running bot by the settings of the bot itself; of
// these it needs the addresses only.
func TestHealthCommand(t *testing.T) {
	t.Parallel()
	port := harness.FreePort(t)
	h := harness.Start(t, harness.With("HTTP_ADDR", ":"+port), harness.Troubled)
	h.Clerk().Begins()
	env := map[string]string{"HTTP_ADDR": ":" + port, "HTTP_PROXY": "http://127.0.0.1:1", "SMTP_PORT": "nonsense"}
	h.Asks(env, "health", 0, "ok")
	h.Asks(env, "health --ready", 0, "redis: ok; sqlite: ok; telegram: ok")

	h.Telegram.SetDown(true)
	h.Logged.Await(t, "no updates from telegram", 1)
	h.Asks(env, "health", 0, "ok")
	h.Asks(env, "health --ready", 1, "503", "redis: ok", "telegram: ")

	h.Close()
	h.Asks(env, "health", 1, "127.0.0.1:"+port+" does not answer")
	h.Asks(map[string]string{"HTTP_ADDR": "off"}, "health", 2, "METRICS_ADDR")
	h.Asks(map[string]string{"HTTP_ADDR": "off", "METRICS_ADDR": "127.0.0.1:0"}, "health", 2, "port")
	h.Asks(map[string]string{"HTTP_ADDR": "8080"}, "health", 2, "HTTP_ADDR")
	h.Asks(env, "health now", 2, "usage")
}
