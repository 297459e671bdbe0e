package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// refusedRow puts into the outbox what Telegram refuses for good: a file that
// it does not hold.
func refusedRow(h *harness.Harness, key string, n incident.Number, chat int64) {
	h.Helper()
	err := h.Program.Register.Put(h.Within(), outbox.Message{
		Key: key, Channel: outbox.Telegram, Number: n, Chat: chat, Rank: outbox.RankNotice,
		Body: []byte(`{"file":{"kind":"photo","file_id":"nobody-has-it"}}`),
	})
	if err != nil {
		h.Fatal(err)
	}
	h.Program.Bot.Kick()
}

// TestUndelivered: what will never arrive is gathered in one message of the
// group, named by /readyz and counted; a person who blocked the bot is no such
// thing.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, listening, harness.Troubled)
	anna, vera := h.Clerk(), h.Clerk()
	first, second := anna.Files(), vera.Files()
	h.Card(first)
	h.Card(second)
	refusedRow(h, "bad:1", first, anna.ChatID())
	one := h.Bulletin("Не отправлено", string(first), "файл заявителю не отправлен", "Telegram ответил", "телефон и почта", "/retry "+string(first))
	if strings.Contains(one.FirstLine(), string(first)) || one.ReplyTo != 0 {
		t.Errorf("it looks like a card:\n%s", one.Body())
	}
	refusedRow(h, "bad:2", second, outbox.DeskChat)
	if two := h.Bulletin("Не отправлено: 2", string(first), string(second), "файл в эту группу"); two.ID != one.ID {
		t.Errorf("a second message:\n%s", two.Body())
	}
	if code, body := h.Get("/readyz"); code != http.StatusOK || !harness.Holds(body, "outbox: 2 undelivered (telegram 2, mail 0)") {
		t.Errorf("/readyz: %d\n%s", code, body)
	}

	vera.Block()
	h.Engineer.Mark()
	h.Engineer.Send("/resolve " + string(second) + " Перезагрузили координатор.")
	h.Engineer.AwaitText(string(second), "заблокирован")
	_, body := h.Get("/metrics")
	for _, line := range []string{
		`intakebot_outbox{channel="telegram",state="dead"} 2`, `intakebot_outbox{channel="telegram",state="unreachable"} 1`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("/metrics lacks %s:\n%s", line, body)
		}
	}

	h.Restart()
	h.Pass(11 * time.Minute) // an edit would not be noticed any more
	refusedRow(h, "bad:3", first, anna.ChatID())
	h.Engineer.AwaitText("Не отправлено: 1", string(first))
	if got := h.Told("Не отправлено: 2"); got != 1 {
		t.Errorf("%d older bulletins", got)
	}
}

// TestRetryLetter: a letter to УИТ that was refused goes again with the same
// bytes, once however often it is asked for; card, history and person tell of it.
func TestRetryLetter(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	accept := h.Mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Code: 550, Text: "5.7.1 looks like spam", Recipient: harness.UITBox})
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "не принято")
	h.CardReply(n, "Письмо в УИТ", "не принято", "/retry "+string(n))
	h.Card(n, "письмо не принято")

	anna.Mark()
	h.Engineer.Ask("/retry "+string(n), string(n), "отправляем снова: письмо в УИТ.")
	anna.AwaitText("Письмо в УИТ", "не принято", "looks like spam") // told as the first time
	h.Card(n, "письмо не принято")

	h.Mail.SetDown(true)
	accept()
	h.Engineer.Ask("/retry "+string(n), "отправляем снова: письмо в УИТ.")
	h.Card(n, "письмо в очереди")
	h.Logged.Await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	h.Mail.SetDown(false)
	anna.Mark()
	h.Engineer.Ask("/retry@"+h.Telegram.BotUsername()+" "+string(n), "отправляем снова: письмо в УИТ.")
	anna.AwaitText("Письмо в УИТ", "отправлено")
	h.Card(n, "принято почтовым сервером")
	h.Engineer.Ask("/retry "+string(n), "повторять нечего")
	h.Drained()
	if letters := h.Mail.LettersTo(harness.UITBox); len(letters) != 1 {
		t.Errorf("УИТ got %d letters", len(letters))
	}
	i := h.Filed(1)[0]
	if kinds(i, incident.KindLetterRetried) != 2 || kinds(i, incident.KindLetterRefused) != 2 || kinds(i, incident.KindLetterSent) != 1 {
		t.Errorf("the history: %+v", i.History)
	}
	h.Engineer.Ask("/incident "+string(n), "Письмо отправляется снова (Игорь Соколов): эскалация")
}

