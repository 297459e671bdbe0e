package e2e

import (
	"testing"

	"intakebot/e2e/harness"
)

// TestStats answers with a picture whose caption tells the figures in words.
func TestStats(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	nothing := h.Engineer.Ask("/stats", "За 7 дней: обращений не было")
	if a := nothing.Attachment; a == nil || a.Kind != "photo" {
		t.Errorf("no picture of nothing: %+v", a)
	}
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	h.Engineer.Ask("/take "+string(n), "Взято в работу")
	anna.Mark()
	h.Engineer.Send("/resolve " + string(n) + " Починили")
	anna.AwaitText("Починили")
	for _, period := range []string{"7", "30", "90"} {
		m := h.Engineer.Ask("/stats", "За "+period+" дней: обращений 1, эскалировано 0 (0\u00a0%), обычно берут в работу за 0\u00a0мин, решают за 0\u00a0мин")
		if a := m.Attachment; a == nil || a.Kind != "photo" {
			t.Errorf("no picture: %+v", a)
		}
		if !harness.Holds(m.Body(), harness.Usual[0].Answer+" — 1") {
			t.Errorf("the organisation is not named:\n%s", m.Body())
		}
	}
}
