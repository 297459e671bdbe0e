package e2e

import (
	"testing"

	"intakebot/e2e/harness"
)

// TestBacklog: what a chat said while the program was down is all worked on
// after the start, however much it is; equal answers need not come each.
func TestBacklog(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed)
	anna := h.Clerk()
	for range 70 {
		h.Engineer.Send("/help")
		anna.Send("/contacts")
	}
	h.Engineer.Send("/open")
	anna.Send("/help")
	h.Open()
	h.Engineer.AwaitText("Открытых обращений нет")
	anna.AwaitText("Что умеет бот")
}
