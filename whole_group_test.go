package main

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// inTopic: the support group is a forum, and the desk has a topic of its own.
func inTopic(t *testing.T) (h *house, topic int) {
	h = startHouse(t, closed, func(h *house) { h.groupKind = append(h.groupKind, simulator.Forum()) })
	topic = h.group.Topic(h.engineer.Person(), "Обращения")
	h.env["SUPPORT_THREAD_ID"] = strconv.Itoa(topic)
	h.open()
	return h, topic
}

// TestForum: everything goes into the topic, and an ordinary message there,
// which carries the topic's root, is no reply.
func TestForum(t *testing.T) {
	t.Parallel()
	h, topic := inTopic(t)
	inside := h.engineer.In(topic)
	anna := h.clerk()
	anna.reaches("")
	anna.SendPhoto(simulator.File{Name: "стойка.png", MIME: "image/png", Data: []byte("png")}, "")
	anna.AwaitText(summaryHead, "Вложения")
	n := anna.registers()
	card := h.card(n)
	h.relayed(card, "photo")

	inside.Send("коллеги, кто возьмёт?")
	inside.PressOn(card.ID, "Запросить уточнение")
	prompt := inside.AwaitText("напишите, что спросить")
	anna.Mark()
	inside.Reply(prompt.ID, "Что на индикаторах?")
	anna.AwaitText("Что на индикаторах?")
	anna.Ask("Горит красный", "Добавили")
	said := h.reply(n, "Горит красный")
	anna.Mark()
	inside.Reply(said.ID, "Едем к вам")
	anna.AwaitText("Едем к вам")
	inside.Ask("/open", string(n))
	inside.Ask("/stats", "Сводка")
	inside.Ask("/incident "+string(n), "История")
	h.pass(2 * time.Hour)
	h.drainedIn(inside)
	for _, m := range h.engineer.Messages() {
		if m.FromBot && m.Thread != topic {
			t.Errorf("outside of the topic: %s", m.Body())
		}
	}
	if anna.count("коллеги") != 0 {
		t.Errorf("talk in the topic went to the person")
	}
}

// TestAnonymousAdministrator: nobody knows who writes, so there is nobody to
// wait for; commands and replies work.
func TestAnonymousAdministrator(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	h.group.MakeAdmin(h.engineer.Person())
	masked := h.engineer.Anonymous()
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)

	// A press in the group's own name, for whom no answer can be awaited.
	for verb, how := range map[string]string{"ask": "/ask", "solve": "/resolve"} {
		h.telegram.Inject(fmt.Sprintf(`{"callback_query":{"id":"%s","chat_instance":"1","data":"%s:%s",
			"from":{"id":1087968824,"is_bot":true,"first_name":"Group"},
			"message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"supergroup","title":"Т"}}}}`, verb, verb, n, card.ID, h.group.ID()))
		// Telegram knows no such press, so what its toast says comes as a message.
		masked.AwaitText("Вы пишете анонимно", how)
	}
	// Telegram shows who pressed; the answer comes from nobody.
	masked.PressOn(card.ID, "Решено")
	prompt := masked.AwaitText("напишите, что сделано")
	masked.Reply(prompt.ID, "Готово")
	masked.AwaitText("десять минут прошли", "/resolve")
	h.status(n, incident.Registered)

	masked.Ask("/take "+string(n), "Взято в работу")
	h.card(n, "в работе", "Администратор")
	anna.Mark()
	masked.Reply(card.ID, "Смотрим ваш узел")
	anna.AwaitText("Смотрим ваш узел", string(n))
	anna.Mark()
	masked.Send("/resolve " + string(n) + " Заменили узел")
	anna.AwaitText("Заменили узел")
	h.card(n, "решено", "Администратор")
}

