package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/internal/failpoint"
	"intakebot/simulator"
)

// escalated is an incident of a person with a letter that УИТ has.
func escalated(t *testing.T, h *harness.Harness) (anna *harness.Clerk, n incident.Number, letter simulator.Letter) {
	t.Helper()
	anna = h.Clerk()
	n = anna.Files()
	anna.Press("Эскалировать в УИТ")
	anna.AwaitText("Текущее состояние", string(n))
	anna.Ask("Связи нет.", "Письмо в УИТ")
	letter = h.LetterAfter(anna, "Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", string(n), "отправлено", "и сюда")
	return anna, n, letter
}

// report is what a mail server says of a letter.
func report(l simulator.Letter, action, status, said string) (header, text string) {
	header = "Return-Path: <>\nFrom: MAILER-DAEMON@relay.example.ru\nSubject: Delivery report\nDate: Mon, 23 Nov 2026 14:05:00 +0500\n" +
		"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=B"
	text = fmt.Sprintf("--B\nContent-Type: text/plain\n\nReport.\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example.ru\n\n"+
		"Final-Recipient: rfc822; %s\nAction: %s\nStatus: %s\nDiagnostic-Code: smtp; %s\n%s\n--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\nX-Incident-Number: %s\n--B--",
		harness.UITBox, action, status, said, map[bool]string{true: "Will-Retry-Until: Sat, 28 Nov 2026 14:06:00 +0500\n"}[action == "delayed"],
		l.Header("Message-ID"), l.Header("X-Incident-Number"))
	return header, text
}

// TestAnswerByMail: an answer reaches the person and the card without its quoted
// tail, with its file, once; a machine's «зарегистрировано» brings their number,
// by which a letter is found that names nothing else.
func TestAnswerByMail(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.WithMailbox)
	anna, n, letter := escalated(t, h)
	if to := letter.Header("Reply-To"); !strings.Contains(to, "ivanova@example.ru") || !strings.Contains(to, "intake@example.ru") ||
		strings.Index(to, "ivanova") > strings.Index(to, "intake@") {
		t.Errorf("Reply-To: %s", to)
	}
	from := "From: Service Desk <" + harness.UITBox + ">\nIn-Reply-To: " + letter.Header("Message-ID") + "\n"
	h.Mailbox.Deliver(from+"Subject: [Ticket#2026112310000017] Re: ...\nAuto-Submitted: auto-replied\nContent-Type: text/plain; charset=utf-8", "Ваше обращение зарегистрировано за № 2026112310000017.")
	anna.AwaitText("автоответ", string(n), "зарегистрировано за № 2026112310000017")
	h.CardReply(n, "Автоответ", "2026112310000017")
	h.Card(n, "у УИТ: №\u00a02026112310000017")

	anna.Mark()
	h.Mailbox.Deliver(from+"Subject: Re: Эскалация\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=M",
		"--M\nContent-Type: text/plain; charset=utf-8\n\nИнженер выехал.\n\n23.11.2026 14:06, Приём обращений пишет:\n> Просим содействия.\n"+
			"--M\nContent-Type: text/plain; name=\"plan.txt\"\nContent-Disposition: attachment; filename=\"plan.txt\"\n\nplan of work\n--M--")
	told := anna.AwaitText("ответ на письмо", string(n), "Инженер выехал.")
	if strings.Contains(told.Body(), "Просим содействия") {
		t.Errorf("the quoted tail:\n%s", told.Body())
	}
	anna.AwaitView(func(all []simulator.Message) bool {
		return slices.ContainsFunc(all, func(m simulator.Message) bool { return m.Attachment != nil && m.Attachment.Name == "plan.txt" })
	})
	h.CardReply(n, "Ответ по почте", "Инженер выехал.")
	h.Card(n, "ответ пришёл")

	anna.Mark()
	h.Mailbox.Deliver("From: Service Desk <"+harness.UITBox+">\nSubject: [Ticket#2026112310000017] done\nContent-Type: text/plain; charset=utf-8", "Оборудование заменено.")
	anna.AwaitText("ответ на письмо", string(n), "Оборудование заменено.")
	anna.Settled()
	if got := h.Mailbox.Holds(harness.DoneFolder); got != 3 || h.Mailbox.Holds("INBOX") != 0 {
		t.Errorf("%d letters moved", got)
	}
	i, err := h.Program.Register.Incident(h.Within(), n)
	if err != nil || i.Status != incident.Registered {
		t.Errorf("mail changed the status to %s, %v", i.Status, err)
	}
	if letters := h.Mail.Letters(); len(letters) != 2 {
		t.Errorf("%d letters: mail was answered", len(letters))
	}
}

// TestReturnedLetter: a letter that comes back gives person and group what a
// refusal gives, and goes again by /retry with its bytes; what servers say before
// that is told as well.
func TestReturnedLetter(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.WithMailbox)
	anna, n, letter := escalated(t, h)
	h.Mailbox.Deliver(report(letter, "relayed", "2.0.0", "250 queued"))
	anna.AwaitText("Письмо в УИТ", string(n), "сервер УИТ принял в\u00a014:05")
	h.Card(n, "сервер УИТ принял в\u00a014:05")
	anna.Ask("/status", string(n), "сервер УИТ принял")

	h.Mailbox.Deliver(report(letter, "delayed", "4.4.1", "Connection timed out"))
	h.CardReply(n, "задерживается", "попытки до 14:06 28.11", "сервер получателя не отвечает")

	anna.Mark()
	h.Mailbox.Deliver(report(letter, "failed", "5.1.1", "550 5.1.1 User unknown"))
	h.Mailbox.Deliver(report(letter, "failed", "5.1.1", "550 5.1.1 User unknown"))
	anna.AwaitText("вернулось", string(n), "не принято", "такого ящика нет (550 5.1.1 User unknown)", harness.UITBox, "Связи нет.")
	h.CardReply(n, "вернулось", "такого ящика нет", "/retry "+string(n))
	h.Card(n, "письмо вернулось")
	anna.Settled()

	h.Engineer.Send("/retry " + string(n))
	anna.AwaitText("Письмо в УИТ", string(n), "отправлено")
	letters := h.Mail.Letters()
	if len(letters) != 3 || string(letters[2].Raw) != string(letters[1].Raw) {
		t.Errorf("%d letters, or another one than before", len(letters))
	}
}

