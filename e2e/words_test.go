package e2e

import (
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestWordsReachEverybody: words that a message does not hold as its text reach
// the summary, the card, the copy to support and the letter to УИТ.
func TestWordsReachEverybody(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.SendRich(simulator.RichHeading("Сбой портала"),
		simulator.RichParagraph("Не открывается ", simulator.RichLink("портал", "https://gosuslugi.example/login"), " с утра."),
		simulator.RichList("кабинет 214", "кабинет 215"), simulator.RichTable([]string{"узел", "К-17"}))
	anna.AwaitText(harness.SummaryHead, "Сбой портала", "портал (https://gosuslugi.example/login) с утра.", "• кабинет 215", "узел | К-17")
	anna.SendFormatted(`🔌 Смотрите <a href="https://wiki.example/err">ошибку</a> там`)
	anna.AwaitText(harness.SummaryHead, "🔌 Смотрите ошибку (https://wiki.example/err) там")
	anna.Forwarding(simulator.Origin{Hidden: "Мастер Пётр"}).Send("Кабель перебит у щитка")
	anna.AwaitText(harness.SummaryHead, "Переслано от Мастер Пётр:", "Кабель перебит у щитка")
	anna.ReplyingElsewhere(simulator.ExternalReply{Origin: simulator.Origin{Channel: "Новости сети"}, Quote: "Работы до 18:00"}).Send("Уже девятый час")
	anna.AwaitText(harness.SummaryHead, "> Новости сети:", "> Работы до 18:00", "Уже девятый час")
	n := anna.Registers()

	all := []string{"портал (https://gosuslugi.example/login)", "кабинет 215", "ошибку (https://wiki.example/err)", "Мастер Пётр", "Работы до 18:00", "Уже девятый час"}
	if d := h.Filed(1)[0].Description(); !harness.Holds(d, all...) {
		t.Errorf("the register holds:\n%s", d)
	}
	if text := h.Letter(harness.SupportBox, 1).Text(); !harness.Holds(text, all...) {
		t.Errorf("the copy to support:\n%s", text)
	}
	h.Card(n, all[0])
	anna.Escalates(n, "Связи нет второй день")
	if text := h.Letter(harness.UITBox, 1).Text(); !harness.Holds(text, all...) {
		t.Errorf("the letter:\n%s", text)
	}
}

// TestQuotedAnswer: what an answer quotes stands before it, for support.
func TestQuotedAnswer(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	h.Engineer.Send("/ask " + string(n) + " Горит ли питание? Какой кабинет?")
	asked := anna.AwaitText("Какой кабинет?")
	id := anna.Quoting(asked.ID, "Какой кабинет?").Send("214")
	said := h.CardReply(n, "> Какой кабинет?", "214")
	anna.Settled()
	anna.EditNothing(id) // a reaction
	anna.Settled()
	if got := anna.Count("Исправление передали"); got != 0 {
		t.Error("a reaction is taken for a correction")
	}
	anna.Edit(id, "215")
	anna.AwaitText("Исправление передали")
	if got := h.CardReply(n, "> Какой кабинет?", "215"); got.ID != said.ID {
		t.Errorf("the answer stands anew")
	}
	// A picture of another chat that a reply answers comes along.
	card := h.Card(n)
	anna.Ask("/add "+string(n), "Дополнение")
	anna.ReplyingElsewhere(simulator.ExternalReply{Origin: simulator.Origin{Hidden: "Мастер"}, Photo: &photo}).Send("Вот такая ошибка")
	h.CardReply(n, "> Мастер:", "Вот такая ошибка")
	sees(h.Engineer, card.ID, []string{"photo"})
}

// TestEditWithoutWords: an edit that comes without a text changes nothing, and
// one that became a formatted text is read.
func TestEditWithoutWords(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	id := anna.Send("Нет связи с утра на координаторе")
	summary := anna.AwaitText(harness.SummaryHead)
	anna.EditMedia(id, "photo", photo, "")
	anna.EditNothing(id)
	anna.Ask("/help", harness.SummaryHead)
	if got := anna.Count(harness.SummaryHead); got != 2 || anna.Last().Body() != summary.Body() {
		t.Errorf("%d summaries:\n%s", got, anna.Screen())
	}
	anna.EditRich(id, simulator.RichParagraph("Нет связи с ", simulator.RichBold("вечера")))
	anna.AwaitText(harness.SummaryHead, "Нет связи с вечера")
	anna.Registers()
	if d := h.Filed(1)[0].Description(); d != "Нет связи с вечера" {
		t.Errorf("filed %q", d)
	}
}

// TestServicesAreSilent: what happens in the chat in nobody's words is not
// answered, in a draft or without one.
func TestServicesAreSilent(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("ФИО")
	before := len(anna.Bots())
	for _, name := range simulator.Services() {
		anna.SendService(name)
	}
	anna.Ask("/help", "шаг 2") // two messages: the help, and the question again
	if got := len(anna.Bots()); got != before+2 {
		t.Errorf("%d messages of the bot, want %d:\n%s", got, before+2, anna.Screen())
	}
	anna.SendPoll("Когда починят?", "сегодня", "завтра")
	if m := anna.AwaitText("ФИО", "ответ текстом"); strings.Count(m.Body(), "⚠️") != 1 {
		t.Errorf("a poll is answered by\n%s", m.Body())
	}
}

// TestForwardedIsNoCommand: words of others press no button and command nothing.
func TestForwardedIsNoCommand(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("")
	other := anna.Forwarding(simulator.Origin{Hidden: "Мастер"})
	for _, words := range []string{"/cancel", "Зарегистрировать", "да", "отмена", "Изменить"} {
		anna.Mark()
		other.Send(words)
		anna.AwaitText(harness.SummaryHead, "Переслано от Мастер")
	}
	anna.Registers()
	if i := h.Filed(1)[0]; i.Status != incident.Registered || !harness.Holds(i.Description(), "/cancel", "Зарегистрировать", "Изменить") {
		t.Errorf("filed %q", i.Description())
	}
}
