package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
)

// TestMailOutage is told in the group by one message from its beginning to its
// end, also over a restart, and once to the person whose letter to УИТ waits.
func TestMailOutage(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled, listening)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.SetDown(true)
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.log.await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	h.pass(6 * time.Second)
	h.log.await(t, "letter=escalation seq=1 attempt=2 outcome=later", 1)
	if got := anna.count("пока ждёт"); got != 0 {
		t.Errorf("a hiccup is told:\n%s", anna.Screen())
	}
	h.pass(30 * time.Second) // less than a minute since the beginning
	first := h.bulletin("Почта не уходит", "почтовый сервер не отвечает", "Писем ждёт: 1, из них в УИТ: 1", "Следующая попытка")
	warned := anna.AwaitText(string(n), "пока ждёт", "Техподдержка о сбое знает", "8-800-200-79-32")
	if strings.Contains(warned.Body(), "отправлено") {
		t.Errorf("the warning:\n%s", warned.Body())
	}
	if code, body := h.get("/readyz"); code != http.StatusOK || !holds(body, "mail: letters do not leave since 2026-11-23T09:0") {
		t.Errorf("/readyz: %d\n%s", code, body)
	}

	h.restart()
	anna.filesAgain("Снова нет связи, вся сеть.")
	h.log.await(t, "letter=support seq=0 attempt=1 outcome=later", 1)
	h.pass(time.Minute)
	if now := h.bulletin("Почта не уходит", "Писем ждёт: 2, из них в УИТ: 1"); now.ID != first.ID {
		t.Errorf("a second message:\n%s", now.Body())
	}

	h.mail.SetDown(false)
	anna.Mark()
	h.pass(2 * time.Minute)
	anna.AwaitText("Письмо в УИТ", "отправлено")
	h.letter(supportBox, 2)
	h.pass(time.Second)
	if last := h.bulletin("Почта снова работает", "Отправлено писем: 2."); last.ID != first.ID {
		t.Errorf("a second message:\n%s", last.Body())
	}
	anna.settled()
	if got := anna.count("пока ждёт"); got != 1 {
		t.Errorf("the person is warned %d times:\n%s", got, anna.Screen())
	}
	h.pass(time.Hour)
	h.mail.SetDown(true)
	anna.filesAgain("И снова нет связи, вся сеть.")
	h.log.await(t, "letter=support seq=0 attempt=1 outcome=later", 2)
	h.pass(6 * time.Second)
	h.log.await(t, "letter=support seq=0 attempt=2 outcome=later", 1)
	h.pass(30 * time.Second)
	if again := h.bulletin("Почта не уходит"); again.ID == first.ID {
		t.Error("an outage of an hour later is told by a silent edit")
	}
}

// TestMailSettings: what is our own fault is told at once, in the relay's words
// and without the password.
func TestMailSettings(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled, with("SMTP_TLS", "starttls"))
	h.clerk().files()
	h.bulletin("Почта не уходит", "не удалось установить защищённое соединение", "настройки SMTP")
}

// TestMailOutageInTelegramsOutage is told when Telegram is back.
func TestMailOutageInTelegramsOutage(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtMail, Code: 451, Text: "4.3.2 system not accepting"})
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.log.await(t, "outcome=later", 1)
	h.telegram.SetDown(true)
	h.pass(36 * time.Second)
	h.log.await(t, "letters do not leave", 1)
	h.log.await(t, "a bulletin is not shown", 1)
	h.telegram.SetDown(false)
	h.pass(time.Minute)
	h.bulletin("Почта не уходит", "451 4.3.2 system not accepting")
	anna.AwaitText(string(n), "пока ждёт")
}
