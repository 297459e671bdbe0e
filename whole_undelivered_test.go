package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// refusedRow puts into the outbox what Telegram refuses for good: a file that
// it does not hold.
func (h *house) refusedRow(key string, n incident.Number, chat int64) {
	h.Helper()
	err := h.parts.register.Put(h.within(), outbox.Message{
		Key: key, Channel: outbox.Telegram, Number: n, Chat: chat, Rank: outbox.RankNotice,
		Body: []byte(`{"file":{"kind":"photo","file_id":"nobody-has-it"}}`),
	})
	if err != nil {
		h.Fatal(err)
	}
	h.parts.bot.Kick()
}

// bulletin waits until the group holds exactly one bulletin with that heading,
// and it holds the parts.
func (h *house) bulletin(heading string, parts ...string) simulator.Message {
	h.Helper()
	var found simulator.Message
	h.engineer.AwaitView(func(messages []simulator.Message) bool {
		n := 0
		for _, m := range messages {
			if m.FromBot && strings.Contains(m.FirstLine(), heading) {
				found, n = m, n+1
			}
		}
		return n == 1 && holds(found.Body(), parts...)
	})
	return found
}

// TestUndelivered: what will never arrive is gathered in one message of the
// group, named by /readyz and counted; a person who blocked the bot is no such
// thing.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	h := startHouse(t, listening, troubled)
	anna, vera := h.clerk(), h.clerk()
	first, second := anna.files(), vera.files()
	h.card(first)
	h.card(second)
	h.refusedRow("bad:1", first, anna.ChatID())
	one := h.bulletin("Не отправлено", string(first), "файл заявителю не отправлен", "Telegram ответил", "телефон и почта", "/retry "+string(first))
	if strings.Contains(one.FirstLine(), string(first)) || one.ReplyTo != 0 {
		t.Errorf("it looks like a card:\n%s", one.Body())
	}
	h.refusedRow("bad:2", second, outbox.DeskChat)
	if two := h.bulletin("Не отправлено: 2", string(first), string(second), "файл в эту группу"); two.ID != one.ID {
		t.Errorf("a second message:\n%s", two.Body())
	}
	if code, body := h.get("/readyz"); code != http.StatusOK || !holds(body, "outbox: 2 undelivered (telegram 2, mail 0)") {
		t.Errorf("/readyz: %d\n%s", code, body)
	}

	vera.Block()
	h.engineer.Mark()
	h.engineer.Send("/resolve " + string(second) + " Перезагрузили координатор.")
	h.engineer.AwaitText(string(second), "заблокирован")
	_, body := h.get("/metrics")
	for _, line := range []string{
		`intakebot_outbox{channel="telegram",state="dead"} 2`, `intakebot_outbox{channel="telegram",state="unreachable"} 1`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("/metrics lacks %s:\n%s", line, body)
		}
	}

	h.restart()
	h.pass(11 * time.Minute) // an edit would not be noticed any more
	h.refusedRow("bad:3", first, anna.ChatID())
	h.engineer.AwaitText("Не отправлено: 1", string(first))
	if got := h.told("Не отправлено: 2"); got != 1 {
		t.Errorf("%d older bulletins", got)
	}
}

// TestRetryLetter: a letter to УИТ that was refused goes again with the same
// bytes, once however often it is asked for; card, history and person tell of it.
func TestRetryLetter(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	accept := h.mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Code: 550, Text: "5.7.1 looks like spam", Recipient: uitBox})
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "не принято")
	h.reply(n, "Письмо в УИТ", "не принято", "/retry "+string(n))
	h.card(n, "письмо не принято")

	anna.Mark()
	h.engineer.Ask("/retry "+string(n), string(n), "отправляем снова: письмо в УИТ.")
	anna.AwaitText("Письмо в УИТ", "не принято", "looks like spam") // told as the first time
	h.card(n, "письмо не принято")

	h.mail.SetDown(true)
	accept()
	h.engineer.Ask("/retry "+string(n), "отправляем снова: письмо в УИТ.")
	h.card(n, "письмо в очереди")
	h.log.await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	h.mail.SetDown(false)
	anna.Mark()
	h.engineer.Ask("/retry@"+h.telegram.BotUsername()+" "+string(n), "отправляем снова: письмо в УИТ.")
	anna.AwaitText("Письмо в УИТ", "отправлено")
	h.card(n, "принято почтовым сервером")
	h.engineer.Ask("/retry "+string(n), "повторять нечего")
	h.drained()
	if letters := h.mail.LettersTo(uitBox); len(letters) != 1 {
		t.Errorf("УИТ got %d letters", len(letters))
	}
	i := h.filed(1)[0]
	if kinds(i, incident.KindLetterRetried) != 2 || kinds(i, incident.KindLetterRefused) != 2 || kinds(i, incident.KindLetterSent) != 1 {
		t.Errorf("the history: %+v", i.History)
	}
	h.engineer.Ask("/incident "+string(n), "Письмо отправляется снова (Игорь Соколов): в УИТ")
}

