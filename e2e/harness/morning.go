package harness

import (
	"strings"

	"intakebot/outbox"
)

// Told is how many messages of the group hold the text, once all that is under
// way has arrived.
func (h *Harness) Told(text string) int {
	h.Helper()
	h.Drained()
	n := 0
	for _, m := range h.Engineer.Messages() {
		if m.FromBot && strings.Contains(m.Body(), text) {
			n++
		}
	}
	return n
}

// Drained returns once all that was done in the group before is worked on, and
// nothing that is due waits in the outbox.
func (h *Harness) Drained() {
	h.Helper()
	if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil {
		h.Fatal(err)
	}
	h.Engineer.Mark()
	h.Engineer.Ask("/help", "Как работать с обращениями")
	h.OutboxEmpty()
}

// OutboxEmpty waits until nothing waits for Telegram or the mail relay.
func (h *Harness) OutboxEmpty() {
	h.Helper()
	ctx := h.Within()
	for _, ch := range []outbox.Channel{outbox.Telegram, outbox.Mail} {
		for waits := true; waits; {
			var err error
			if _, waits, err = h.Program.Register.NextDue(ctx, ch); err != nil {
				h.Fatalf("the %s outbox is not empty: %v", ch, err)
			}
		}
	}
}
