package e2e

import (
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// atOnce makes messages arrive in one batch: Telegram is away while they are
// written.
func atOnce(h *harness.Harness, write func()) {
	h.Helper()
	before := strings.Count(h.Logged.String(), "no updates from telegram")
	h.Telegram.SetDown(true)
	h.Logged.Await(h.TB, "no updates from telegram", before+1)
	write()
	h.Telegram.SetDown(false)
}

// eager: Telegram gives all that waits to whoever asks again at once.
func eager(h *harness.Harness) { h.Outside.EagerPolls = true }

// TestBatch: what is written in several messages of one batch is one answer; it
// is not asked about in between, and nothing of it is lost.
func TestBatch(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, eager)
	anna := h.Clerk()
	anna.Reaches("ФИО")
	atOnce(h, func() {
		anna.Mark()
		anna.Send("Иванова")
		anna.Send("Анна Петровна")
	})
	anna.AwaitText("Телефон", "шаг 3")
	if got := anna.Count("Нужны хотя бы фамилия и имя"); got != 0 {
		t.Error("the first half of the name was refused")
	}
	anna.Ask(harness.Usual[2].Answer, "Электронная почта")
	anna.Ask(harness.Usual[3].Answer, "Описание")
	atOnce(h, func() {
		anna.Mark()
		for _, part := range []string{"Добрый день", "нет", "связи", "с утра"} {
			anna.Send(part)
		}
	})
	anna.AwaitText(harness.SummaryHead, "нет\nсвязи\nс утра")
	anna.Registers()
	i := h.Filed(1)[0]
	if name := i.Answers.Get(incident.FullName); name != "Иванова Анна Петровна" {
		t.Errorf("filed for %q", name)
	}
	if !harness.Holds(i.Description(), "нет\nсвязи\nс утра") {
		t.Errorf("filed %q", i.Description())
	}
}

// TestComplaintIsRead: a complaint is read though a later message took the
// place of its question before it was sent.
func TestComplaintIsRead(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, eager)
	anna := h.Clerk()
	anna.Reaches("Электронная почта")
	atOnce(h, func() {
		anna.Mark()
		anna.SendPhoto(photo, "")
		anna.Send("ivanova@example.ru")
	})
	anna.AwaitText("Описание", "шаг 5")
	if got := anna.Count("Здесь нужен ответ текстом"); got != 1 {
		t.Errorf("the complaint is read %d times:\n%s", got, anna.Screen())
	}
	id := anna.Send("Нет связи с сетью, координатор")
	anna.AwaitText(harness.SummaryHead)
	atOnce(h, func() {
		anna.Mark()
		anna.Edit(id, "/cancel")
		anna.Send("и телефон молчит")
	})
	anna.AwaitText(harness.SummaryHead, "и телефон молчит")
	if got := anna.Count("Правку не приняли"); got != 1 {
		t.Errorf("the refusal of the edit is read %d times:\n%s", got, anna.Screen())
	}
}

// TestPiecesOneByOne: the same in messages that are answered one by one.
func TestPiecesOneByOne(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("ФИО")
	anna.Ask("Иванова", "ФИО", "Нужны хотя бы фамилия и имя")
	anna.Ask("Анна Петровна", "Телефон")
	anna.Ask(harness.Usual[2].Answer, "Электронная почта")
	anna.Ask(harness.Usual[3].Answer, "Описание")
	anna.Ask("нет", "Описание", "Записали: «нет»")
	anna.Ask("связи", harness.SummaryHead, "нет\nсвязи")
	anna.Registers()
	if name := h.Filed(1)[0].Answers.Get(incident.FullName); name != "Иванова Анна Петровна" {
		t.Errorf("filed for %q", name)
	}
}

