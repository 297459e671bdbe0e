package e2e

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/bot/telegram"
	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// inStorm: Telegram counts edits too, and everybody has the patience that a
// storm takes.
func inStorm(h *harness.Harness) {
	harness.UnderLimits(h)
	h.Outside.Limits.Edits = true
	h.Outside.Patience, h.Outside.KeepCalls = time.Hour, 100_000
}

// dialogue is how many messages bring a person from the first touch to the
// number: consent, five questions, the keyboard that goes, summary, number.
const dialogue = 9

// needed is how long Telegram's limits need to let so many messages through.
func needed(messages int) time.Duration {
	l := telegram.PublicLimits.All
	return time.Duration(messages) * l.Per / time.Duration(l.Count)
}

// TestStorm: 500 people (100 with the race detector) file at once under Telegram's limits. Nothing is
// refused, nobody waits longer for the number than the limits demand, the group
// learns of everything in time and works on what has no card yet.
func TestStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people = stormPeople
		h := harness.Start(t, harness.InMemory, inStorm, harness.With("LOG_LEVEL", "info"))
		numbers, took := h.Storm(people)
		slices.Sort(numbers)
		need := needed(people * dialogue)
		t.Logf("the limits need %v; the first number came after %v, the last after %v", need, slices.Min(took), slices.Max(took))
		if last := slices.Max(took); last > need*11/10 {
			t.Errorf("the last number came after %v, the limits need %v", last, need)
		}
		for _, p := range h.Telegram.People() {
			if sent := h.Telegram.Sent(p.ID()); p.ID() != h.Engineer.Person().ID() && sent != dialogue {
				t.Errorf("%d messages to a person", sent)
			}
		}
		handed := worksInAStorm(h, numbers)
		for range 30 { // looking at hundreds of messages at each new one takes long
			if time.Sleep(time.Minute); len(h.Cards(h.Engineer.Messages())) == people {
				break
			}
		}
		readsTheStorm(h, handed)
		if c := h.Telegram.Counters(); c.Flooded != 0 {
			t.Errorf("%d calls were answered 429", c.Flooded)
		}
	})
}

// worksInAStorm does what an engineer does while hundreds of cards wait: takes
// one that has none yet, reads another, changes the first. It returns the one
// whose card came out of turn.
func worksInAStorm(h *harness.Harness, numbers []incident.Number) (handed incident.Number) {
	h.Helper()
	prompt := func(what string, f func()) {
		h.Helper()
		began := time.Now()
		if f(); time.Since(began) > 90*time.Second {
			h.Errorf("%s took %v", what, time.Since(began))
		}
	}
	handed = numbers[len(numbers)-1]
	shown := func(n incident.Number) bool {
		return slices.ContainsFunc(h.Cards(h.Engineer.Messages()), func(m simulator.Message) bool { return strings.Contains(m.FirstLine(), string(n)) })
	}
	if shown(handed) {
		h.Fatalf("%s has its card already", handed)
	}
	prompt("/take", func() { h.Engineer.Ask("/take "+string(handed), "Взято в работу") })
	prompt("the card of what was taken", func() { h.Card(handed, "в работе") })
	prompt("/incident", func() {
		h.Engineer.Ask("/incident "+string(numbers[len(numbers)-2]), "История", harness.UsualProblem)
	})
	prompt("/ask", func() {
		h.Engineer.Ask("/ask "+string(numbers[len(numbers)-3])+" Что на индикаторах?", "ждёт уточнения")
	})
	prompt("a press", func() {
		h.Engineer.PressOn(h.Card(numbers[0]).ID, "Взять в работу")
		h.Card(numbers[0], "в работе")
	})
	if unread := numbers[len(numbers)-2]; shown(unread) {
		h.Errorf("the storm was over before the work: %s has its card", unread)
	}
	return handed
}

// readsTheStorm holds the group against the register.
func readsTheStorm(h *harness.Harness, handed incident.Number) {
	h.Helper()
	read := map[incident.Number]time.Time{}
	named := map[incident.Number]int{}
	notices := 0
	all := h.Engineer.Messages()
	for _, m := range all {
		if !m.FromBot {
			continue
		}
		for _, n := range incident.FindNumbers(m.Body()) {
			if read[n].IsZero() {
				read[n] = m.Date
			}
		}
		if !strings.Contains(m.FirstLine(), "Новых обращений") {
			continue
		}
		notices++
		for _, n := range incident.FindNumbers(m.Body()) {
			named[n]++
		}
		if harness.NumberForm.MatchString(m.FirstLine()) || len(m.Buttons) > 0 {
			h.Errorf("a notice looks like a card:\n%s", m.Body())
		}
	}
	var longest time.Duration
	filed := h.Filed(len(read))
	for _, i := range filed {
		longest = max(longest, read[i.Number].Sub(i.RegisteredAt))
		if named[i.Number] > 1 {
			h.Errorf("%s was named %d times", i.Number, named[i.Number])
		}
	}
	if longest > 3*time.Minute {
		h.Errorf("the group learned of an incident after %v", longest)
	}
	var inOrder []string
	var lastCard time.Time
	for _, m := range h.Cards(all) {
		lastCard = m.Date
		if !strings.Contains(m.FirstLine(), string(handed)) && !strings.Contains(m.Body(), "ждёт уточнения") {
			inOrder = append(inOrder, harness.NumberForm.FindString(m.FirstLine()))
		}
	}
	if !slices.IsSorted(inOrder) {
		h.Errorf("the cards did not come oldest first: %v", inOrder)
	}
	h.Logf("%d incidents, %d of them named in %d notices; the group learned of each within %v, the last card came %v after the last report",
		len(filed), len(named), notices, longest.Round(time.Second), lastCard.Sub(filed[len(filed)-1].RegisteredAt).Round(time.Second))
}

