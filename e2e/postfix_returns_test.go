package e2e

import (
	"strconv"
	"strings"
	"testing"

	"intakebot/e2e/harness"
)

// TestPostfixReturns is the whole program with a real mail server that takes the
// letter to УИТ and brings it back, and delivers the copy to support: what it says
// of both is read as it writes it.
func TestPostfixReturns(t *testing.T) {
	t.Parallel()
	p := startPostfix(t)
	h := harness.Start(t, harness.Closed, harness.InRealTime, harness.WithMailbox, func(h *harness.Harness) {
		h.Env["SMTP_HOST"], h.Env["SMTP_PORT"], h.Env["SMTP_TLS"] = "localhost", strconv.Itoa(p.port), "starttls"
		h.Env["SMTP_USERNAME"], h.Env["SMTP_PASSWORD"] = mailUser+"@example.ru", mailPassword
		h.Env["UIT_EMAIL"], h.Env["SSL_CERT_FILE"] = "sd@"+returningDomain, p.dir+"/etc/server.pem"
	})
	run := h.Process("serve")
	anna := h.Clerk()
	n := anna.Files()
	anna.Press("Эскалировать в УИТ")
	anna.AwaitText("Текущее состояние", string(n))
	anna.Ask("Связи нет.", "Письмо в УИТ")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", string(n), "отправлено")
	var reports [][]byte
	harness.Eventually(t, "the server reports both letters, and the alias", func() bool {
		reports = p.received("intake@example.ru")
		return len(reports) == 3
	})
	for _, raw := range reports {
		if strings.Contains(string(raw), "Связи нет.") || strings.Contains(string(raw), "Content-Type: multipart/alternative") && strings.Contains(string(raw), "base64") {
			t.Errorf("a report holds the letter:\n%s", raw)
		}
		h.Mailbox.DeliverRaw(strings.ReplaceAll(string(raw), "\n", "\r\n"))
	}
	anna.AwaitText("вернулось", string(n), "не принято", "такого ящика нет", "sd@"+returningDomain, "Связи нет.")
	h.Card(n, "письмо вернулось")
	h.Engineer.Send("/incident " + string(n))
	h.Engineer.AwaitText("Письмо вернулось: эскалация", "Сервер получателя принял письмо: в техподдержку")
	run.Stops()
}
