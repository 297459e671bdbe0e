package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
)

// TestRelayIsDown: a letter waits while the relay is away, the person reads «в
// очереди», and the time when the relay took it once it is back.
func TestRelayIsDown(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.SetDown(true)
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "в очереди")
	h.card(n, "в очереди")
	anna.Ask("/escalate "+string(n), "ещё в очереди")
	anna.Ask("/status", "в очереди")
	h.log.await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)

	h.mail.SetDown(false)
	anna.Mark()
	h.pass(5 * time.Second)
	anna.AwaitText("Письмо в УИТ", "отправлено", "Почтовый сервер принял его", "14:0")
	theLetter(t, h.letter(uitBox, 1), string(n))
	h.card(n, "принято почтовым сервером")
}

// TestLettersOutliveARestart: what waits in the outbox goes after the next
// start.
func TestLettersOutliveARestart(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	h.mail.SetDown(true)
	anna := h.clerk()
	n := anna.files()
	h.log.await(t, "outcome=later", 1)
	h.close()
	h.mail.SetDown(false)
	h.open()
	if got := h.letter(supportBox, 1).Header("X-Incident-Number"); got != string(n) {
		t.Errorf("the letter is about %s", got)
	}
}

// TestTemporaryRefusal: 4xx at any stage is tried again with the same bytes.
func TestTemporaryRefusal(t *testing.T) {
	t.Parallel()
	for _, stage := range []simulator.Stage{simulator.AtGreeting, simulator.AtMail, simulator.AtRcpt, simulator.AtData, simulator.AtDot} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			h := startHouse(t, troubled)
			h.mail.Fault(simulator.MailFault{Stage: stage, Code: 451, Text: "4.7.1 greylisted", Times: 1})
			n := h.clerk().files()
			h.log.await(t, "outcome=later", 1)
			if got := len(h.mail.Letters()); got != 0 {
				t.Fatalf("%d letters were taken", got)
			}
			h.pass(5 * time.Second)
			if got := h.letter(supportBox, 1).Header("X-Incident-Number"); got != string(n) {
				t.Errorf("the letter is about %s", got)
			}
		})
	}
}

// TestRefusedLetter: a letter refused for good is told to the person and to the
// group with the server's words, the letter's text and the address; another
// try is possible at once.
func TestRefusedLetter(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	accept := h.mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: uitBox})
	anna := h.clerk()
	n := anna.files()
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	for _, body := range []string{
		anna.AwaitText("Письмо в УИТ", "не принято").Body(),
		h.reply(n, "Письмо в УИТ", "не принято").Body(),
	} {
		if !holds(body, string(n), "550", "no such user", uitBox, "Наименование ОИВ (ОМСУ): "+usual[0].answer, "Связи нет.", usualPhone) {
			t.Errorf("the notice of a refused letter:\n%s", body)
		}
	}
	h.card(n, "письмо не принято")
	anna.Ask("/status", "не принято", "no such user")

	accept()
	anna.escalates(n, "Связи нет, второе письмо.")
	theLetter(t, h.letter(uitBox, 1), string(n))
	h.card(n, "письмо не принято", "принято почтовым сервером")
}

// TestRefusedLongLetter: what a message has no room for comes as a file, so that
// somebody can send the whole letter by hand.
func TestRefusedLongLetter(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: uitBox})
	anna := h.clerk()
	anna.reaches("Описание")
	long := strings.TrimSpace(strings.Repeat("На ViPNet-координаторе не горят индикаторы. ", 80))
	anna.Send(long)
	anna.AwaitText(summaryHead, "…")
	n := anna.registers()
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	for _, file := range []simulator.Message{
		anna.AwaitText("Письмо в УИТ по", string(n)+" целиком."),
		h.reply(n, "Письмо в УИТ по № "+string(n)+" целиком"),
	} {
		if a := file.Attachment; a == nil || a.Name != "Письмо в УИТ "+string(n)+".txt" {
			t.Errorf("the message %q has the file %+v", file.Body(), a)
		} else if data, ok := h.telegram.FileData(a.FileID); !ok || !holds(string(data), long, "Связи нет.", usualPhone) {
			t.Errorf("the file: %s", data)
		}
	}
}

// TestRefusedCopy: when support's own box does not take the copy, the group is
// told, and the person that nothing is lost by it.
func TestRefusedCopy(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: supportBox})
	anna := h.clerk()
	n := anna.files()
	h.engineer.AwaitText("Не отправлено: 1", string(n), "не принято", "no such user", "/retry "+string(n))
	anna.AwaitText("не принято", string(n), "Делать ничего не нужно")
}

// TestAmbiguousEnd: a connection lost after the final dot is answered by the
// same bytes again, so a mail server recognises the second copy.
func TestAmbiguousEnd(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Action: simulator.StoreAndDrop, Times: 1})
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	first := h.letter(uitBox, 1)
	h.log.await(t, "outcome=ambiguous", 1)
	anna.Mark()
	h.pass(5 * time.Second)
	anna.AwaitText("отправлено")
	second := h.letter(uitBox, 2)
	if first.MessageID() != second.MessageID() || !bytes.Equal(first.Raw, second.Raw) {
		t.Errorf("the second attempt differs:\n%s\n\n%s", first.Raw, second.Raw)
	}
	if got := anna.count("отправлено."); got != 1 {
		t.Errorf("the person is told %d times:\n%s", got, anna.Screen())
	}
}

// TestRelayWithoutSTARTTLS gets no letter: protection is mandatory by default.
func TestRelayWithoutSTARTTLS(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled, with("SMTP_TLS", "starttls"))
	n := h.clerk().files()
	h.log.await(t, "letters do not leave", 1)
	h.card(n)
	if got := len(h.mail.Letters()); got != 0 {
		t.Errorf("%d letters went in the clear", got)
	}
}

// TestNoCopies: SUPPORT_EMAIL set and empty means that support gets no letters;
// escalations go all the same.
func TestNoCopies(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed)
	h.env["SUPPORT_EMAIL"] = ""
	h.open()
	anna := h.clerk()
	anna.escalates(anna.files(), "Связи нет.")
	if letters := h.mail.Letters(); len(letters) != 1 || letters[0].To[0] != uitBox {
		t.Errorf("%d letters", len(letters))
	}
}
