package e2e

import (
	"testing"
	"time"

	"intakebot/e2e/harness"
)

// TestDaysOff: on days off the desk has neither digest nor reminder; the next
// working morning tells, and what it told is not said again that day.
func TestDaysOff(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("WORK_DAYS", "mon-fri"))
	anna := h.Clerk()
	h.Pass(4*24*time.Hour + 5*time.Hour + 50*time.Minute) // Friday, 19:55
	n := anna.Files()
	h.Card(n)
	for range 2 { // Saturday and Sunday
		h.Pass(24 * time.Hour)
		h.Drained()
	}
	if got := h.Told("Доброе утро") + h.Told("Обращения ждут"); got != 0 {
		t.Errorf("%d digests and reminders on days off", got)
	}
	h.Engineer.Mark()
	h.Pass(12*time.Hour + 10*time.Minute) // Monday, 8:05
	h.Engineer.AwaitText("Доброе утро", string(n))
	h.Pass(3 * time.Hour)
	h.Drained()
	if got := h.Told("Обращения ждут"); got != 0 {
		t.Errorf("%d reminders of what the digest told", got)
	}
}
