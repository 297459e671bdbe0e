package harness

import (
	"strings"

	"intakebot/simulator"
)

// Bulletin waits until the group holds exactly one bulletin with that heading,
// and it holds the parts.
func (h *Harness) Bulletin(heading string, parts ...string) simulator.Message {
	h.Helper()
	var found simulator.Message
	h.Engineer.AwaitView(func(messages []simulator.Message) bool {
		n := 0
		for _, m := range messages {
			if m.FromBot && strings.Contains(m.FirstLine(), heading) {
				found, n = m, n+1
			}
		}
		return n == 1 && Holds(found.Body(), parts...)
	})
	return found
}
