package e2e

import (
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestBadInput: whatever cannot be taken gets one sentence that says what to
// do, and the same question again; never silence, never an advance.
func TestBadInput(t *testing.T) {
	t.Parallel()
	sends := func(text string) func(*harness.Clerk) { return func(c *harness.Clerk) { c.Send(text) } }
	odd := map[string]func(*harness.Clerk){
		"a sticker":  func(c *harness.Clerk) { c.SendSticker() },
		"a voice":    func(c *harness.Clerk) { c.SendVoice(simulator.File{Data: []byte("ogg")}, "") },
		"a location": func(c *harness.Clerk) { c.SendLocation(55.4, 65.3) },
		"a poll":     func(c *harness.Clerk) { c.SendPoll("Когда починят?", "сегодня", "завтра") },
		"a note":     func(c *harness.Clerk) { c.SendVideoNote(simulator.File{Data: []byte("mp4")}) },
		"music":      func(c *harness.Clerk) { c.SendAudio(simulator.File{Name: "a.mp3", Data: []byte("mp3")}, "") },
		"blanks":     sends("\u200b\u2060\ufeff"),
		"a command":  sends("/nosuch"),
	}
	photo := func(c *harness.Clerk) { c.SendPhoto(simulator.File{Data: []byte("jpg")}, "подпись") }
	for _, q := range []struct {
		field string
		bad   map[string]func(*harness.Clerk)
	}{
		{"Организация", map[string]func(*harness.Clerk){
			"two letters": sends("УИ"), "digits": sends("12345"), "emoji": sends("🏢🏢🏢"), "a photo": photo,
			"301 characters": sends(strings.Repeat("а", 301)),
		}},
		{"ФИО", map[string]func(*harness.Clerk){
			"one word": sends("Иванова"), "a digit": sends("Иванова Анна 2"), "signs": sends("Иванова @anna"),
			"a photo": photo, "endless": sends(strings.Repeat("Иванова ", 40)),
		}},
		{"Телефон", map[string]func(*harness.Clerk){
			"no code": sends("42-80-01"), "too few": sends("8 352242"), "too many": sends("8 3522 42800155"),
			"foreign": sends("+1 202 555 0100"), "impossible": sends("+7 000 000 00 00"), "words": sends("позвоните мне"),
			"two numbers": sends("89125551234, 89125551235"), "a photo": photo,
			"a contact without number": func(c *harness.Clerk) { c.SendContact(simulator.Contact{Phone: "", FirstName: "Х"}) },
		}},
		{"Электронная почта", map[string]func(*harness.Clerk){
			"no at": sends("ivanova.example.ru"), "no dot": sends("ivanova@example"), "a space": sends("anna ivanova@example.ru"),
			"Cyrillic": sends("ivаnova@example.ru"), "two": sends("a@example.ru, b@example.ru"), "a photo": photo,
			"255 characters": sends(strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 100) + "example.ru"),
		}},
		{"Описание", map[string]func(*harness.Clerk){
			"short": sends("ой"),
			"keys": func(c *harness.Clerk) {
				c.SendDocument(simulator.File{Name: "abn_0001.dst", Data: []byte("k")}, "ключи")
			},
		}},
	} {
		t.Run(q.field, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t)
			anna := h.Clerk()
			anna.Reaches(q.field)
			for _, all := range []map[string]func(*harness.Clerk){q.bad, odd} {
				for name, send := range all {
					anna.Mark()
					send(anna)
					answer := anna.AwaitText(q.field, "шаг ")
					if !strings.Contains(answer.FirstLine(), q.field) || sentences(answer.Body()) != 1 {
						t.Errorf("after %s:\n%s", name, answer.Body())
					}
				}
			}
			anna.AnswersFrom(q.field)
			anna.Registers()
		})
	}
}

// sentences counts the complaints in a repeated question: paragraphs between
// its first line and what it asks.
func sentences(question string) int {
	parts := strings.Split(question, "\n\n")
	for i, p := range parts {
		if strings.Contains(p, "Например:") {
			return i - 1
		}
	}
	return -1
}

// TestBackEditCancelRestore: nothing typed is lost on the way back, each field
// can be changed from the summary, and a cancelled draft can be had again.
func TestBackEditCancelRestore(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Телефон")
	anna.Press("Назад")
	anna.AwaitText("ФИО", harness.Usual[1].Answer)
	anna.Press("Назад")
	anna.AwaitText("Организация", harness.Usual[0].Answer)
	anna.Press("Оставить как есть")
	anna.AwaitText("Телефон", "шаг 3")
	anna.AnswersFrom("Телефон")

	for i, edit := range []string{"Администрация города Кургана", "Петров Пётр", "8 912 555-12-34", "petrov@example.ru", "Не работает ViPNet-координатор."} {
		anna.Press("Изменить")
		anna.AwaitText("Что изменить")
		anna.Press(harness.Usual[i].Field)
		anna.AwaitText(harness.Usual[i].Field, "шаг ")
		anna.Ask(edit, harness.SummaryHead)
	}
	summary := anna.Last()
	if !harness.Holds(summary.Body(), "Администрация города Кургана", "Петров Пётр", "+7 (912) 555-12-34", "petrov@example.ru", "Не работает ViPNet") ||
		strings.Contains(summary.Body(), harness.Usual[0].Answer) {
		t.Errorf("the summary after the changes:\n%s", summary.Body())
	}

	anna.Press("Отменить")
	anna.AwaitText("не подано")
	anna.Press("Вернуть черновик")
	if restored := anna.AwaitText(harness.SummaryHead); restored.Body() != summary.Body() {
		t.Errorf("the restored draft differs:\n%s", restored.Body())
	}
	n := anna.Registers()
	h.Card(n, "Администрация города Кургана", "petrov@example.ru", "Не работает ViPNet")
}