// TestPromptIsForOne: another person's answer, and one after ten minutes, are
// explained and go nowhere.
func TestPromptIsForOne(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	olga := h.group.Staff("Ольга", "Белова").Must(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	h.engineer.PressOn(card.ID, "Запросить уточнение")
	prompt := h.engineer.AwaitText("напишите, что спросить")
	h.engineer.AwaitToast("") // answered before time passes
	olga.Reply(prompt.ID, "Какая модель?")
	olga.AwaitText("ждут от другого сотрудника", "/ask")
	h.pass(11 * time.Minute)
	h.engineer.Reply(prompt.ID, "Какая модель?")
	h.engineer.AwaitText("десять минут прошли", "/ask")
	h.status(n, incident.Registered)

	h.engineer.PressOn(card.ID, "Запросить уточнение")
	prompt = h.engineer.AwaitText("напишите, что спросить")
	h.engineer.AwaitToast("")
	anna.Mark()
	h.pass(9 * time.Minute)
	h.engineer.Reply(prompt.ID, "Какая модель координатора?")
	anna.AwaitText("Какая модель координатора?")
	if anna.count("Какая модель?") != 0 {
		t.Errorf("she got an answer that was refused")
	}
	// Answered twice, it is asked once more: the word is support's.
	anna.Mark()
	h.engineer.Reply(prompt.ID, "И прошивка?")
	anna.AwaitText("И прошивка?")
	h.status(n, incident.Waiting)
}

// TestPrivacyMode: the bot hears commands, replies to it and presses, and needs
// no more.
func TestPrivacyMode(t *testing.T) {
	t.Parallel()
	h := startHouse(t, func(h *house) { h.outside.PrivacyMode = true })
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	h.engineer.Ask("/take "+string(n), "Взято в работу")
	anna.Mark()
	h.engineer.Reply(card.ID, "Смотрим")
	anna.AwaitText("Смотрим")
	h.engineer.PressOn(card.ID, "Решено")
	h.engineer.AwaitText("напишите, что сделано")
	anna.Mark()
	h.engineer.Send("Перезапустили узел") // the client makes it the reply that was asked for
	anna.AwaitText("Перезапустили узел")
	h.status(n, incident.Resolved)
	h.engineer.Ask("/open@"+h.telegram.BotUsername(), "Открытых обращений нет")
}

// TestMigrationInTheMiddleOfARelay: the group became a supergroup while words
// of both sides were under way. They arrive once; old message ids are void, and
// a reply to an old card goes by the number in it.
func TestMigrationInTheMiddleOfARelay(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inBasicGroup, troubled)
	anna := h.clerk()
	n := anna.files()
	old := h.card(n)
	h.engineer.Reply(old.ID, "Смотрим")
	anna.AwaitText("Смотрим")
	anna.Send("/add " + string(n))
	anna.AwaitText("Дополнение")
	// Her words are taken, the group moves before they arrive.
	h.telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: old.ChatID, Times: 1})
	anna.Ask("Индикатор мигает", "Добавили")
	h.log.await(t, "a message waits", 1)
	h.group.Migrate(h.engineer.Person())
	h.pass(time.Minute)
	anew := h.card(n, "Без ответа: 1")
	said := h.reply(n, "Индикатор мигает")
	if said.ReplyTo != anew.ID {
		t.Errorf("her words answer %d, the card is %d", said.ReplyTo, anew.ID)
	}
	anna.Mark()
	h.engineer.Reply(said.ID, "Выезжаем")
	anna.AwaitText("Выезжаем", string(n))

	anna.Mark()
	h.telegram.Inject(fmt.Sprintf(`{"message":{"message_id":900001,"date":1,"chat":{"id":%[1]d,"type":"supergroup","title":"Т"},
		"from":{"id":%[2]d,"is_bot":false,"first_name":"Игорь"},"text":"Это ответ на старую карточку",
		"reply_to_message":{"message_id":800001,"date":1,"chat":{"id":%[1]d,"type":"supergroup","title":"Т"},
			"from":{"id":%[3]d,"is_bot":true,"first_name":"Б"},"text":%[4]q}}}`,
		h.group.ID(), h.engineer.Person().ID(), h.telegram.BotID(), old.FirstLine()))
	anna.AwaitText("Это ответ на старую карточку", string(n))
	h.drained()
	for _, once := range []string{"Смотрим", "Выезжаем", "Это ответ на старую"} {
		if got := anna.count(once); got != 1 {
			t.Errorf("%q arrived %d times", once, got)
		}
	}
}

// drainedIn is drained for a person in a topic.
func (h *house) drainedIn(who *simulator.Must) {
	h.Helper()
	who.Ask("/help", "Как работать с обращениями")
	h.outboxEmpty()
}