// TestNoticeOfMany: while the group does not hear, ten file. Then one notice
// names them all, and never again; an answer to it goes to nobody. Their cards
// come in order.
func TestNoticeOfMany(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	hears := h.Telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: h.Group.ID()})
	var people []*harness.Clerk
	var numbers []string
	for range 10 {
		one := h.Clerk()
		people = append(people, one)
		numbers = append(numbers, string(one.Files()))
	}
	hears()
	notice := h.Engineer.AwaitText("Новых обращений: 10.")
	for _, n := range numbers {
		h.Card(incident.Number(n))
	}
	if names := harness.NumberForm.FindAllString(notice.Body(), -1); !slices.Equal(names, numbers) {
		t.Errorf("the notice names %v, filed were %v", names, numbers)
	}
	if !strings.Contains(notice.Body(), harness.Usual[0].Answer) || len(notice.Buttons) > 0 || notice.ID > h.Card(incident.Number(numbers[0])).ID {
		t.Errorf("the notice:\n%s", notice.Body())
	}
	h.Engineer.Reply(notice.ID, "Смотрим")
	h.Engineer.AwaitText("заявителю не ушло", "на карточку")
	h.Restart()
	h.Clerk().Files()
	if got := h.Told("Новых обращений"); got != 1 {
		t.Errorf("%d notices", got)
	}
	for _, one := range people {
		if one.Count("Смотрим") != 0 {
			t.Errorf("an answer to the notice went to a person")
		}
	}
	if got := len(h.Cards(h.Engineer.Messages())); got != 11 {
		t.Errorf("%d cards", got)
	}
}

// TestNoticeAcrossACrash: of a notice whose answer was lost nobody knows
// whether it came, so it comes once more, and then no more.
func TestNoticeAcrossACrash(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	inGroup := simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: h.Group.ID()}
	hears := h.Telegram.Fault(inGroup)
	for range 5 {
		h.Clerk().Files()
	}
	inGroup.Kind, inGroup.Times = simulator.CutAfter, 1
	h.Telegram.Fault(inGroup)
	hears()
	h.Engineer.AwaitView(func(all []simulator.Message) bool { return len(h.Cards(all)) == 5 })
	h.Restart()
	if got := h.Told("Новых обращений: 5."); got != 2 {
		t.Errorf("%d notices", got)
	}
}

// TestStormWithPhotos: the cards of all come before the photos of any, and the
// photos answer their cards.
func TestStormWithPhotos(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people = 30
		h := harness.Start(t, harness.InMemory, inStorm, harness.With("LOG_LEVEL", "info"))
		var all sync.WaitGroup
		for range people {
			one := h.Clerk()
			all.Go(func() {
				one.Reaches("")
				one.SendAlbum(simulator.AlbumItem{File: photo}, simulator.AlbumItem{File: photo})
				one.AwaitText(harness.SummaryHead, "Вложения (2)")
				one.Registers()
			})
		}
		all.Wait()
		h.Engineer.AwaitView(func(all []simulator.Message) bool { return photos(all) == 2*people })
		messages := h.Engineer.Messages()
		cards := h.Cards(messages)
		if len(cards) != people {
			t.Fatalf("%d cards", len(cards))
		}
		last := cards[people-1].ID
		for _, m := range messages {
			if m.Attachment == nil {
				continue
			}
			if m.ID < last {
				t.Errorf("a photo came before the last card")
			}
			if !slices.ContainsFunc(cards, func(c simulator.Message) bool { return c.ID == m.ReplyTo }) {
				t.Errorf("a photo answers no card")
			}
		}
		if c := h.Telegram.Counters(); c.Flooded != 0 {
			t.Errorf("%d calls were answered 429", c.Flooded)
		}
	})
}

// photos counts the bot's messages with a file.
func photos(all []simulator.Message) (n int) {
	for _, m := range all {
		if m.FromBot && m.Attachment != nil {
			n++
		}
	}
	return n
}

// TestRestartInAStorm: Telegram counts on while the program starts anew, and
// the program knows.
func TestRestartInAStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people = 40
		h := harness.Start(t, harness.InMemory, inStorm, harness.With("LOG_LEVEL", "info"))
		h.Storm(people)
		for _, seen := range []int{15, 25, 35} {
			h.Engineer.AwaitView(func(all []simulator.Message) bool { return len(h.Cards(all)) >= seen })
			h.Engineer.Ask("/take "+string(harness.NumberIn(h, h.Cards(h.Engineer.Messages())[seen-1])), "Взято в работу")
			h.Restart()
		}
		h.Engineer.AwaitView(func(all []simulator.Message) bool { return len(h.Cards(all)) == people })
		for _, one := range h.Telegram.People() {
			one.Chat().Send("/help") // answers to all at the moment of a start
		}
		h.Restart()
		h.Drained()
		if c := h.Telegram.Counters(); c.Flooded != 0 {
			t.Errorf("%d calls were answered 429", c.Flooded)
		}
	})
}
