package main

import (
	"strings"
	"testing"
)

// TestHealthCommand asks a running bot by the settings of the bot itself; of
// these it needs the addresses only.
func TestHealthCommand(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	h := startHouse(t, with("HTTP_ADDR", ":"+port), troubled)
	h.clerk().begins()
	env := map[string]string{"HTTP_ADDR": ":" + port, "HTTP_PROXY": "http://127.0.0.1:1", "SMTP_PORT": "nonsense"}
	h.asks(env, "health", 0, "ok")
	h.asks(env, "health --ready", 0, "redis: ok; sqlite: ok; telegram: ok")

	h.telegram.SetDown(true)
	h.log.await(t, "no updates from telegram", 1)
	h.asks(env, "health", 0, "ok")
	h.asks(env, "health --ready", 1, "503", "redis: ok", "telegram: ")

	h.close()
	h.asks(env, "health", 1, "127.0.0.1:"+port+" does not answer")
	h.asks(map[string]string{"HTTP_ADDR": "off"}, "health", 2, "METRICS_ADDR")
	h.asks(map[string]string{"HTTP_ADDR": "off", "METRICS_ADDR": "127.0.0.1:0"}, "health", 2, "port")
	h.asks(map[string]string{"HTTP_ADDR": "8080"}, "health", 2, "HTTP_ADDR")
	h.asks(env, "health now", 2, "usage")
}

// asks runs a command in an environment and holds it to its exit code and words.
func (h *house) asks(env map[string]string, command string, code int, says ...string) *process {
	h.Helper()
	p := startProcess(h, env, strings.Fields(command)...)
	if got := p.code(); got != code || !holds(p.out.String(), says...) {
		h.Errorf("%s %v: exit code %d, want %d and %q:\n%s", command, env, got, code, says, p.out)
	}
	return p
}
