package e2e

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// inTopic: the support group is a forum, and the desk has a topic of its own.
func inTopic(t *testing.T) (h *harness.Harness, topic int) {
	h = harness.Start(t, harness.Closed, func(h *harness.Harness) { h.GroupKind = append(h.GroupKind, simulator.Forum()) })
	topic = h.Group.Topic(h.Engineer.Person(), "Обращения")
	h.Env["SUPPORT_THREAD_ID"] = strconv.Itoa(topic)
	h.Open()
	return h, topic
}

// TestForum: everything goes into the topic, and an ordinary message there,
// which carries the topic's root, is no reply.
func TestForum(t *testing.T) {
	t.Parallel()
	h, topic := inTopic(t)
	inside := h.Engineer.In(topic)
	anna := h.Clerk()
	anna.Reaches("")
	anna.SendPhoto(simulator.File{Name: "стойка.png", MIME: "image/png", Data: []byte("png")}, "")
	anna.AwaitText(harness.SummaryHead, "Вложения")
	n := anna.Registers()
	card := h.Card(n)
	h.Relayed(card, "photo")

	inside.Send("коллеги, кто возьмёт?")
	inside.PressOn(card.ID, "Запросить уточнение")
	prompt := inside.AwaitText("что спросить")
	anna.Mark()
	inside.Reply(prompt.ID, "Что на индикаторах?")
	anna.AwaitText("Что на индикаторах?")
	anna.Ask("Горит красный", "Добавили")
	said := h.CardReply(n, "Горит красный")
	anna.Mark()
	inside.Reply(said.ID, "Едем к вам")
	anna.AwaitText("Едем к вам")
	inside.Ask("/open", string(n))
	inside.Ask("/stats", "Сводка")
	inside.Ask("/incident "+string(n), "История")
	h.Pass(2 * time.Hour)
	drainedIn(h, inside)
	for _, m := range h.Engineer.Messages() {
		if m.FromBot && m.Thread != topic {
			t.Errorf("outside of the topic: %s", m.Body())
		}
	}
	if anna.Count("коллеги") != 0 {
		t.Errorf("talk in the topic went to the person")
	}
}

// TestAnonymousAdministrator: nobody knows who writes, so there is nobody to
// wait for; commands and replies work.
func TestAnonymousAdministrator(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	h.Group.MakeAdmin(h.Engineer.Person())
	masked := h.Engineer.Anonymous()
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)

	// A press in the group's own name, for whom no answer can be awaited.
	for verb, how := range map[string]string{"ask": "/ask", "solve": "/resolve"} {
		h.Telegram.Inject(fmt.Sprintf(`{"callback_query":{"id":"%s","chat_instance":"1","data":"%s:%s",
			"from":{"id":1087968824,"is_bot":true,"first_name":"Group"},
			"message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"supergroup","title":"Т"}}}}`, verb, verb, n, card.ID, h.Group.ID()))
		// Telegram knows no such press, so what its toast says comes as a message.
		masked.AwaitText("Вы пишете анонимно", how)
	}
	// Telegram shows who pressed; the answer comes from nobody.
	masked.PressOn(card.ID, "Решено")
	prompt := masked.AwaitText("что сделано")
	masked.Reply(prompt.ID, "Готово")
	masked.AwaitText("пишете анонимно", "/resolve "+string(n)+" Готово")
	h.Status(n, incident.Registered)

	masked.Ask("/take "+string(n), "Взято в работу")
	h.Card(n, "в работе", "Администратор")
	anna.Mark()
	masked.Reply(card.ID, "Смотрим ваш узел")
	anna.AwaitText("Смотрим ваш узел", string(n))
	anna.Mark()
	masked.Send("/resolve " + string(n) + " Заменили узел")
	anna.AwaitText("Заменили узел")
	h.Card(n, "решено", "Администратор")
}

