package harness

import (
	"fmt"

	"intakebot/simulator"
)

// Relayed waits for files of these kinds, each once, in answer to a card.
func (h *Harness) Relayed(card simulator.Message, kinds ...string) {
	h.Helper()
	h.Engineer.AwaitView(func(messages []simulator.Message) bool {
		var got []string
		for _, m := range messages {
			if m.ReplyTo == card.ID && m.Attachment != nil {
				got = append(got, m.Attachment.Kind)
			}
		}
		return fmt.Sprint(got) == fmt.Sprint(kinds)
	})
}
