package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"intakebot/incident"
	"intakebot/simulator"
)

// TestHandOverAndReturn: a colleague takes over, and gives it back to nobody.
func TestHandOverAndReturn(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	olga := h.group.Staff("Ольга <3", "Белова & Ко").Must(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	h.engineer.PressOn(card.ID, "Взять в работу")
	h.card(n, "в работе", "Игорь Соколов")
	h.engineer.PressOn(card.ID, "Взять себе")
	h.engineer.AwaitToast("Игорь Соколов") // he has it
	anna.Mark()
	olga.PressOn(card.ID, "Взять себе")
	anna.AwaitText("занимается другой сотрудник", string(n))
	h.card(n, "в работе", "Ольга <3 Белова & Ко")
	olga.PressOn(card.ID, "Запросить уточнение")
	prompt := olga.AwaitText("Ольга <3 Белова & Ко, напишите, что спросить")
	anna.Mark()
	olga.Reply(prompt.ID, "Какой адрес <узла>?")
	anna.AwaitText("Какой адрес <узла>?")
	h.engineer.Ask("/take "+string(n), "ждёт уточнения", "Ольга <3 Белова & Ко")
	h.engineer.Ask("/incident "+string(n), "История", "Запрошено уточнение (Ольга <3 Белова & Ко): Какой адрес <узла>?")

	anna.Mark()
	olga.PressOn(card.ID, "Вернуть в очередь")
	anna.AwaitText("снова в очереди")
	back := h.card(n, "зарегистрировано")
	if strings.Contains(back.Body(), "👤") || back.Button("Взять в работу") == nil || back.Button("Вернуть в очередь") != nil {
		t.Errorf("a returned card: %s %v", back.Body(), back.Buttons)
	}
}

// TestOpenTurnsPages in place.
func TestOpenTurnsPages(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna, vera := h.clerk(), h.clerk()
	all := []incident.Number{vera.files(), anna.files()}
	for k := range 23 {
		all = append(all, []*clerk{anna, vera}[k%2].filesAgain(fmt.Sprintf("Нет связи, узел %d.", k)))
	}
	h.card(all[24])
	// The person who waits for an answer comes first.
	anna.Send("/add " + string(all[20]))
	anna.AwaitText("Дополнение")
	anna.Ask("Стало хуже", "Добавили")
	h.card(all[20], "Без ответа: 1")

	page := h.engineer.Ask("/open", "Открытые обращения: 25")
	shown := numberForm.FindAllString(page.Body(), -1)
	if len(shown) != 10 || shown[0] != string(all[20]) || shown[1] != string(all[0]) || len(numberForm.FindAllString(page.FirstLine(), -1)) > 0 {
		t.Errorf("the first page: %q", shown)
	}
	seen := map[string]bool{}
	for _, want := range []struct {
		press    string
		on       int
		has, not string
	}{{"Дальше", 10, "Назад", ""}, {"Дальше", 5, "Назад", "Дальше"}, {"Назад", 10, "Дальше", ""}} {
		for _, n := range shown {
			seen[n] = true
		}
		before := page.Body()
		h.engineer.PressOn(page.ID, want.press)
		h.engineer.AwaitView(func([]simulator.Message) bool {
			page, _ = h.engineer.Message(page.ID)
			return page.Body() != before
		})
		shown = numberForm.FindAllString(page.Body(), -1)
		if len(shown) != want.on || page.Button(want.has) == nil || want.not != "" && page.Button(want.not) != nil {
			t.Errorf("after %s: %q %v", want.press, shown, page.Buttons)
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d incidents on three pages", len(seen))
	}
}

// TestRelayToOneWhoBlockedTheBot: a message that stays says why and what else
// can be done, once however many parts there were.
func TestRelayToOneWhoBlockedTheBot(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.Block()
	id := h.engineer.Replying(card.ID).SendPhoto(simulator.File{Name: "схема.png", MIME: "image/png", Data: []byte("png")}, "Вот схема")
	failed := h.engineer.AwaitText("не отправлено", "заблокирован", "телефону или почте", string(n))
	if failed.ReplyTo != id {
		t.Errorf("it answers %d, not %d", failed.ReplyTo, id)
	}
	if got := h.told("заблокирован"); got != 1 {
		t.Errorf("said %d times", got)
	}
	if m, _ := h.engineer.Message(id); len(m.Reactions) > 0 {
		t.Errorf("it looks delivered: %v", m.Reactions)
	}
	anna.Ask("/my", string(n))
	anna.Mark()
	h.engineer.Reply(failed.ID, "А теперь видно?")
	anna.AwaitText("А теперь видно?")
}

// TestRefusedRelay: Telegram refuses a voice message, and the desk reads it.
func TestRefusedRelay(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.Person().ForbidVoice()
	id := h.engineer.Replying(card.ID).SendVoice(simulator.File{Data: []byte("ogg")}, "")
	failed := h.engineer.AwaitText("не отправлено", "телефону или почте", string(n))
	if failed.ReplyTo != id {
		t.Errorf("it answers %d, not %d", failed.ReplyTo, id)
	}
	anna.Mark()
	h.engineer.Reply(failed.ID, "Тогда словами: перезапустите узел")
	anna.AwaitText("перезапустите узел")
}

// TestLongWords: what the desk writes arrives whole, in as many messages as it
// takes.
func TestLongWords(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	long := "Начало. " + strings.Repeat("Проверьте <кабель> & розетку 👌. ", 240) + "Конец."
	anna.Mark()
	h.engineer.Reply(card.ID, long)
	anna.AwaitText("Конец.")
	var got strings.Builder
	for _, m := range anna.bots() {
		got.WriteString(m.Body())
	}
	// Where a message ends, a sentence may stand in two: three times.
	if n := strings.Count(got.String(), "Проверьте <кабель> & розетку 👌."); n < 237 {
		t.Errorf("%d of 240 sentences arrived", n)
	}
	if strings.Contains(got.String(), "…") || anna.count("Начало. Проверьте") != 1 {
		t.Errorf("the words were cut")
	}

	// The desk reads the beginning, and all of it when it asks.
	h.engineer.Mark()
	anna.Send("/add " + string(n))
	anna.AwaitText("Дополнение")
	anna.Send(long)
	h.engineer.AwaitText("👌.", "Показано начало, полностью: /incident "+string(n))
	h.engineer.Ask("/incident "+string(n), "Конец.")
	for _, m := range h.engineer.Messages() {
		if n := len(utf16.Encode([]rune(m.Body()))); m.FromBot && n > 4096 {
			t.Errorf("a message of %d characters", n)
		}
	}
}

// TestOldCard: bots edit their own messages at any age.
func TestOldCard(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.settled()
	h.pass(10 * 24 * time.Hour)
	h.engineer.PressOn(card.ID, "Взять в работу")
	if taken := h.card(n, "в работе", "Игорь Соколов"); taken.ID != card.ID {
		t.Errorf("the card was posted anew")
	}
}

// TestReactionsForbidden: delivery is shown by one short reply, however many
// parts there were.
func TestReactionsForbidden(t *testing.T) {
	t.Parallel()
	h := startHouse(t, func(h *house) { h.refusals = true })
	h.group.SetReactions(false)
	anna := h.clerk()
	card := h.card(anna.files())
	id := h.engineer.Replying(card.ID).SendPhoto(simulator.File{Name: "схема.png", MIME: "image/png", Data: []byte("png")}, "Вот схема")
	anna.AwaitText("Вот схема")
	anna.AwaitView(func(all []simulator.Message) bool { return all[len(all)-1].Attachment != nil })
	done := h.engineer.AwaitText("Передано заявителю")
	if done.ReplyTo != id {
		t.Errorf("it answers %d, not %d", done.ReplyTo, id)
	}
	if got := h.told("Передано заявителю"); got != 1 {
		t.Errorf("said %d times", got)
	}
}

// TestEditedWordsStayWhatTheyAre: a question or a solution that is edited keeps
// its heading and its buttons, a command is not shown to the person, and words
// that become a note are taken back.
func TestEditedWordsStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.Mark()
	slip := h.engineer.Reply(card.ID, "сам виноват")
	anna.AwaitText("сам виноват")
	h.engineer.Edit(slip, "// сам виноват")
	anna.AwaitView(func(all []simulator.Message) bool {
		return !strings.Contains(all[len(all)-1].Body(), "виноват")
	})

	anna.Mark()
	solved := h.engineer.Send("/resolve " + string(n) + " Заменили кабел")
	anna.AwaitText("решено", "Заменили кабел")
	anna.Mark()
	h.engineer.Edit(solved, "/resolve "+string(n)+" Заменили кабель")
	edited := anna.AwaitText("решено", "Заменили кабель")
	if strings.Contains(edited.Body(), "/resolve") || edited.Button("Не помогло") == nil {
		t.Errorf("the solution became\n%s", edited.Body())
	}
	h.engineer.Ask("/incident "+string(n), "Заменили кабель")

	anna.Ask("Не помогло", "снова в работе")
	h.status(n, incident.InProgress)
}

// TestCommandsOfOthers do nothing in a private chat: those of another bot, and
// those of the desk.
func TestCommandsOfOthers(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("ФИО")
	sent := h.telegram.Sent(anna.ChatID())
	anna.Send("/cancel@another_bot")
	anna.Send("/open")
	anna.Ask("Иванова Анна", "Телефон")
	if got := h.telegram.Sent(anna.ChatID()); got != sent+1 {
		t.Errorf("%d messages came of another's commands", got-sent-1)
	}
}

// TestChangedBeforeItWentOut: what the desk corrects or takes back while
// Telegram cannot bring it to the person goes out corrected, or not at all.
func TestChangedBeforeItWentOut(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	mend := h.telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: anna.ChatID()})
	first := h.engineer.Reply(card.ID, "Перезагрузите всё")
	h.log.await(t, "a message waits", 1)
	h.engineer.Edit(first, "Перезагрузите координатор")
	second := h.engineer.Reply(card.ID, "Это лишнее")
	if err := h.telegram.AwaitConfirmed(h.within()); err != nil {
		t.Fatal(err)
	}
	h.engineer.Reply(second, "/undo")
	h.engineer.AwaitText("Заявителю это не уйдёт")
	mend()
	anna.Mark()
	h.pass(time.Minute)
	anna.AwaitText("Перезагрузите координатор", string(n))
	anna.settled()
	if anna.count("Перезагрузите всё") != 0 || anna.count("Это лишнее") != 0 {
		t.Errorf("she read what was changed:\n%s", anna.Screen())
	}
}
