package e2e

import (
	"strings"
	"testing"

	"intakebot/e2e/harness"
)

// TestCanaries: the search finds what it is for, in each form in which a log
// holds it, and nothing else.
func TestCanaries(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	h.Env["SMTP_PASSWORD"], h.Env["REDIS_URL"] = "hunter22", "redis://:swordfish@localhost"
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	first := anna.Send("Пароль от роутера «гусь»,\nа имя \"утка\"")
	anna.AwaitText("Куда отнести")
	anna.Edit(first, "Пароля от роутера нет")
	anna.AwaitText("Куда отнести", "Пароля")
	anna.SendDocument(scheme, "")
	anna.AwaitText("схема сети")
	h.Engineer.Send("/resolve " + string(n) + " Заменили блок питания")
	anna.AwaitText("Заменили блок питания")
	c := h.Canaries()
	for _, line := range []string{
		"hunter22", "swordfish", "Анна", "Соколов", "ivanova@example.ru", "Администрация Кетовского", `Пароль от роутера «гусь»,\nа`, `а имя \"утка\"`,
		"Пароля от роутера нет", "схема сети.pdf", "Заменили блок питания", anna.Person().Phone(),
		strings.TrimPrefix(h.Telegram.Token(), strings.Split(h.Telegram.Token(), ":")[0]),
	} {
		log := "level=INFO msg=before\nlevel=INFO msg=\"" + line + "\"\nlevel=INFO msg=after"
		if found := c.Found(log); len(found) == 0 || !strings.Contains(found[0], line) || strings.Contains(found[0], "after") {
			t.Errorf("%s is passed over: %q", line, found)
		}
	}
	if found := c.Found("level=INFO msg=letter incident=" + string(n) + " chat=510000003"); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}
