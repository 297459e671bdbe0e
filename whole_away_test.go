package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// TestDayWithoutTelegram: Telegram is away for a day and people go on. What
// they wrote arrives in one flood afterwards; all of it is taken in, in the
// order in which each wrote, within Telegram's limits.
func TestDayWithoutTelegram(t *testing.T) {
	t.Parallel()
	h := startHouse(t, underLimits, troubled, func(h *house) { h.outside.Patience = 2 * time.Minute })
	const people, lines = 8, 60
	clerks := make([]*clerk, people)
	var all sync.WaitGroup
	for k := range clerks {
		clerks[k] = h.clerk()
		all.Go(func() { clerks[k].reaches("") })
	}
	all.Wait()
	h.telegram.SetDown(true)
	h.log.await(t, "no updates from telegram", 1)
	for n := range lines {
		for _, one := range clerks {
			one.Send(fmt.Sprintf("строка %d", n))
		}
		h.pass(23 * time.Hour / lines)
	}
	for _, one := range clerks {
		one.Mark()
		one.Send("Зарегистрировать")
	}
	h.telegram.SetDown(false)
	for _, one := range clerks {
		n := one.readsNumber()
		i, err := h.parts.register.Incident(h.within(), n)
		if err != nil {
			t.Fatal(err)
		}
		want := usualProblem
		for n := range lines {
			want += fmt.Sprintf("\nстрока %d", n)
		}
		if got := strings.Join(strings.FieldsFunc(i.Description(), func(r rune) bool { return r == '\n' }), "\n"); got != want {
			t.Errorf("of %s arrived %q", n, got)
		}
		if got := one.count("зарегистрировано"); got != 1 {
			t.Errorf("%d messages with the number", got)
		}
		// The summary is shown anew when many lines were taken in, not for each.
		if got := one.count(summaryHead); got > 4 {
			t.Errorf("%d summaries", got)
		}
	}
	h.filed(people)
	if c := h.telegram.Counters(); c.Flooded != 0 || c.Expired != 0 {
		t.Errorf("%d answers of 429, %d updates expired", c.Flooded, c.Expired)
	}
}

// deaf: Telegram takes no message, until the end is called.
func (h *house) deaf() (over func()) {
	return h.telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage", "sendPhoto", "sendMediaGroup"}})
}

// TestNothingLeavesForADay: what people write arrives, what we say does not.
// Afterwards each reads the question that counts now, not those between, and
// every number and notice.
func TestNothingLeavesForADay(t *testing.T) {
	t.Parallel()
	h := startHouse(t, underLimits, troubled, func(h *house) { h.outside.Patience = 2 * time.Minute })
	anna, vera := h.clerk(), h.clerk()
	var both sync.WaitGroup
	both.Go(func() { anna.reaches("") })
	both.Go(func() { vera.reaches("Телефон") })
	both.Wait()
	if vera.ReplyKeyboard() == nil {
		t.Fatal("there is no keyboard at the question for the telephone")
	}
	confirmed := func() {
		t.Helper()
		if err := h.telegram.AwaitConfirmed(h.within()); err != nil {
			t.Fatal(err)
		}
	}
	anna.Mark()
	vera.Mark()
	before := len(vera.bots())
	over := h.deaf()
	anna.Send("Зарегистрировать")
	h.log.await(t, "incident registered", 1)
	n := h.filed(1)[0].Number
	for _, a := range usual[2:] {
		vera.Send(a.answer)
		confirmed()
	}
	for range 6 {
		h.pass(4 * time.Hour)
		anna.Send("/status " + string(n))
		confirmed()
	}
	h.engineer.Send("/take " + string(n))
	h.log.await(t, "action=take", 1)
	over()
	anna.Send("/help") // she is there again
	anna.AwaitText("взято в работу", string(n))
	anna.AwaitText("Что умеет бот")
	vera.AwaitText(summaryHead, "Иванова")
	if vera.ReplyKeyboard() != nil {
		t.Errorf("the keyboard of the telephone is still there")
	}
	h.card(n, "в работе")
	h.outboxEmpty()
	if got := anna.count("зарегистрировано: №\u00a0"); got != 1 {
		t.Errorf("she reads the number %d times:\n%s", got, anna.Screen())
	}
	if got := len(vera.bots()) - before; got > 2 {
		t.Errorf("%d questions that nobody needs:\n%s", got-1, vera.Screen())
	}
	if h.telegram.Counters().Flooded != 0 {
		t.Errorf("answers of 429")
	}
	said := slices.IndexFunc(anna.bots(), func(m simulator.Message) bool { return strings.Contains(m.Body(), "взято в работу") })
	number := slices.IndexFunc(anna.bots(), func(m simulator.Message) bool { return strings.Contains(m.Body(), "зарегистрировано") })
	if said < number {
		t.Errorf("the notice came before the number")
	}
	h.status(n, incident.InProgress)
}
