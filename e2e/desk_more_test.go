package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestHandOverAndReturn: a colleague takes over, and gives it back to nobody.
func TestHandOverAndReturn(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	olga := h.Group.Staff("Ольга <3", "Белова & Ко").Must(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Engineer.PressOn(card.ID, "Взять в работу")
	h.Card(n, "в работе", "Игорь Соколов")
	h.Engineer.PressOn(card.ID, "Взять себе")
	h.Engineer.AwaitToast("Игорь Соколов") // he has it
	anna.Mark()
	olga.PressOn(card.ID, "Взять себе")
	anna.AwaitText("занимается другой сотрудник", string(n))
	h.Card(n, "в работе", "Ольга <3 Белова & Ко")
	olga.PressOn(card.ID, "Запросить уточнение")
	prompt := olga.AwaitText("Ольга <3 Белова & Ко, что спросить")
	anna.Mark()
	olga.Reply(prompt.ID, "Какой адрес <узла>?")
	anna.AwaitText("Какой адрес <узла>?")
	h.Engineer.Ask("/take "+string(n), "ждёт уточнения", "Ольга <3 Белова & Ко")
	h.Engineer.Ask("/incident "+string(n), "История", "Запрошено уточнение (Ольга <3 Белова & Ко): Какой адрес <узла>?")

	anna.Mark()
	olga.PressOn(card.ID, "Вернуть в очередь")
	anna.AwaitText("снова в очереди")
	back := h.Card(n, "зарегистрировано")
	if strings.Contains(back.Body(), "👤") || back.Button("Взять в работу") == nil || back.Button("Вернуть в очередь") != nil {
		t.Errorf("a returned card: %s %v", back.Body(), back.Buttons)
	}
}

// TestOpenTurnsPages in place.
func TestOpenTurnsPages(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna, vera := h.Clerk(), h.Clerk()
	all := []incident.Number{vera.Files(), anna.Files()}
	for k := range 23 {
		all = append(all, []*harness.Clerk{anna, vera}[k%2].FilesAgain(fmt.Sprintf("Нет связи, узел %d.", k)))
	}
	h.Card(all[24])
	// The person who waits for an answer comes first.
	anna.Send("/add " + string(all[20]))
	anna.AwaitText("Дополнение")
	anna.Ask("Стало хуже", "Добавили")
	h.Card(all[20], "Без ответа: 1")

	page := h.Engineer.Ask("/open", "Открытые обращения: 25")
	shown := harness.NumberForm.FindAllString(page.Body(), -1)
	if len(shown) != 10 || shown[0] != string(all[20]) || shown[1] != string(all[0]) || len(harness.NumberForm.FindAllString(page.FirstLine(), -1)) > 0 {
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
		h.Engineer.PressOn(page.ID, want.press)
		h.Engineer.AwaitView(func([]simulator.Message) bool {
			page, _ = h.Engineer.Message(page.ID)
			return page.Body() != before
		})
		shown = harness.NumberForm.FindAllString(page.Body(), -1)
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
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Block()
	id := h.Engineer.Replying(card.ID).SendPhoto(simulator.File{Name: "схема.png", MIME: "image/png", Data: []byte("png")}, "Вот схема")
	failed := h.Engineer.AwaitText("не отправлено", "заблокирован", "телефону или почте", string(n))
	if failed.ReplyTo != id {
		t.Errorf("it answers %d, not %d", failed.ReplyTo, id)
	}
	if got := h.Told("заблокирован"); got != 1 {
		t.Errorf("said %d times", got)
	}
	if m, _ := h.Engineer.Message(id); len(m.Reactions) > 0 {
		t.Errorf("it looks delivered: %v", m.Reactions)
	}
	anna.Ask("/my", string(n))
	anna.Mark()
	h.Engineer.Reply(card.ID, "А теперь видно?")
	anna.AwaitText("А теперь видно?")
}

// TestRefusedRelay: Telegram refuses a voice message, and the desk reads it.
func TestRefusedRelay(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Person().ForbidVoice()
	id := h.Engineer.Replying(card.ID).SendVoice(simulator.File{Data: []byte("ogg")}, "")
	failed := h.Engineer.AwaitText("не отправлено", "телефону или почте", string(n))
	if failed.ReplyTo != id {
		t.Errorf("it answers %d, not %d", failed.ReplyTo, id)
	}
	anna.Mark()
	h.Engineer.Reply(card.ID, "Тогда словами: перезапустите узел")
	anna.AwaitText("перезапустите узел")
}

// TestLongWords: what the desk writes arrives whole, in as many messages as it
// takes.
func TestLongWords(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	long := "Начало. " + strings.Repeat("Проверьте <кабель> & розетку 👌. ", 240) + "Конец."
	anna.Mark()
	h.Engineer.Reply(card.ID, long)
	anna.AwaitText("Конец.")
	var got strings.Builder
	for _, m := range anna.Bots() {
		got.WriteString(m.Body())
	}
	// Where a message ends, a sentence may stand in two: three times.
	if n := strings.Count(got.String(), "Проверьте <кабель> & розетку 👌."); n < 237 {
		t.Errorf("%d of 240 sentences arrived", n)
	}
	if strings.Contains(got.String(), "…") || anna.Count("Начало. Проверьте") != 1 {
		t.Errorf("the words were cut")
	}

	// The desk reads the beginning, and all of it when it asks.
	h.Engineer.Mark()
	anna.Send("/add " + string(n))
	anna.AwaitText("Дополнение")
	anna.Send(long)
	h.Engineer.AwaitText("👌.", "Показано начало, полностью: /incident "+string(n))
	h.Engineer.Ask("/incident "+string(n), "Конец.")
	for _, m := range h.Engineer.Messages() {
		if n := len(utf16.Encode([]rune(m.Body()))); m.FromBot && n > 4096 {
			t.Errorf("a message of %d characters", n)
		}
	}
}

// TestOldCard: bots edit their own messages at any age.
func TestOldCard(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Settled()
	h.Pass(10 * 24 * time.Hour)
	h.Engineer.PressOn(card.ID, "Взять в работу")
	if taken := h.Card(n, "в работе", "Игорь Соколов"); taken.ID != card.ID {
		t.Errorf("the card was posted anew")
	}
}

// TestReactionsForbidden: delivery is shown by one short reply, however many
// parts there were.
func TestReactionsForbidden(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, func(h *harness.Harness) { h.Refusals = true })
	h.Group.SetReactions(false)
	anna := h.Clerk()
	card := h.Card(anna.Files())
	id := h.Engineer.Replying(card.ID).SendPhoto(simulator.File{Name: "схема.png", MIME: "image/png", Data: []byte("png")}, "Вот схема")
	anna.AwaitText("Вот схема")
	anna.AwaitView(func(all []simulator.Message) bool { return all[len(all)-1].Attachment != nil })
	done := h.Engineer.AwaitText("Передано заявителю")
	if done.ReplyTo != id {
		t.Errorf("it answers %d, not %d", done.ReplyTo, id)
	}
	if got := h.Told("Передано заявителю"); got != 1 {
		t.Errorf("said %d times", got)
	}
}

// TestReactionInAFlood: a sign that Telegram does not take now is said in words.
func TestReactionInAFlood(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, func(h *harness.Harness) { h.Refusals = true })
	h.Telegram.Fault(simulator.Fault{Kind: simulator.Flood, Methods: []string{"setMessageReaction"}, RetryAfter: 600, Times: 1})
	anna := h.Clerk()
	card := h.Card(anna.Files())
	id := h.Engineer.Replying(card.ID).Send("Едем к вам")
	anna.AwaitText("Едем к вам")
	if done := h.Engineer.AwaitText("Передано заявителю"); done.ReplyTo != id {
		t.Errorf("it answers %d, not %d", done.ReplyTo, id)
	}
}

