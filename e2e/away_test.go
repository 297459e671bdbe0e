package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestDayWithoutTelegram: Telegram is away for a day and people go on. What
// they wrote arrives in one flood afterwards; all of it is taken in, in the
// order in which each wrote, within Telegram's limits.
func TestDayWithoutTelegram(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.UnderLimits, harness.Troubled, func(h *harness.Harness) { h.Outside.Patience = 2 * time.Minute })
	const people, lines = 8, 60
	clerks := make([]*harness.Clerk, people)
	var all sync.WaitGroup
	for k := range clerks {
		clerks[k] = h.Clerk()
		all.Go(func() { clerks[k].Reaches("") })
	}
	all.Wait()
	h.Telegram.SetDown(true)
	h.Logged.Await(t, "no updates from telegram", 1)
	for n := range lines {
		for _, one := range clerks {
			one.Send(fmt.Sprintf("строка %d", n))
		}
		h.Pass(23 * time.Hour / lines)
	}
	for _, one := range clerks {
		one.Mark()
		one.Send("Зарегистрировать")
	}
	h.Telegram.SetDown(false)
	for _, one := range clerks {
		n := one.ReadsNumber()
		i, err := h.Program.Register.Incident(h.Within(), n)
		if err != nil {
			t.Fatal(err)
		}
		want := harness.UsualProblem
		for n := range lines {
			want += fmt.Sprintf("\nстрока %d", n)
		}
		if got := strings.Join(strings.FieldsFunc(i.Description(), func(r rune) bool { return r == '\n' }), "\n"); got != want {
			t.Errorf("of %s arrived %q", n, got)
		}
		if got := one.Count("зарегистрировано"); got != 1 {
			t.Errorf("%d messages with the number", got)
		}
		// The summary is shown anew when many lines were taken in, not for each.
		if got := one.Count(harness.SummaryHead); got > 4 {
			t.Errorf("%d summaries", got)
		}
	}
	h.Filed(people)
	if c := h.Telegram.Counters(); c.Flooded != 0 || c.Expired != 0 {
		t.Errorf("%d answers of 429, %d updates expired", c.Flooded, c.Expired)
	}
}

// deaf: Telegram takes no message, until the end is called.
func deaf(h *harness.Harness) (over func()) {
	return h.Telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage", "sendPhoto", "sendMediaGroup"}})
}

// TestNothingLeavesForADay: what people write arrives, what we say does not.
// Afterwards each reads the question that counts now, not those between, and
// every number and notice.
func TestNothingLeavesForADay(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.UnderLimits, harness.Troubled, func(h *harness.Harness) { h.Outside.Patience = 2 * time.Minute })
	anna, vera := h.Clerk(), h.Clerk()
	var both sync.WaitGroup
	both.Go(func() { anna.Reaches("") })
	both.Go(func() { vera.Reaches("Телефон") })
	both.Wait()
	if vera.ReplyKeyboard() == nil {
		t.Fatal("there is no keyboard at the question for the telephone")
	}
	confirmed := func() {
		t.Helper()
		if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil {
			t.Fatal(err)
		}
	}
	anna.Mark()
	vera.Mark()
	before := len(vera.Bots())
	over := deaf(h)
	anna.Send("Зарегистрировать")
	h.Logged.Await(t, "incident registered", 1)
	n := h.Filed(1)[0].Number
	for _, a := range harness.Usual[2:] {
		vera.Send(a.Answer)
		confirmed()
	}
	for range 6 {
		h.Pass(4 * time.Hour)
		anna.Send("/status " + string(n))
		confirmed()
	}
	h.Engineer.Send("/take " + string(n))
	h.Logged.Await(t, "action=take", 1)
	over()
	anna.Send("/help") // she is there again
	anna.AwaitText("взято в работу", string(n))
	anna.AwaitText("Что умеет бот")
	vera.AwaitText(harness.SummaryHead, "Иванова")
	if vera.ReplyKeyboard() != nil {
		t.Errorf("the keyboard of the telephone is still there")
	}
	h.Card(n, "в работе")
	h.OutboxEmpty()
	if got := anna.Count("зарегистрировано: №\u00a0"); got != 1 {
		t.Errorf("she reads the number %d times:\n%s", got, anna.Screen())
	}
	if got := len(vera.Bots()) - before; got > 2 {
		t.Errorf("%d questions that nobody needs:\n%s", got-1, vera.Screen())
	}
	if h.Telegram.Counters().Flooded != 0 {
		t.Errorf("answers of 429")
	}
	said := slices.IndexFunc(anna.Bots(), func(m simulator.Message) bool { return strings.Contains(m.Body(), "взято в работу") })
	number := slices.IndexFunc(anna.Bots(), func(m simulator.Message) bool { return strings.Contains(m.Body(), "зарегистрировано") })
	if said < number {
		t.Errorf("the notice came before the number")
	}
	h.Status(n, incident.InProgress)
}
