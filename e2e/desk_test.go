package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestLifeOfAnIncident goes the way of most: taken, asked, answered, solved,
// confirmed, and looks at both sides after each step.
func TestLifeOfAnIncident(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()

	card := h.Card(n, "зарегистрировано", "+73522428001, доб.")
	anna.Mark()
	h.Engineer.PressOn(card.ID, "Взять в работу")
	anna.AwaitText("взято в работу", string(n))
	taken := h.Card(n, "в работе", "Игорь Соколов")
	if taken.Button("Взять в работу") != nil || taken.Button("Решено") == nil {
		t.Errorf("buttons of a taken card: %v", taken.Buttons)
	}
	if taken.ID != card.ID {
		t.Errorf("the card was posted anew instead of edited")
	}

	h.Engineer.PressOn(card.ID, "Запросить уточнение")
	prompt := h.Engineer.AwaitText("что спросить", string(n))
	anna.Mark()
	h.Engineer.Reply(prompt.ID, "Горит ли индикатор питания?")
	anna.AwaitText("Горит ли индикатор питания?", string(n))
	h.Card(n, "ждёт уточнения")

	h.Engineer.Mark()
	anna.Ask("Да, горит зелёным", "Добавили", string(n))
	said := h.Engineer.AwaitText("Да, горит зелёным")
	if said.ReplyTo != card.ID {
		t.Errorf("the answer is no reply to the card")
	}
	h.Card(n, "в работе", "Без ответа: 1")

	h.Engineer.PressOn(card.ID, "Решено")
	prompt = h.Engineer.AwaitText("что сделано")
	anna.Mark()
	h.Engineer.Reply(prompt.ID, "Заменили блок питания")
	anna.AwaitText("решено", "Заменили блок питания")
	h.Engineer.Mark()
	anna.Press("Помогло")
	anna.AwaitText("закрыто", "от 1 до 5")
	h.Engineer.AwaitText("подтвердил")
	if closed := h.Card(n, "закрыто"); len(closed.Buttons) != 0 {
		t.Errorf("a closed card has buttons: %v", closed.Buttons)
	}
	anna.Press("5")
	h.Engineer.AwaitText("оценку 5")
	if i := h.Status(n, incident.Closed); i.Assignee != "Игорь Соколов" {
		t.Errorf("assignee %q", i.Assignee)
	}
}

// TestTwoColleaguesPressAtOnce: one wins, the other is told who did.
func TestTwoColleaguesPressAtOnce(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	olga := h.Group.Staff("Ольга", "Белова").Must(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Engineer.Mark()
	olga.Mark()
	anna.Mark()
	var both sync.WaitGroup
	both.Go(func() { h.Engineer.PressOn(card.ID, "Взять в работу") })
	both.Go(func() { olga.PressOn(card.ID, "Взять в работу") })
	both.Wait()
	taken := h.Card(n, "в работе")
	winner, loser := "Игорь Соколов", olga
	if strings.Contains(taken.Body(), "Ольга Белова") {
		winner, loser = "Ольга Белова", h.Engineer
	}
	loser.AwaitToast(winner)
	anna.AwaitText("взято в работу", string(n))
	anna.Settled()
	if got := anna.Count("взято в работу"); got != 1 {
		t.Errorf("she was told %d times", got)
	}
}

// TestRelay: a reply to the card or to anything of hers goes to the person and
// is acknowledged; a note stays; edits and /undo reach her copy.
func TestRelay(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)

	anna.Mark()
	id := h.Engineer.Reply(card.ID, "Проверьте кабель <3")
	anna.AwaitText("Проверьте кабель <3", string(n))
	h.Engineer.AwaitView(func(all []simulator.Message) bool {
		for _, m := range all {
			if m.ID == id && len(m.Reactions) == 1 && m.Reactions[0].Emoji == "👌" {
				return true
			}
		}
		return false
	})

	h.Engineer.Edit(id, "Проверьте, пожалуйста, кабель")
	anna.AwaitView(func(all []simulator.Message) bool {
		return strings.Contains(all[len(all)-1].Body(), "пожалуйста")
	})

	h.Engineer.Reply(card.ID, "// похоже на прошлую неделю")
	h.Engineer.Send("обед в час")
	photo := simulator.File{Name: "схема.png", MIME: "image/png", Data: []byte("png")}
	anna.Mark()
	h.Engineer.Replying(card.ID).SendPhoto(photo, "Вот схема")
	anna.AwaitText("Вот схема")
	anna.AwaitView(func(all []simulator.Message) bool { return all[len(all)-1].Attachment != nil })
	for _, private := range []string{"похоже на прошлую неделю", "обед в час"} {
		if anna.Count(private) != 0 {
			t.Errorf("she read %q", private)
		}
	}

	h.Engineer.Reply(id, "/undo")
	h.Engineer.AwaitText("Удаляем")
	anna.AwaitView(func(all []simulator.Message) bool {
		for _, m := range all {
			if strings.Contains(m.Body(), "пожалуйста, кабель") {
				return false
			}
		}
		return true
	})

	// She answers a message about the incident, in the middle of another report.
	anna.Ask("/new", "Описание")
	h.Engineer.Mark()
	told := anna.Bots()
	for _, m := range told {
		if strings.Contains(m.Body(), "Вот схема") {
			anna.Reply(m.ID, "Схему вижу, кабель на месте")
		}
	}
	h.Engineer.AwaitText("Схему вижу")
}

