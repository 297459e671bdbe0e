package main

import "testing"

// TestStats answers with a picture whose caption tells the figures in words.
func TestStats(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	nothing := h.engineer.Ask("/stats", "За 7 дней: обращений не было")
	if a := nothing.Attachment; a == nil || a.Kind != "photo" {
		t.Errorf("no picture of nothing: %+v", a)
	}
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	h.engineer.Ask("/take "+string(n), "Взято в работу")
	anna.Mark()
	h.engineer.Send("/resolve " + string(n) + " Починили")
	anna.AwaitText("Починили")
	for _, period := range []string{"7", "30", "90"} {
		m := h.engineer.Ask("/stats", "За "+period+" дней: обращений 1, эскалировано 0 (0\u00a0%), обычно берут в работу за 0\u00a0мин, решают за 0\u00a0мин")
		if a := m.Attachment; a == nil || a.Kind != "photo" {
			t.Errorf("no picture: %+v", a)
		}
		if !holds(m.Body(), usual[0].answer+" — 1") {
			t.Errorf("the organisation is not named:\n%s", m.Body())
		}
	}
}