// TestWhoseAnswer: a question of support that is newer than the draft's makes
// the bot ask whose answer a message is; an older one does not.
func TestWhoseAnswer(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	anna.Ask("/new", "Описание")
	h.Engineer.Send("/ask " + string(n) + " Горит ли питание?")
	anna.AwaitText("Горит ли питание?")
	anna.Ask("Да, горит зелёный", "Это ответ техподдержке по №\u00a0"+string(n)+" или в новое обращение?")
	anna.Press("Ответ по №")
	anna.AwaitText("Описание", "шаг 5")
	h.CardReply(n, "Да, горит зелёный")
	h.Engineer.Send("/ask " + string(n) + " А второй?")
	anna.AwaitText("А второй?")
	anna.Ask("На складе нет связи", "Это ответ техподдержке")
	anna.Press("В новое обращение")
	anna.AwaitText(harness.SummaryHead, "На складе нет связи")
	// The question is older than this summary.
	anna.Ask("И принтер молчит", harness.SummaryHead, "И принтер молчит")
	second := anna.Registers()
	if d := h.Status(second, incident.Registered).Description(); !harness.Holds(d, "На складе нет связи", "И принтер молчит") {
		t.Errorf("filed %q", d)
	}
}

// TestAlbumAtAWrongQuestion: many files at once where none is asked for bring
// one answer.
func TestAlbumAtAWrongQuestion(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	ten := make([]simulator.AlbumItem, 10)
	for k := range ten {
		ten[k].File = photo
	}
	for what, send := range map[string]func(*harness.Clerk){
		"an album": func(c *harness.Clerk) { c.SendAlbum(ten...) },
		"ten photos": func(c *harness.Clerk) {
			for range 10 {
				c.SendPhoto(photo, "")
			}
		},
	} {
		for field, complaint := range map[string]string{"": "сначала нужно согласие", "Организация": "нужен ответ текстом", "Телефон": "нужен ответ текстом"} {
			c := h.Clerk()
			if field == "" {
				c.Ask("/start", "Вы согласны")
			} else {
				c.Reaches(field)
			}
			before := len(c.Bots())
			send(c)
			c.AwaitText(complaint)
			next := "шаг " // after the help the question stands again
			if field == "" {
				next = "Что умеет бот"
				before--
			}
			c.Ask("/help", next)
			before += 2
			if got := len(c.Bots()); got != before+1 {
				t.Errorf("%s at %q: %d answers:\n%s", what, field, got-before, c.Screen())
			}
		}
	}
}

// TestEndOfADraft: who presses a button of a draft that is gone reads so and
// can begin anew; the reply keyboard goes with it.
func TestEndOfADraft(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Телефон")
	h.Restart() // Redis is in memory: the draft is lost
	if anna.ReplyKeyboard() == nil {
		t.Fatal("no keyboard to begin with")
	}
	anna.Mark()
	anna.Press("Назад")
	anna.AwaitText("Черновик уже удалён")
	anna.AwaitButton("Новое обращение")
	if anna.ReplyKeyboard() != nil {
		t.Error("the keyboard is left")
	}
	anna.Press("Новое обращение")
	anna.AwaitText("Организация", "шаг 1")
	anna.AnswersFrom("Организация")
	h.Restart()
	anna.Press("Зарегистрировать")
	anna.AwaitText("Черновик уже удалён")
	anna.AwaitButton("Новое обращение")
	h.Filed(0)
}

// TestNotHelped: only a clear no opens an incident again, and both sides read
// that it is in work.
func TestNotHelped(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	h.Engineer.Send("/resolve " + string(n) + " Перезагрузили")
	anna.AwaitText("Перезагрузили")
	anna.Ask("/add "+string(n)+" Спасибо большое за помощь, коллеги", "Всё работает?")
	h.CardReply(n, "Спасибо большое за помощь")
	h.Status(n, incident.Resolved)
	anna.Press("Не помогло")
	anna.AwaitText("снова в работе")
	h.CardReply(n, "снова в")
	if s := h.Filed(1)[0].Status; !s.Open() {
		t.Errorf("the incident is %q", s)
	}
	anna.Send("Связь есть пять минут, потом пропадает")
	h.CardReply(n, "потом пропадает")
	if got := anna.Count("Куда отнести"); got != 0 {
		t.Error("the words after the no were asked about")
	}
}