// TestRetryIsRepeated: Telegram brings /retry twice; it counts once.
func TestRetryIsRepeated(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: harness.SupportBox})
	n := h.Clerk().Files()
	h.Bulletin("Не отправлено: 1", string(n), "письмо с копией в почту техподдержки не принято", "no such user")
	h.Engineer.Mark()
	h.Engineer.Send("/retry " + string(n))
	h.Engineer.AwaitText("отправляем снова: письмо с копией")
	h.Logged.Await(t, "outcome=refused", 2)
	h.Telegram.Redeliver()
	h.Drained()
	h.Pass(time.Minute)
	if got := h.Told("отправляем снова: письмо с копией"); got != 1 {
		t.Errorf("answered %d times", got)
	}
	if got := strings.Count(h.Logged.String(), "outcome=refused"); got != 2 {
		t.Errorf("%d attempts", got)
	}
}

// TestRetryOfMessages: what Telegram refused goes again under its key, and the
// bulletin shows what became of it; other chats know no /retry.
func TestRetryOfMessages(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	refusedRow(h, "bad:1", n, anna.ChatID())
	h.Bulletin("Не отправлено: 1", string(n))
	h.Engineer.Ask("/retry", "Напишите так: /retry")
	h.Engineer.Ask("/retry 26-99999-9", "опечатка")
	h.Engineer.Ask("/retry "+string(incident.NewNumber(2026, 99999)), "Такого обращения нет")
	h.Engineer.Ask("/help", "/retry")
	h.Engineer.Ask("/retry № "+string(n), "отправляем снова: файл заявителю.")
	h.Logged.Await(t, "telegram refuses a message for good", 2)
	h.Bulletin("Не отправлено: 1", string(n))

	anna.Block()
	h.Engineer.Mark()
	h.Engineer.Send("/resolve " + string(n) + " Перезагрузили координатор.")
	h.Engineer.AwaitText("заблокирован")
	anna.Unblock()
	anna.Mark()
	h.Engineer.Ask("/retry "+string(n), "отправляем снова: файл заявителю, сообщение заявителю.")
	anna.AwaitText("Перезагрузили координатор")
	anna.Send("/retry " + string(n))
	anna.Settled()
	h.Drained()
	if got := strings.Count(h.Logged.String(), "action=retry"); got != 2 {
		t.Errorf("%d retries", got)
	}
}

// TestFiveDays: Telegram is asked again after the pauses that were promised,
// for five days; then the message is given up, and the group learns of it.
func TestFiveDays(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	works := h.Telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"sendMessage"}, ChatID: anna.ChatID()})
	anna.Mark()
	h.Engineer.Send("/resolve " + string(n) + " Перезагрузили координатор.")
	pauses := []string{"1s", "2s", "4s", "8s", "30s", "1m0s", "2m0s", "5m0s", "10m0s", "15m0s", "30m0s", "30m0s"}
	for k, again := range pauses {
		h.Logged.Await(t, "attempt="+strconv.Itoa(k+1)+" again="+again, 1)
		d, err := time.ParseDuration(again)
		if err != nil {
			t.Fatal(err)
		}
		h.Pass(d)
	}
	h.Logged.Await(t, "a message waits", len(pauses)+1)
	h.Pass(5 * 24 * time.Hour)
	h.Engineer.AwaitText(string(n), "не отправлено", "за пять дней", "/retry "+string(n)) // in reply to the words themselves
	works()
	h.Engineer.Ask("/retry "+string(n), "отправляем снова: сообщение заявителю")
	anna.AwaitText("Перезагрузили координатор")
}

// TestLetterGivenUp: the relay is asked after the pauses that were promised, for
// five days; then person and group are told, with the letter's text, and the
// same letter can still be sent.
func TestLetterGivenUp(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.SetDown(true)
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "в очереди")
	for k, d := range []time.Duration{5 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
		10 * time.Minute, 15 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		h.Logged.Await(t, "letter=escalation seq=1 attempt="+strconv.Itoa(k+1)+" outcome=later", 1)
		h.Pass(d)
	}
	h.Logged.Await(t, "letter=escalation seq=1 attempt=10", 1)
	anna.Mark()
	h.Pass(5 * 24 * time.Hour)
	for _, body := range []string{
		anna.AwaitText("Письмо в УИТ", "не принято").Body(),
		h.CardReply(n, "Письмо в УИТ", "не принято", "/retry "+string(n)).Body(),
	} {
		if !harness.Holds(body, "Причина: не удалось передать за пять дней", "Наименование ОИВ (ОМСУ): "+harness.Usual[0].Answer, "Связи нет.") {
			t.Errorf("the notice of a letter given up:\n%s", body)
		}
	}
	h.Mail.SetDown(false)
	anna.Mark()
	h.Engineer.Ask("/retry "+string(n), "отправляем снова: письмо в УИТ.")
	anna.AwaitText("Письмо в УИТ", "отправлено")
	theLetter(t, h.Letter(harness.UITBox, 1), string(n))
	h.Bulletin("Почта снова работает")
}
