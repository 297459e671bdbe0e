package main

import (
	"strings"
	"testing"
	"time"

	"intakebot/outbox"
)

// told is how many messages of the group hold the text, once all that is under
// way has arrived.
func (h *house) told(text string) int {
	h.Helper()
	h.drained()
	n := 0
	for _, m := range h.engineer.Messages() {
		if m.FromBot && strings.Contains(m.Body(), text) {
			n++
		}
	}
	return n
}

// drained returns once all that was done in the group before is worked on, and
// nothing that is due waits in the outbox.
func (h *house) drained() {
	h.Helper()
	if err := h.telegram.AwaitConfirmed(h.within()); err != nil {
		h.Fatal(err)
	}
	h.engineer.Mark()
	h.engineer.Ask("/help", "Как работать с обращениями")
	h.outboxEmpty()
}

// outboxEmpty waits until nothing waits for Telegram or the mail relay.
func (h *house) outboxEmpty() {
	h.Helper()
	ctx := h.within()
	for _, ch := range []outbox.Channel{outbox.Telegram, outbox.Mail} {
		for waits := true; waits; {
			var err error
			if _, waits, err = h.parts.register.NextDue(ctx, ch); err != nil {
				h.Fatalf("the %s outbox is not empty: %v", ch, err)
			}
		}
	}
}

// TestMorning: what comes due in the quiet hours waits for the morning, which
// brings one digest in place of the reminders, however often the program
// starts; an hour later they go on.
func TestMorning(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	untaken := anna.files() // Monday, 14:05
	h.card(untaken)
	answered := anna.filesAgain("Снова нет связи, вся сеть.")
	h.engineer.Ask("/take "+string(answered), "Взято")
	anna.settled()

	h.pass(6*time.Hour + 50*time.Minute) // 20:55
	anna.Mark()
	anna.Send("/add " + string(answered))
	anna.AwaitText("Дополнение")
	anna.Ask("Стало хуже", "Добавили")
	h.pass(8 * time.Hour) // 4:55
	before := h.told("Обращения ждут")
	if got := h.told("Доброе утро"); got != 0 {
		t.Errorf("%d digests at night", got)
	}

	h.engineer.Mark()
	h.pass(3*time.Hour + 10*time.Minute) // 8:05
	digest := h.engineer.AwaitText("Доброе утро")
	if !holds(digest.Body(), "Открыто: 2, не взято: 1, без ответа: 1", "№ "+string(untaken)+", 18 ч 0 мин", "№ "+string(answered)+", 11 ч 10 мин") {
		t.Errorf("the digest:\n%s", digest.Body())
	}
	if len(digest.Buttons) > 0 || digest.ReplyTo != 0 {
		t.Errorf("the digest has buttons or is a reply: %+v", digest)
	}
	h.restart()
	h.pass(time.Minute)
	h.drained()
	if got := h.told("Доброе утро"); got != 1 {
		t.Errorf("%d digests", got)
	}
	if got := h.told("Обращения ждут"); got != before {
		t.Errorf("%d reminders besides the digest", got-before)
	}
	h.engineer.Mark()
	h.pass(time.Hour)
	h.engineer.AwaitText("Обращения ждут", string(untaken), string(answered))
	if got := h.told("Доброе утро"); got != 1 {
		t.Errorf("%d digests after an hour", got)
	}

	// The digest names two: a reply to it cannot go to one.
	h.engineer.Reply(digest.ID, "Занимаюсь")
	h.engineer.AwaitText("несколько обращений")
	h.engineer.Send("/resolve " + string(untaken) + " Готово")
	h.engineer.Send("/resolve " + string(answered) + " Готово")
	h.card(untaken, "решено")
	h.card(answered, "решено")
	h.pass(24 * time.Hour)
	if got := h.told("Доброе утро"); got != 1 {
		t.Errorf("a digest of nothing")
	}
}

// TestMorningWithoutQuietHours comes at eight.
func TestMorningWithoutQuietHours(t *testing.T) {
	t.Parallel()
	h := startHouse(t, with("QUIET_HOURS", "off"))
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	anna.settled()
	h.pass(17*time.Hour + 50*time.Minute) // 7:55
	if got := h.told("Доброе утро"); got != 0 {
		t.Errorf("a digest before eight")
	}
	h.engineer.Mark()
	h.pass(10 * time.Minute)
	h.engineer.AwaitText("Доброе утро", "Открыто: 1, не взято: 1", string(n))
}