// TestEditedWordsStayWhatTheyAre: a question or a solution that is edited keeps
// its heading and its buttons, a command is not shown to the person, and words
// that become a note are taken back.
func TestEditedWordsStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Mark()
	slip := h.Engineer.Reply(card.ID, "сам виноват")
	anna.AwaitText("сам виноват")
	h.Engineer.Edit(slip, "// сам виноват")
	anna.AwaitView(func(all []simulator.Message) bool {
		return !strings.Contains(all[len(all)-1].Body(), "виноват")
	})

	anna.Mark()
	solved := h.Engineer.Send("/resolve " + string(n) + " Заменили кабел")
	anna.AwaitText("решено", "Заменили кабел")
	anna.Mark()
	h.Engineer.Edit(solved, "/resolve "+string(n)+" Заменили кабель")
	edited := anna.AwaitText("решено", "Заменили кабель")
	if strings.Contains(edited.Body(), "/resolve") || edited.Button("Не помогло") == nil {
		t.Errorf("the solution became\n%s", edited.Body())
	}
	h.Engineer.Ask("/incident "+string(n), "Заменили кабель")

	anna.Ask("Не помогло", "снова в работе")
	h.Status(n, incident.InProgress)
}

// TestCommandsOfOthers do nothing in a private chat: those of another bot, and
// those of the desk.
func TestCommandsOfOthers(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("ФИО")
	sent := h.Telegram.Sent(anna.ChatID())
	anna.Send("/cancel@another_bot")
	anna.Send("/open")
	anna.Ask("Иванова Анна", "Телефон")
	if got := h.Telegram.Sent(anna.ChatID()); got != sent+1 {
		t.Errorf("%d messages came of another's commands", got-sent-1)
	}
}

// TestChangedBeforeItWentOut: what the desk corrects or takes back while
// Telegram cannot bring it to the person goes out corrected, or not at all.
func TestChangedBeforeItWentOut(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	mend := h.Telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: anna.ChatID()})
	first := h.Engineer.Reply(card.ID, "Перезагрузите всё")
	h.Logged.Await(t, "a message waits", 1)
	h.Engineer.Edit(first, "Перезагрузите координатор")
	second := h.Engineer.Reply(card.ID, "Это лишнее")
	if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil {
		t.Fatal(err)
	}
	h.Engineer.Reply(second, "/undo")
	h.Engineer.AwaitText("Заявителю это не уйдёт")
	mend()
	anna.Mark()
	h.Pass(time.Minute)
	anna.AwaitText("Перезагрузите координатор", string(n))
	anna.Settled()
	if anna.Count("Перезагрузите всё") != 0 || anna.Count("Это лишнее") != 0 {
		t.Errorf("she read what was changed:\n%s", anna.Screen())
	}
}
