package telegram

import (
	"slices"
	"testing"

	"intakebot/incident"
)

// TestNumbersOf: a card is about the incident in its first line, whatever
// number its person wrote below.
func TestNumbersOf(t *testing.T) {
	one, other := incident.NewNumber(26, 1), incident.NewNumber(26, 2)
	for text, want := range map[string][]incident.Number{
		"№ " + string(one) + " · в работе\n\nОписание: снова то же, что в " + string(other): {one},
		"Обращения ждут\n\n№ " + string(one) + ", час\n№ " + string(other) + ", два":        {one, other},
		"Доброе утро.\n\n№ " + string(one) + ", час":                                        {one},
		"Кто идёт обедать?": nil,
	} {
		if got := (&Content{Text: text}).Numbers(); !slices.Equal(got, want) {
			t.Errorf("%q is about %v, not %v", text, got, want)
		}
	}
}
