package mailer

import (
	"strings"
	"testing"
	"time"

	"intakebot/outbox"
)

// TestAlarms: every part has a letter for its going and one for its return,
// with an id of its own; the same alarm is the same bytes.
func TestAlarms(t *testing.T) {
	t.Parallel()
	l := Letters{From: "intake@example.ru", Alert: "admin@example.ru"}
	since := time.Date(2026, 11, 23, 9, 5, 0, 0, time.UTC)
	seen := map[string]bool{}
	for _, part := range AlarmParts {
		for _, over := range []bool{false, true} {
			a := Alarm{Part: part, Since: since, At: since.Add(time.Hour), Problem: "connection <refused>", Over: over}
			letter, err := l.Alarm(a)
			if err != nil {
				t.Fatal(err)
			}
			again, _ := l.Alarm(a)
			if seen[letter.MessageID] || string(again.Raw) != string(letter.Raw) {
				t.Errorf("%s, over %v: Message-ID %s is not its own, or the bytes differ", part, over, letter.MessageID)
			}
			seen[letter.MessageID] = true
			if letter.Kind != outbox.AlarmLetter || letter.To != "admin@example.ru" || !strings.Contains(letter.Text, "23.11.2026 в 09:05") {
				t.Errorf("%s, over %v: %+v", part, over, letter)
			}
			if over == strings.Contains(letter.Text, "connection <refused>") {
				t.Errorf("%s, over %v: the reason:\n%s", part, over, letter.Text)
			}
		}
	}
	if _, err := l.Alarm(Alarm{Part: "coffee"}); err == nil {
		t.Error("an alarm about coffee is written")
	}
}
