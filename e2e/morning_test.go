package e2e

import (
	"testing"
	"time"

	"intakebot/e2e/harness"
)

// TestMorning: what comes due in the quiet hours waits for the morning, which
// brings one digest in place of the reminders, however often the program
// starts; what it told is not said again that day.
func TestMorning(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	untaken := anna.Files() // Monday, 14:05
	h.Card(untaken)
	answered := anna.FilesAgain("Снова нет связи, вся сеть.")
	h.Engineer.Ask("/take "+string(answered), "Взято")
	anna.Settled()

	h.Pass(6*time.Hour + 50*time.Minute) // 20:55
	anna.Mark()
	anna.Send("/add " + string(answered))
	anna.AwaitText("Дополнение")
	anna.Ask("Стало хуже", "Добавили")
	h.Pass(8 * time.Hour) // 4:55
	before := h.Told("Обращения ждут")
	if got := h.Told("Доброе утро"); got != 0 {
		t.Errorf("%d digests at night", got)
	}

	h.Engineer.Mark()
	h.Pass(3*time.Hour + 10*time.Minute) // 8:05
	digest := h.Engineer.AwaitText("Доброе утро")
	if !harness.Holds(digest.Body(), "Открыто: 2, не взято: 1, без ответа: 1", "№ "+string(untaken)+" · 18 ч 0 мин · ", "№ "+string(answered)+" · 11 ч 10 мин · ") {
		t.Errorf("the digest:\n%s", digest.Body())
	}
	if len(digest.Buttons) > 0 || digest.ReplyTo != 0 {
		t.Errorf("the digest has buttons or is a reply: %+v", digest)
	}
	h.Restart()
	h.Pass(time.Minute)
	h.Drained()
	if got := h.Told("Доброе утро"); got != 1 {
		t.Errorf("%d digests", got)
	}
	if got := h.Told("Обращения ждут"); got != before {
		t.Errorf("%d reminders besides the digest", got-before)
	}
	h.Pass(2 * time.Hour)
	h.Drained()
	if got := h.Told("Обращения ждут"); got != before {
		t.Errorf("%d reminders of what the digest told", got-before)
	}
	if got := h.Told("Доброе утро"); got != 1 {
		t.Errorf("%d digests after an hour", got)
	}

	// A reply to the digest goes nowhere.
	h.Engineer.Reply(digest.ID, "Занимаюсь")
	h.Engineer.AwaitText("заявителю не ушло")
	h.Engineer.Send("/resolve " + string(untaken) + " Готово")
	h.Engineer.Send("/resolve " + string(answered) + " Готово")
	h.Card(untaken, "решено")
	h.Card(answered, "решено")
	h.Pass(24 * time.Hour)
	if got := h.Told("Доброе утро"); got != 1 {
		t.Errorf("a digest of nothing")
	}
}

// TestMorningWithoutQuietHours comes at eight.
func TestMorningWithoutQuietHours(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("QUIET_HOURS", "off"))
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	anna.Settled()
	h.Pass(17*time.Hour + 50*time.Minute) // 7:55
	if got := h.Told("Доброе утро"); got != 0 {
		t.Errorf("a digest before eight")
	}
	h.Engineer.Mark()
	h.Pass(10 * time.Minute)
	h.Engineer.AwaitText("Доброе утро", "Открыто: 1, не взято: 1", string(n))
}
