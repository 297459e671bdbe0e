package main

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"intakebot/incident"
	"intakebot/simulator"
	"intakebot/storage"
)

// TestTenPressesAtOnce of «Зарегистрировать» give one incident and one message
// with its number, and every press is answered.
func TestTenPressesAtOnce(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("")
	summary := anna.Last()
	var fingers sync.WaitGroup
	for range 10 {
		fingers.Go(func() { _ = anna.Actor.PressOn(summary.ID, "Зарегистрировать") })
	}
	fingers.Wait()
	anna.settled()
	h.filed(1)
	if got := anna.count("Обращение зарегистрировано"); got != 1 {
		t.Errorf("%d messages with the number:\n%s", got, anna.Screen())
	}
	if got := len(toastsOn(anna, summary.ID)); got != 10 {
		t.Errorf("%d of 10 presses were answered", got)
	}
	if letters := h.mail.LettersTo(supportBox); len(letters) > 1 {
		t.Errorf("%d letters to support", len(letters))
	}
}

// toastsOn are the answers to presses on a message.
func toastsOn(c *clerk, message int) []simulator.Toast {
	return slices.DeleteFunc(c.Toasts(), func(t simulator.Toast) bool { return t.MessageID != message })
}

// filed are the incidents of the register, oldest first; there must be so many.
func (h *house) filed(want int) []incident.Incident {
	h.Helper()
	r, err := storage.OpenReader(h.Context(), h.env["SQLITE_PATH"])
	if err != nil {
		h.Fatal(err)
	}
	defer r.Close()
	var all []incident.Incident
	for _, p := range h.telegram.People() {
		reporter, err := r.Reporter(h.Context(), p.ID())
		if err != nil {
			h.Fatal(err)
		}
		all = append(all, reporter.Incidents...)
	}
	if len(all) != want {
		h.Fatalf("the register holds %d incidents, not %d", len(all), want)
	}
	slices.SortFunc(all, func(a, b incident.Incident) int { return strings.Compare(string(a.Number), string(b.Number)) })
	return all
}

// TestEveryUpdateTwice: Telegram delivers at least once; what is delivered
// twice has its effects once, all the way to УИТ.
func TestEveryUpdateTwice(t *testing.T) {
	t.Parallel()
	h := startHouse(t, func(h *house) { h.unanswered, h.refusals = true, true }) // a press can be answered once
	h.telegram.SetTwice(true)
	anna := h.clerk()
	n := anna.files()
	anna.Ask("/add "+string(n), "Дополнение")
	anna.SendPhoto(simulator.File{Data: []byte("jpg")}, "Вот индикаторы")
	anna.AwaitText("Добавили")
	anna.Press("Готово")
	anna.AwaitText("Хорошо")
	anna.escalates(n, "Связи по-прежнему нет.")
	h.card(n, "принято почтовым сервером")
	anna.settled()
	h.reply(n, "Вот индикаторы")

	i := h.filed(1)[0]
	if len(i.Escalations) != 1 || len(i.History) != 4 {
		t.Errorf("the incident has %d escalations and this history: %+v", len(i.Escalations), i.History)
	}
	h.letter(supportBox, 1)
	h.letter(uitBox, 1)
	if all := h.mail.Letters(); len(all) != 2 {
		t.Errorf("%d letters, not 2", len(all))
	}
	for text, want := range map[string]int{"Обращение зарегистрировано": 1, "отправлено": 1, "в очереди": 1} {
		if got := anna.count(text); got != want {
			t.Errorf("%d messages say «%s»:\n%s", got, text, anna.Screen())
		}
	}
	group := h.engineer.Messages()
	for text, want := range map[string]int{"Вот индикаторы": 1, "эскалировал": 1} {
		if got := strings.Count(h.engineer.Screen(), text); got != want {
			t.Errorf("the group reads «%s» %d times:\n%s", text, got, h.engineer.Screen())
		}
	}
	if cards := h.cards(group); len(cards) != 1 {
		t.Errorf("%d cards", len(cards))
	}
}

// TestNumbersAreSuccessive: two people get successive numbers.
func TestNumbersAreSuccessive(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	if a, b := h.clerk().files(), h.clerk().files(); a != "26-00001-0" || b != incident.NewNumber(2026, 2) {
		t.Errorf("the numbers are %s and %s", a, b)
	}
}

// TestTwentyAtOnce: twenty people who file at the same time get the first
// twenty numbers, none twice and none left out.
func TestTwentyAtOnce(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	numbers := make([]incident.Number, 20)
	var people sync.WaitGroup
	for i := range numbers {
		one := h.clerk()
		people.Go(func() { numbers[i] = one.files() })
	}
	people.Wait()
	slices.Sort(numbers)
	for i, n := range numbers {
		if want := incident.NewNumber(2026, i+1); n != want {
			t.Fatalf("the numbers are %v, want %s at %d", numbers, want, i)
		}
	}
	for _, n := range numbers {
		h.card(n)
	}
	h.letter(supportBox, len(numbers))
}

// TestForgedPress: what another person could send with a tampered client (a
// number, a draft, an escalation of somebody else) does nothing and reveals
// nothing.
func TestForgedPress(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna, eve := h.clerk(), h.clerk()
	n := anna.files()
	anna.Ask("/new", "Описание")
	anna.Ask("Секрет Анны Петровны, подробности.", summaryHead)
	drafted := data(anna.Last())
	anna.proposesLetter(n, "Состояние, известное одной Анне.")
	lettered := data(anna.Last())

	eve.begins()
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
	eve.settled()
	for _, secret := range []string{"Секрет", "одной Анне", usual[1].answer, usual[3].answer, usualProblem} {
		if got := eve.count(secret); got > 0 {
			t.Errorf("Eve reads «%s»:\n%s", secret, eve.Screen())
		}
	}
	if i := h.filed(1)[0]; len(i.Escalations) != 0 || i.Version != 1 {
		t.Errorf("Anna's incident changed: %+v", i)
	}

	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "отправлено")
	if second := anna.filesOpenDraft(); second != incident.NewNumber(2026, 2) {
		t.Errorf("Anna's own draft became %s", second)
	}
	if letters := h.mail.LettersTo(uitBox); len(letters) != 1 {
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
func (c *clerk) filesOpenDraft() incident.Number {
	c.h.Helper()
	c.Ask("/new", "незаконченное")
	c.Press("Продолжить")
	c.AwaitText(summaryHead)
	return c.registers()
}

// TestAnswersAllAtOnce: who types faster than the bot answers loses nothing,
// and no keyboard stays behind.
func TestAnswersAllAtOnce(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	for range 5 {
		anna := h.clerk()
		anna.begins()
		for _, a := range usual {
			anna.Send(a.answer)
		}
		anna.AwaitText(summaryHead, usual[0].answer, usual[1].answer, usual[3].answer, usualProblem)
		if k := anna.ReplyKeyboard(); k != nil {
			t.Errorf("a keyboard is left:\n%s", anna.Screen())
		}
		h.card(anna.registers(), usual[0].answer, usualProblem)
	}
}