// TestRetryIsRepeated: Telegram brings /retry twice; it counts once.
func TestRetryIsRepeated(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: supportBox})
	n := h.clerk().files()
	h.bulletin("Не отправлено: 1", string(n), "письмо с копией в почту техподдержки не принято", "no such user")
	h.engineer.Mark()
	h.engineer.Send("/retry " + string(n))
	h.engineer.AwaitText("отправляем снова: письмо с копией")
	h.log.await(t, "outcome=refused", 2)
	h.telegram.Redeliver()
	h.drained()
	h.pass(time.Minute)
	if got := h.told("отправляем снова: письмо с копией"); got != 1 {
		t.Errorf("answered %d times", got)
	}
	if got := strings.Count(h.log.String(), "outcome=refused"); got != 2 {
		t.Errorf("%d attempts", got)
	}
}

// TestRetryOfMessages: what Telegram refused goes again under its key, and the
// bulletin shows what became of it; other chats know no /retry.
func TestRetryOfMessages(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	h.refusedRow("bad:1", n, anna.ChatID())
	h.bulletin("Не отправлено: 1", string(n))
	h.engineer.Ask("/retry", "Напишите так: /retry")
	h.engineer.Ask("/retry 26-99999-9", "опечатка")
	h.engineer.Ask("/retry "+string(incident.NewNumber(2026, 99999)), "Такого обращения нет")
	h.engineer.Ask("/help", "/retry")
	h.engineer.Ask("/retry № "+string(n), "отправляем снова: файл заявителю.")
	h.log.await(t, "telegram refuses a message for good", 2)
	h.bulletin("Не отправлено: 1", string(n))

	anna.Block()
	h.engineer.Mark()
	h.engineer.Send("/resolve " + string(n) + " Перезагрузили координатор.")
	h.engineer.AwaitText("заблокирован")
	anna.Unblock()
	anna.Mark()
	h.engineer.Ask("/retry "+string(n), "отправляем снова: файл заявителю, сообщение заявителю.")
	anna.AwaitText("Перезагрузили координатор")
	anna.Send("/retry " + string(n))
	anna.settled()
	h.drained()
	if got := strings.Count(h.log.String(), "action=retry"); got != 2 {
		t.Errorf("%d retries", got)
	}
}

// TestFiveDays: Telegram is asked again after the pauses that were promised,
// for five days; then the message is given up, and the group learns of it.
func TestFiveDays(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	works := h.telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: anna.ChatID()})
	anna.Mark()
	h.engineer.Send("/resolve " + string(n) + " Перезагрузили координатор.")
	pauses := []string{"5s", "30s", "1m0s", "2m0s", "5m0s", "10m0s", "15m0s", "30m0s", "30m0s"}
	for k, again := range pauses {
		h.log.await(t, "attempt="+strconv.Itoa(k+1)+" again="+again, 1)
		d, err := time.ParseDuration(again)
		if err != nil {
			t.Fatal(err)
		}
		h.pass(d)
	}
	h.log.await(t, "a message waits", len(pauses)+1)
	h.pass(5 * 24 * time.Hour)
	h.engineer.AwaitText(string(n), "не отправлено", "за пять дней", "/retry "+string(n)) // in reply to the words themselves
	works()
	h.engineer.Ask("/retry "+string(n), "отправляем снова: сообщение заявителю")
	anna.AwaitText("Перезагрузили координатор")
}

// TestLetterGivenUp: the relay is asked after the pauses that were promised, for
// five days; then person and group are told, with the letter's text, and the
// same letter can still be sent.
func TestLetterGivenUp(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.SetDown(true)
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "в очереди")
	for k, d := range []time.Duration{5 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
		10 * time.Minute, 15 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		h.log.await(t, "letter=escalation seq=1 attempt="+strconv.Itoa(k+1)+" outcome=later", 1)
		h.pass(d)
	}
	h.log.await(t, "letter=escalation seq=1 attempt=10", 1)
	anna.Mark()
	h.pass(5 * 24 * time.Hour)
	for _, body := range []string{
		anna.AwaitText("Письмо в УИТ", "не принято").Body(),
		h.reply(n, "Письмо в УИТ", "не принято", "/retry "+string(n)).Body(),
	} {
		if !holds(body, "Причина: не удалось передать за пять дней", "Наименование ОИВ (ОМСУ): "+usual[0].answer, "Связи нет.") {
			t.Errorf("the notice of a letter given up:\n%s", body)
		}
	}
	h.mail.SetDown(false)
	anna.Mark()
	h.engineer.Ask("/retry "+string(n), "отправляем снова: письмо в УИТ.")
	anna.AwaitText("Письмо в УИТ", "отправлено")
	theLetter(t, h.letter(uitBox, 1), string(n))
	h.bulletin("Почта снова работает")
}