// TestPromptIsForOne: another person's answer, and one after ten minutes, are
// explained and go nowhere.
func TestPromptIsForOne(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	olga := h.Group.Staff("Ольга", "Белова").Must(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Engineer.PressOn(card.ID, "Запросить уточнение")
	prompt := h.Engineer.AwaitText("что спросить")
	h.Engineer.AwaitToast("") // answered before time passes
	olga.Reply(prompt.ID, "Какая модель?")
	olga.AwaitText("ждёт от сотрудника: Игорь Соколов", "/ask "+string(n)+" Какая модель?")
	h.Pass(11 * time.Minute)
	h.Engineer.Reply(prompt.ID, "Какая модель?")
	h.Engineer.AwaitText("Десять минут прошли", "/ask "+string(n)+" Какая модель?")
	h.Status(n, incident.Registered)

	h.Engineer.PressOn(card.ID, "Запросить уточнение")
	prompt = h.Engineer.AwaitText("что спросить")
	h.Engineer.AwaitToast("")
	anna.Mark()
	h.Pass(9 * time.Minute)
	h.Engineer.Reply(prompt.ID, "Какая модель координатора?")
	anna.AwaitText("Какая модель координатора?")
	if anna.Count("Какая модель?") != 0 {
		t.Errorf("she got an answer that was refused")
	}
	// Answered twice, it is asked once more: the word is support's.
	anna.Mark()
	h.Engineer.Reply(prompt.ID, "И прошивка?")
	anna.AwaitText("И прошивка?")
	h.Status(n, incident.Waiting)
}

// TestPrivacyMode: the bot hears commands, replies to it and presses, and needs
// no more.
func TestPrivacyMode(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, func(h *harness.Harness) { h.Outside.PrivacyMode = true })
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Engineer.Ask("/take "+string(n), "Взято в работу")
	anna.Mark()
	h.Engineer.Reply(card.ID, "Смотрим")
	anna.AwaitText("Смотрим")
	h.Engineer.PressOn(card.ID, "Решено")
	h.Engineer.AwaitText("что сделано")
	anna.Mark()
	h.Engineer.Send("Перезапустили узел") // the client makes it the reply that was asked for
	anna.AwaitText("Перезапустили узел")
	h.Status(n, incident.Resolved)
	h.Engineer.Ask("/open@"+h.Telegram.BotUsername(), "Открытых обращений нет")
}

// TestMigrationInTheMiddleOfARelay: the group became a supergroup while words
// of both sides were under way. They arrive once; old message ids are void, and
// a reply to an old card goes by the number in it.
func TestMigrationInTheMiddleOfARelay(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InBasicGroup, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	old := h.Card(n)
	h.Engineer.Reply(old.ID, "Смотрим")
	anna.AwaitText("Смотрим")
	anna.Send("/add " + string(n))
	anna.AwaitText("Дополнение")
	// Her words are taken, the group moves before they arrive.
	h.Telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: old.ChatID, Times: 1})
	anna.Ask("Индикатор мигает", "Добавили")
	h.Logged.Await(t, "a message waits", 1)
	h.Group.Migrate(h.Engineer.Person())
	h.Pass(time.Minute)
	anew := h.Card(n, "Без ответа: 1")
	said := h.CardReply(n, "Индикатор мигает")
	if said.ReplyTo != anew.ID {
		t.Errorf("her words answer %d, the card is %d", said.ReplyTo, anew.ID)
	}
	anna.Mark()
	h.Engineer.Reply(said.ID, "Выезжаем")
	anna.AwaitText("Выезжаем", string(n))

	anna.Mark()
	h.Telegram.Inject(fmt.Sprintf(`{"message":{"message_id":900001,"date":1,"chat":{"id":%[1]d,"type":"supergroup","title":"Т"},
		"from":{"id":%[2]d,"is_bot":false,"first_name":"Игорь"},"text":"Это ответ на старую карточку",
		"reply_to_message":{"message_id":800001,"date":1,"chat":{"id":%[1]d,"type":"supergroup","title":"Т"},
			"from":{"id":%[3]d,"is_bot":true,"first_name":"Б"},"text":%[4]q}}}`,
		h.Group.ID(), h.Engineer.Person().ID(), h.Telegram.BotID(), old.FirstLine()))
	anna.AwaitText("Это ответ на старую карточку", string(n))
	h.Drained()
	for _, once := range []string{"Смотрим", "Выезжаем", "Это ответ на старую"} {
		if got := anna.Count(once); got != 1 {
			t.Errorf("%q arrived %d times", once, got)
		}
	}
}

// drainedIn is drained for a person in a topic.
func drainedIn(h *harness.Harness, who *simulator.Must) {
	h.Helper()
	who.Ask("/help", "Как работать с обращениями")
	h.OutboxEmpty()
}