// TestDeskCommands: what the desk types, and what it may not.
func TestDeskCommands(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	ask := func(text string, parts ...string) simulator.Message {
		t.Helper()
		return h.Engineer.Ask(text, parts...)
	}
	ask("/open", "Открытые обращения: 1", string(n))
	ask("/open@"+h.Telegram.BotUsername(), string(n))
	ask("/search КЕТОВСК", "Найдено: 1", string(n))
	ask("/search 428001", string(n))
	ask("/search принтер", "Найдено: 0", "Ищут по номеру")
	ask("/search "+strings.Repeat("слово ", 21), "Слов получилось 21")
	ask("/incident "+string(n), "История", harness.UsualProblem)
	ask("/incident 26-00001-1", "опечатка")
	ask("/incident", "/incident 26-00001-4")
	ask("/resolve "+string(n), "Без слов закрыть нельзя")
	ask("/take "+string(n), "Взято в работу")
	ask("/take "+string(n), "уже в\u00a0работе", "Игорь Соколов")
	anna.Mark()
	h.Engineer.Send("/ask " + string(n) + " Какой адрес у координатора?")
	anna.AwaitText("Какой адрес у координатора?")
	anna.Mark()
	h.Engineer.Send("/resolve " + string(n) + " Починили")
	anna.AwaitText("Починили")
	h.Status(n, incident.Resolved)
	ask("/stats", "За 7 дней", "обращений 1")

	sent := h.Telegram.Sent(h.Group.ID())
	h.Engineer.Send("/open@another_bot")
	stranger := h.Telegram.Group("Чужая группа").Staff("Чужой", "Человек").Must(t)
	stranger.Send("/open")
	stranger.Send("/incident " + string(n))
	if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil {
		t.Fatal(err)
	}
	anna.Ask("/help", "Что умеет бот")
	if got := h.Telegram.Sent(h.Group.ID()); got != sent {
		t.Errorf("the bot answered a command that was not its own")
	}
	if got := h.Telegram.Sent(stranger.ChatID()); got != 0 {
		t.Errorf("a stranger was told something")
	}
}

// TestDeletedCard is posted anew when something happens, and what answers it
// has its thread.
func TestDeletedCard(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Group.MakeAdmin(h.Engineer.Person())
	h.Engineer.Delete(card.ID)
	h.Engineer.Mark()
	anna.Send("/add " + string(n))
	anna.AwaitText("Дополнение")
	anna.Ask("Стало хуже", "Добавили")
	said := h.Engineer.AwaitText("Стало хуже")
	if anew := h.Card(n, "Без ответа: 1"); said.ReplyTo != anew.ID {
		t.Errorf("the addition answers %d, the card is %d", said.ReplyTo, anew.ID)
	}
}

// TestTimePasses: a long repair is offered to be escalated, a solved incident
// closes after a warning, and nobody is disturbed at night.
func TestTimePasses(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files() // Monday, 14:05
	card := h.Card(n)
	anna.Settled()
	h.Pass(20 * time.Minute)
	h.Engineer.AwaitText("Обращения ждут", string(n))

	anna.Mark()
	h.Pass(4 * time.Hour) // 18:25
	offer := anna.AwaitText("ещё не решено", string(n))
	if offer.Button("Эскалировать в УИТ") == nil {
		t.Errorf("the offer has no button")
	}
	h.Pass(3 * time.Hour) // 21:25, quiet
	h.Engineer.Mark()
	anna.Mark()
	h.Engineer.Reply(card.ID, "Ждём деталь")
	anna.AwaitText("Ждём деталь")
	if got := anna.Count("ещё не решено"); got != 1 {
		t.Errorf("offered %d times", got)
	}

	h.Engineer.Send("/resolve " + string(n) + " Заменили деталь")
	anna.AwaitText("Заменили деталь")
	anna.Mark()
	h.Pass(25 * time.Hour)
	if got := anna.Count("скоро закроется"); got != 0 {
		t.Errorf("disturbed at night")
	}
	h.Pass(11 * time.Hour) // Wednesday, 9:25
	anna.AwaitText("скоро закроется", string(n))
	anna.Mark()
	h.Pass(13 * time.Hour)                      // Wednesday, 22:25: two days are over, and it is night
	if got := anna.Count("два дня"); got != 1 { // in the word of the solution
		t.Errorf("closed at night")
	}
	h.Pass(11 * time.Hour)
	anna.AwaitText("закрыто", "два дня")
	h.Status(n, incident.Closed)
	anna.Press("Не помогло")
	anna.AwaitText("снова в работе")
	h.Status(n, incident.InProgress)
}

// TestReplyToAnOldMessage: a reply to a message of ours of which nothing is
// remembered finds its incident by the number in it; a reply to the question of
// an escalation is its answer all the same.
func TestReplyToAnOldMessage(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	told := anna.Last()
	if err := h.Program.Register.DeskMoved(t.Context(), anna.ChatID(), -1); err != nil { // forgets the messages of a chat
		t.Fatal(err)
	}
	anna.Reply(told.ID, "Связь пропадает каждый час")
	anna.AwaitText("Добавили", string(n))
	h.CardReply(n, "Связь пропадает каждый час")

	anna.Press("Эскалировать в УИТ")
	question := anna.AwaitText("Текущее состояние")
	anna.Reply(question.ID, "Инженер не приехал, связи нет")
	anna.AwaitText("Письмо в УИТ", "Инженер не приехал")
}