// TestUnknownMail: what nobody can place, and a stranger's word on an incident,
// reach the group alone until a member says what is to become of them.
func TestUnknownMail(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.WithMailbox, listening)
	anna, n, _ := escalated(t, h)
	anna.Settled()
	anna.Mark()
	h.Mailbox.Deliver("From: sd@kurganobl.example\nSubject: hello\nContent-Type: text/plain; charset=utf-8", "Когда приехать?")
	shown := h.Engineer.AwaitText("не привязано", "hello", "Когда приехать?")
	h.Rests() // it is noted which message shows the letter
	h.Engineer.Reply(shown.ID, "Какое обращение?")
	h.Engineer.AwaitText("Ответьте командой /link")
	h.Engineer.Reply(shown.ID, "/link "+string(n))
	anna.AwaitText("ответ на письмо", string(n), "Когда приехать?")
	h.Engineer.AwaitText("Письмо привязано", string(n))
	h.Engineer.Reply(shown.ID, "/link "+string(n))
	h.Engineer.AwaitText("уже всё сделано")

	anna.Mark()
	h.Mailbox.Deliver("From: Stranger <who@elsewhere.example>\nSubject: "+string(n)+"\nContent-Type: text/plain; charset=utf-8", "Переведите деньги.")
	strange := h.Engineer.AwaitText("отправитель не подтверждён", string(n), "Переведите деньги.")
	if strings.Contains(strange.FirstLine(), string(n)) {
		t.Errorf("it looks like a card:\n%s", strange.Body())
	}
	anna.Settled()
	if _, body := h.Get("/metrics"); !strings.Contains(body, `intakebot_mail_received{state="held"} 1`) || !strings.Contains(body, "intakebot_mailbox_up 1") {
		t.Errorf("/metrics:\n%s", body)
	}
	if code, body := h.Get("/readyz"); code != http.StatusOK || !strings.Contains(body, "mailbox: ok") {
		t.Errorf("/readyz: %d\n%s", code, body)
	}
	h.Engineer.PressOn(strange.ID, "Передать заявителю")
	anna.AwaitText("ответ на письмо", string(n), "Переведите деньги.")
	h.Mailbox.DeliverRaw("X-Nothing: of use\r\n\r\ntext\r\n")
	h.Engineer.AwaitText("прочитать не удалось")
	h.Mailbox.DeliverRaw("no letter at all\r\n\r\n")
	h.Engineer.AwaitText("пустое письмо")
}

// TestForgottenMail: answers go with their person, and what comes later is shown
// to nobody.
func TestForgottenMail(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.WithMailbox)
	anna, n, letter := escalated(t, h)
	from := "From: " + harness.UITBox + "\nIn-Reply-To: " + letter.Header("Message-ID") + "\nSubject: Re\nContent-Type: text/plain; charset=utf-8"
	h.Mailbox.Deliver(from, "Ответ для Ивановой.")
	anna.AwaitText("ответ на письмо", string(n))
	h.CardReply(n, "Ответ для Ивановой.")
	h.Mailbox.Deliver("From: who@elsewhere.example\nSubject: "+string(n)+"\nContent-Type: text/plain; charset=utf-8", "Слово об Ивановой.")
	h.Engineer.AwaitText("отправитель не подтверждён")
	anna.Forgets()
	h.Forgotten(1)
	h.Mailbox.Deliver(from, "Ещё слово.")
	h.Logged.Await(t, "a letter is worked on", 3)
	i, err := h.Program.Register.Incident(h.Within(), n)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range i.History {
		if e.Kind == incident.KindAnswered && (e.Text != "" || e.Name != "") {
			t.Errorf("kept: %+v", e)
		}
	}
	h.HoldsNo("the database", h.DatabaseBytes(), []string{"Ответ для", "Слово об"})
	counts, err := h.Program.Register.MailCounts(h.Within())
	if err != nil || counts["held"] != 0 {
		t.Errorf("%v, %v", counts, err)
	}
}

// TestKilledBeforeMove: the process is killed after a letter is stored and before
// the mail server knows it. The next one tells of the letter once, and moves it.
func TestKilledBeforeMove(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.Troubled, harness.Closed, overFakeRedis, harness.WithMailbox)
	defer h.Revives(h.Mortal(failpoint.BeforeMove, 1))()
	anna, n, letter := escalated(t, h)
	h.Mailbox.Deliver("From: "+harness.UITBox+"\nIn-Reply-To: "+letter.Header("Message-ID")+"\nSubject: Re\nContent-Type: text/plain; charset=utf-8", "Инженер выехал.")
	anna.AwaitText("ответ на письмо", string(n), "Инженер выехал.")
	harness.Eventually(t, "the letter is moved", func() bool { return h.Mailbox.Holds(harness.DoneFolder) == 1 && h.Mailbox.Holds("INBOX") == 0 })
	h.Rests()
	told := 0
	for _, m := range anna.Messages() {
		if strings.Contains(m.Body(), "Инженер выехал.") {
			told++
		}
	}
	if told != 1 || !strings.Contains(h.Logged.String(), fmt.Sprintln("killed at", failpoint.BeforeMove)) {
		t.Errorf("told %d times", told)
	}
}
