package e2e

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestRelayIsDown: a letter waits while the relay is away, the person reads «в
// очереди», and the time when the relay took it once it is back.
func TestRelayIsDown(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.SetDown(true)
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "в очереди")
	h.Card(n, "в очереди")
	anna.Ask("/escalate "+string(n), "ещё в очереди")
	anna.Ask("/status", "в очереди")
	h.Logged.Await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)

	h.Mail.SetDown(false)
	anna.Mark()
	h.Pass(5 * time.Second)
	anna.AwaitText("Письмо в УИТ", "отправлено", "Почтовый сервер принял его", "14:0")
	theLetter(t, h.Letter(harness.UITBox, 1), string(n))
	h.Card(n, "принято почтовым сервером")
}

// TestLettersOutliveARestart: what waits in the outbox goes after the next
// start.
func TestLettersOutliveARestart(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	h.Mail.SetDown(true)
	anna := h.Clerk()
	n := anna.Files()
	h.Logged.Await(t, "outcome=later", 1)
	h.Close()
	h.Mail.SetDown(false)
	h.Open()
	if got := h.Letter(harness.SupportBox, 1).Header("X-Incident-Number"); got != string(n) {
		t.Errorf("the letter is about %s", got)
	}
}

// TestTemporaryRefusal: 4xx at any stage is tried again with the same bytes.
func TestTemporaryRefusal(t *testing.T) {
	t.Parallel()
	for _, stage := range []simulator.Stage{simulator.AtGreeting, simulator.AtMail, simulator.AtRcpt, simulator.AtData, simulator.AtDot} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, harness.Troubled)
			h.Mail.Fault(simulator.MailFault{Stage: stage, Code: 451, Text: "4.7.1 greylisted", Times: 1})
			n := h.Clerk().Files()
			h.Logged.Await(t, "outcome=later", 1)
			if got := len(h.Mail.Letters()); got != 0 {
				t.Fatalf("%d letters were taken", got)
			}
			h.Pass(5 * time.Second)
			if got := h.Letter(harness.SupportBox, 1).Header("X-Incident-Number"); got != string(n) {
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
	h := harness.Start(t, harness.Troubled)
	accept := h.Mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: harness.UITBox})
	anna := h.Clerk()
	n := anna.Files()
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	for _, body := range []string{
		anna.AwaitText("Письмо в УИТ", "не принято").Body(),
		h.CardReply(n, "Письмо в УИТ", "не принято").Body(),
	} {
		if !harness.Holds(body, string(n), "550", "no such user", harness.UITBox, "Наименование ОИВ (ОМСУ): "+harness.Usual[0].Answer, "Связи нет.", harness.UsualPhone) {
			t.Errorf("the notice of a refused letter:\n%s", body)
		}
	}
	h.Card(n, "письмо не принято")
	anna.Ask("/status", "не принято", "no such user")

	accept()
	anna.Escalates(n, "Связи нет, второе письмо.")
	theLetter(t, h.Letter(harness.UITBox, 1), string(n))
	h.Card(n, "письмо не принято", "принято почтовым сервером")
}

// TestRefusedLongLetter: what a message has no room for comes as a file, so that
// somebody can send the whole letter by hand.
func TestRefusedLongLetter(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: harness.UITBox})
	anna := h.Clerk()
	anna.Reaches("Описание")
	long := strings.TrimSpace(strings.Repeat("На ViPNet-координаторе не горят индикаторы. ", 80))
	anna.Send(long)
	anna.AwaitText(harness.SummaryHead, "…")
	n := anna.Registers()
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	for _, file := range []simulator.Message{
		anna.AwaitText("Письмо в УИТ по", string(n)+" целиком."),
		h.CardReply(n, "Письмо в УИТ по № "+string(n)+" целиком"),
	} {
		if a := file.Attachment; a == nil || a.Name != "Письмо в УИТ "+string(n)+".txt" {
			t.Errorf("the message %q has the file %+v", file.Body(), a)
		} else if data, ok := h.Telegram.FileData(a.FileID); !ok || !harness.Holds(string(data), long, "Связи нет.", harness.UsualPhone) {
			t.Errorf("the file: %s", data)
		}
	}
}

// TestRefusedCopy: when support's own box does not take the copy, the group is
// told, and the person that nothing is lost by it.
func TestRefusedCopy(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: harness.SupportBox})
	anna := h.Clerk()
	n := anna.Files()
	h.Engineer.AwaitText("Не отправлено: 1", string(n), "не принято", "no such user", "/retry "+string(n))
	anna.AwaitText("не принято", string(n), "Делать ничего не нужно")
}

// TestAmbiguousEnd: a connection lost after the final dot is answered by the
// same bytes again, so a mail server recognises the second copy.
func TestAmbiguousEnd(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Action: simulator.StoreAndDrop, Times: 1})
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	first := h.Letter(harness.UITBox, 1)
	h.Logged.Await(t, "outcome=ambiguous", 1)
	anna.Mark()
	h.Pass(5 * time.Second)
	anna.AwaitText("отправлено")
	second := h.Letter(harness.UITBox, 2)
	if first.MessageID() != second.MessageID() || !bytes.Equal(first.Raw, second.Raw) {
		t.Errorf("the second attempt differs:\n%s\n\n%s", first.Raw, second.Raw)
	}
	if got := anna.Count("отправлено."); got != 1 {
		t.Errorf("the person is told %d times:\n%s", got, anna.Screen())
	}
}

// TestRelayWithoutSTARTTLS gets no letter: protection is mandatory by default.
func TestRelayWithoutSTARTTLS(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, harness.With("SMTP_TLS", "starttls"))
	n := h.Clerk().Files()
	h.Logged.Await(t, "letters do not leave", 1)
	h.Card(n)
	if got := len(h.Mail.Letters()); got != 0 {
		t.Errorf("%d letters went in the clear", got)
	}
}

// TestNoCopies: SUPPORT_EMAIL set and empty means that support gets no letters;
// escalations go all the same.
func TestNoCopies(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed)
	h.Env["SUPPORT_EMAIL"] = ""
	h.Open()
	anna := h.Clerk()
	anna.Escalates(anna.Files(), "Связи нет.")
	if letters := h.Mail.Letters(); len(letters) != 1 || letters[0].To[0] != harness.UITBox {
		t.Errorf("%d letters", len(letters))
	}
}
