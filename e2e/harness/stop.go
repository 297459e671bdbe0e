package harness

import (
	"intakebot/simulator"
)

// Hangs waits until a call to Telegram gets no answer.
func (h *Harness) Hangs() {
	h.Helper()
	_, err := h.Telegram.AwaitCall(h.Within(), func(c simulator.Call) bool { return c.Fault == simulator.Hang })
	if err != nil {
		h.Fatal(err)
	}
}