// TestRestartInMidDraft is not noticed: the next answer is taken, at every
// question, and the draft can be begun anew or gone on with.
func TestRestartInMidDraft(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.OverRedis)
	anna := h.Clerk()
	anna.Begins()
	for i, a := range harness.Usual {
		h.Restart()
		anna.Ask(a.Answer, harness.Next(i))
	}
	h.Restart()
	anna.Ask("/start", "незаконченное обращение", harness.Usual[0].Answer)
	anna.Press("Продолжить")
	anna.AwaitText(harness.SummaryHead, harness.Usual[0].Answer, harness.Usual[1].Answer, harness.UsualProblem)
	n := anna.Registers()
	h.Card(n, harness.Usual[0].Answer, harness.UsualProblem)
}

// TestContact: the own contact is an answer, another person's is explained.
func TestContact(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Person().SetPhone("79125551234")
	anna.Reaches("Телефон")
	if k := anna.ReplyKeyboard(); k == nil || !k.Rows[0][0].RequestContact || len(k.Rows) < 2 {
		t.Fatalf("the keyboard at the phone question: %+v", k)
	}
	anna.SendContact(simulator.Contact{Phone: "79125550000", FirstName: "Пётр", UserID: 12345})
	anna.AwaitText("Телефон", "контакт другого человека", "цифрами")
	anna.SendContact(simulator.Contact{Phone: "79125550000", FirstName: "Пётр"})
	anna.AwaitText("Телефон", "контакт другого человека")
	anna.Press("Отправить мой номер")
	anna.AwaitText("Электронная почта")
	anna.Ask(harness.Usual[3].Answer, "Описание")
	anna.Ask(harness.Usual[4].Answer, harness.SummaryHead, "+7 (912) 555-12-34")
}

// TestKeyboardGoesWithTheQuestion: the reply keyboard is gone after whatever
// leaves the phone question.
func TestKeyboardGoesWithTheQuestion(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	for name, leave := range map[string]func(*harness.Clerk){
		"an answer": func(c *harness.Clerk) { c.Ask("89125551234", "Электронная почта") },
		"the contact": func(c *harness.Clerk) {
			c.Press("Отправить мой номер")
			c.AwaitText("Электронная почта")
		},
		"Назад":    func(c *harness.Clerk) { c.Press("Назад"); c.AwaitText("ФИО") },
		"Отменить": func(c *harness.Clerk) { c.Press("Отменить"); c.AwaitText("не подано") },
		"/cancel":  func(c *harness.Clerk) { c.Ask("/cancel", "не подано") },
		"/start":   func(c *harness.Clerk) { c.Ask("/start", "незаконченное") },
		"/new":     func(c *harness.Clerk) { c.Ask("/new", "незаконченное") },
		"/forget":  func(c *harness.Clerk) { c.Ask("/forget", "Удалить ваши данные?") },
		"an edit": func(c *harness.Clerk) {
			c.Press("Назад")
			c.AwaitText("ФИО")
			c.Press("Назад")
			c.AwaitText("Организация")
		},
		"a typed button": func(c *harness.Clerk) { c.Ask("назад", "ФИО") },
	} {
		t.Run(name, func(t *testing.T) {
			c := h.Clerk()
			c.Reaches("Телефон")
			if c.ReplyKeyboard() == nil {
				t.Fatal("no keyboard at the phone question")
			}
			leave(c)
			if k := c.ReplyKeyboard(); k != nil {
				t.Errorf("the keyboard is still there:\n%s", c.Screen())
			}
		})
	}
}

// TestHints: what was typed is taken at once, the better value stands as a
// button on the next question.
func TestHints(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("ORGANISATIONS_FILE", "demo/organisations.example.txt"))
	anna := h.Clerk()
	anna.Begins()
	anna.Ask("админ кетовского мун округа", "ФИО", "Возможно", "Администрация Кетовского муниципального округа")
	anna.Press("заменить")
	anna.AwaitToast("Заменили")
	anna.Ask(harness.Usual[1].Answer, "Телефон")
	anna.Ask(harness.Usual[2].Answer, "Электронная почта")
	anna.Ask("ivanova@mail.ri", "Описание", "ivanova@mail.ru")
	anna.Ask(harness.UsualProblem, harness.SummaryHead, "ivanova@mail.ri")
	n := anna.Registers()
	h.Card(n, "Администрация Кетовского муниципального округа", "ivanova@mail.ri")
}
