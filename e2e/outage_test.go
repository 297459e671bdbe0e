package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestMailOutage is told in the group by one message from its beginning to its
// end, also over a restart, and once to the person whose letter to УИТ waits.
func TestMailOutage(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, listening)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.SetDown(true)
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.Logged.Await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	h.Pass(6 * time.Second)
	h.Logged.Await(t, "letter=escalation seq=1 attempt=2 outcome=later", 1)
	if got := anna.Count("пока ждёт"); got != 0 {
		t.Errorf("a hiccup is told:\n%s", anna.Screen())
	}
	h.Pass(30 * time.Second) // less than a minute since the beginning
	first := h.Bulletin("Почта не уходит", "почтовый сервер не отвечает", "Писем ждёт: 1, из них в УИТ: 1", "Следующая попытка")
	warned := anna.AwaitText(string(n), "пока ждёт", "Техподдержка о сбое знает", "8-800-200-79-32")
	if strings.Contains(warned.Body(), "отправлено") {
		t.Errorf("the warning:\n%s", warned.Body())
	}
	if code, body := h.Get("/readyz"); code != http.StatusOK || !harness.Holds(body, "mail: letters do not leave since 2026-11-23T09:0") {
		t.Errorf("/readyz: %d\n%s", code, body)
	}

	h.Restart()
	anna.FilesAgain("Снова нет связи, вся сеть.")
	h.Logged.Await(t, "letter=support seq=0 attempt=1 outcome=later", 1)
	h.Pass(time.Minute)
	if now := h.Bulletin("Почта не уходит", "Писем ждёт: 2, из них в УИТ: 1"); now.ID != first.ID {
		t.Errorf("a second message:\n%s", now.Body())
	}

	h.Mail.SetDown(false)
	anna.Mark()
	h.Pass(2 * time.Minute)
	anna.AwaitText("Письмо в УИТ", "отправлено")
	h.Letter(harness.SupportBox, 2)
	h.Pass(time.Second)
	if last := h.Bulletin("Почта снова работает", "Отправлено писем: 2."); last.ID != first.ID {
		t.Errorf("a second message:\n%s", last.Body())
	}
	anna.Settled()
	if got := anna.Count("пока ждёт"); got != 1 {
		t.Errorf("the person is warned %d times:\n%s", got, anna.Screen())
	}
	h.Pass(time.Hour)
	h.Mail.SetDown(true)
	anna.FilesAgain("И снова нет связи, вся сеть.")
	h.Logged.Await(t, "letter=support seq=0 attempt=1 outcome=later", 2)
	h.Pass(6 * time.Second)
	h.Logged.Await(t, "letter=support seq=0 attempt=2 outcome=later", 1)
	h.Pass(30 * time.Second)
	if again := h.Bulletin("Почта не уходит"); again.ID == first.ID {
		t.Error("an outage of an hour later is told by a silent edit")
	}
}

// TestMailSettings: what is our own fault is told at once, in the relay's words
// and without the password.
func TestMailSettings(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, harness.With("SMTP_TLS", "starttls"))
	h.Clerk().Files()
	h.Bulletin("Почта не уходит", "не предлагает шифрование (STARTTLS)", "настройки SMTP")
}

// TestMailOutageInTelegramsOutage is told when Telegram is back.
func TestMailOutageInTelegramsOutage(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtMail, Code: 451, Text: "4.3.2 system not accepting"})
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.Logged.Await(t, "outcome=later", 1)
	h.Telegram.SetDown(true)
	h.Pass(36 * time.Second)
	h.Logged.Await(t, "letters do not leave", 1)
	h.Logged.Await(t, "a bulletin is not shown", 1)
	h.Telegram.SetDown(false)
	h.Pass(time.Minute)
	h.Bulletin("Почта не уходит", "451 4.3.2 system not accepting")
	anna.AwaitText(string(n), "пока ждёт")
}
