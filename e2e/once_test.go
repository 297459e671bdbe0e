package e2e

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestTenPressesAtOnce of «Зарегистрировать» give one incident and one message
// with its number, and every press is answered.
func TestTenPressesAtOnce(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("")
	summary := anna.Last()
	var fingers sync.WaitGroup
	for range 10 {
		fingers.Go(func() { _ = anna.Actor.PressOn(summary.ID, "Зарегистрировать") })
	}
	fingers.Wait()
	anna.Settled()
	h.Filed(1)
	if got := anna.Count("Обращение зарегистрировано"); got != 1 {
		t.Errorf("%d messages with the number:\n%s", got, anna.Screen())
	}
	if got := len(toastsOn(anna, summary.ID)); got != 10 {
		t.Errorf("%d of 10 presses were answered", got)
	}
	if letters := h.Mail.LettersTo(harness.SupportBox); len(letters) > 1 {
		t.Errorf("%d letters to support", len(letters))
	}
}

// toastsOn are the answers to presses on a message.
func toastsOn(c *harness.Clerk, message int) []simulator.Toast {
	return slices.DeleteFunc(c.Toasts(), func(t simulator.Toast) bool { return t.MessageID != message })
}

// TestEveryUpdateTwice: Telegram delivers at least once; what is delivered
// twice has its effects once, all the way to УИТ.
func TestEveryUpdateTwice(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, func(h *harness.Harness) { h.Unanswered, h.Refusals = true, true }) // a press can be answered once
	h.Telegram.SetTwice(true)
	anna := h.Clerk()
	n := anna.Files()
	anna.Ask("/add "+string(n), "Дополнение")
	anna.SendPhoto(simulator.File{Data: []byte("jpg")}, "Вот индикаторы")
	anna.AwaitText("Добавили")
	anna.Press("Готово")
	anna.AwaitText("Хорошо")
	anna.Escalates(n, "Связи по-прежнему нет.")
	h.Card(n, "принято почтовым сервером")
	anna.Settled()
	h.CardReply(n, "Вот индикаторы")

	i := h.Filed(1)[0]
	if len(i.Escalations) != 1 || len(i.History) != 4 {
		t.Errorf("the incident has %d escalations and this history: %+v", len(i.Escalations), i.History)
	}
	h.Letter(harness.SupportBox, 1)
	h.Letter(harness.UITBox, 1)
	if all := h.Mail.Letters(); len(all) != 2 {
		t.Errorf("%d letters, not 2", len(all))
	}
	for text, want := range map[string]int{"Обращение зарегистрировано": 1, "отправлено": 1, "в очереди": 1} {
		if got := anna.Count(text); got != want {
			t.Errorf("%d messages say «%s»:\n%s", got, text, anna.Screen())
		}
	}
	group := h.Engineer.Messages()
	for text, want := range map[string]int{"Вот индикаторы": 1, "эскалировал": 1} {
		if got := strings.Count(h.Engineer.Screen(), text); got != want {
			t.Errorf("the group reads «%s» %d times:\n%s", text, got, h.Engineer.Screen())
		}
	}
	if cards := h.Cards(group); len(cards) != 1 {
		t.Errorf("%d cards", len(cards))
	}
}

// TestNumbersAreSuccessive: two people get successive numbers.
func TestNumbersAreSuccessive(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	if a, b := h.Clerk().Files(), h.Clerk().Files(); a != "26-00001-0" || b != incident.NewNumber(2026, 2) {
		t.Errorf("the numbers are %s and %s", a, b)
	}
}

// TestTwentyAtOnce: twenty people who file at the same time get the first
// twenty numbers, none twice and none left out.
func TestTwentyAtOnce(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	numbers := make([]incident.Number, 20)
	var people sync.WaitGroup
	for i := range numbers {
		one := h.Clerk()
		people.Go(func() { numbers[i] = one.Files() })
	}
	people.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if want := incident.NewNumber(2026, i+1); n != want {
			t.Fatalf("the numbers are %v, want %s at %d", numbers, want, i)
		}
	}
	for _, n := range numbers {
		h.Card(n)
	}
	h.Letter(harness.SupportBox, len(numbers))
}

// TestForgedPress: what another person could send with a tampered client (a
// number, a draft, an escalation of somebody else) does nothing and reveals
// nothing.
func TestForgedPress(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna, eve := h.Clerk(), h.Clerk()
	n := anna.Files()
	anna.Ask("/new", "Описание")
	anna.Ask("Секрет Анны Петровны, подробности.", harness.SummaryHead)
	drafted := data(anna.Last())
	anna.ProposesLetter(n, "Состояние, известное одной Анне.")
	lettered := data(anna.Last())

	eve.Begins()
	forged := append(append(drafted, lettered...),
		"st:"+string(n), "add:"+string(n), "esc:"+string(n), "offeradd:"+string(n),
		"take:"+string(n), "ask:"+string(n), "done:"+string(n), "resolve:"+string(n), "nonsense", "reg:", ":", strings.Repeat("x", 64))
	for k, text := range forged {
		before := len(eve.Toasts())
		eve.PressData(eve.Last().ID, text)
		eve.AwaitToast("")
		if got := len(eve.Toasts()); got != before+1 {
			t.Errorf("press %d, %q: %d answers", k, text, got-before)
		}
	}
	for _, command := range []string{"/status", "/add", "/escalate"} {
		eve.Ask(command+" "+string(n), "среди ваших нет")
	}
	eve.Settled()
	for _, secret := range []string{"Секрет", "одной Анне", harness.Usual[1].Answer, harness.Usual[3].Answer, harness.UsualProblem} {
		if got := eve.Count(secret); got > 0 {
			t.Errorf("Eve reads «%s»:\n%s", secret, eve.Screen())
		}
	}
	if i := h.Filed(1)[0]; len(i.Escalations) != 0 || i.Version != 1 {
		t.Errorf("Anna's incident changed: %+v", i)
	}

	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "отправлено")
	if second := filesOpenDraft(anna); second != incident.NewNumber(2026, 2) {
		t.Errorf("Anna's own draft became %s", second)
	}
	if letters := h.Mail.LettersTo(harness.UITBox); len(letters) != 1 {
		t.Errorf("%d letters to УИТ", len(letters))
	}
}

// data are what the buttons of a message send.
func data(m simulator.Message) []string {
	var all []string
	for _, row := range m.Buttons {
		for _, b := range row {
			all = append(all, b.Data)
		}
	}
	return all
}

// filesOpenDraft goes on with the draft in hand and files it.
func filesOpenDraft(c *harness.Clerk) incident.Number {
	c.H.Helper()
	c.Ask("/new", "незаконченное")
	c.Press("Продолжить")
	c.AwaitText(harness.SummaryHead)
	return c.Registers()
}

// TestAnswersAllAtOnce: who types faster than the bot answers loses nothing,
// and no keyboard stays behind.
func TestAnswersAllAtOnce(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	for range 5 {
		anna := h.Clerk()
		anna.Begins()
		for _, a := range harness.Usual {
			anna.Send(a.Answer)
		}
		anna.AwaitText(harness.SummaryHead, harness.Usual[0].Answer, harness.Usual[1].Answer, harness.Usual[3].Answer, harness.UsualProblem)
		if k := anna.ReplyKeyboard(); k != nil {
			t.Errorf("a keyboard is left:\n%s", anna.Screen())
		}
		h.Card(anna.Registers(), harness.Usual[0].Answer, harness.UsualProblem)
	}
}
