package e2e

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
)

const alertBox = "admin@example.ru"

// alarmed: somebody looks after the bot.
func alarmed(h *harness.Harness) { h.Env["ALERT_EMAIL"] = alertBox }

// alarm waits for the count-th letter to whoever looks after the bot.
func alarm(h *harness.Harness, count int, subject string, says ...string) {
	h.Helper()
	l := h.Letter(alertBox, count)
	if !harness.Holds(l.Subject(), subject) || !harness.Holds(l.Text(), says...) {
		h.Errorf("alarm %d is %q, want %q and %q:\n%s", count, l.Subject(), subject, says, l.Text())
	}
	if l.HasHeader("X-Incident-Number") || l.Header("Auto-Submitted") != "auto-generated" {
		h.Errorf("alarm %d: headers\n%s", count, l.Raw)
	}
	if _, secret, _ := strings.Cut(h.Telegram.Token(), ":"); strings.Contains(l.Text(), secret) {
		h.Errorf("alarm %d holds the token", count)
	}
}

// away waits until the watchman has seen that a part is away.
func away(h *harness.Harness, part string) {
	h.Helper()
	h.Program.Alerter.Kick()
	h.Logged.Await(h, `msg="a part does not answer" part=`+part, 1)
}

// TestCopiesAway: a disk of copies that is gone makes a letter, its return
// another one.
func TestCopiesAway(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "copies")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	h := harness.Start(t, alarmed, harness.Troubled, harness.With("BACKUP_DIR", folder))
	h.Logged.Await(t, "the register was copied", 1)
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(folder, folder+".gone")
	away(h, "copies")
	h.Pass(10 * time.Minute)
	alarm(h, 1, "База обращений не копируется", "с 23.11.2026 в 14:05", "BACKUP_DIR")
	move(folder+".gone", folder)
	h.Program.Alerter.Kick()
	alarm(h, 2, "База обращений снова копируется")
}

// TestTelegramAway: ten minutes without Telegram make one letter, its return
// another one, and a restart in between adds none.
func TestTelegramAway(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, alarmed, harness.Troubled)
	h.Clerk().Begins()
	h.Telegram.SetDown(true)
	h.Logged.Await(t, "no updates from telegram", 1)
	away(h, "telegram")
	h.Pass(9 * time.Minute)
	h.Pass(time.Minute)
	alarm(h, 1, "Нет связи с Telegram", "с 23.11.2026 в 14:05", "Время в письме — МСК+2.", "HTTPS_PROXY", "Причина")
	h.Pass(5 * time.Hour)
	h.Restart()
	h.Logged.Await(t, "telegram does not answer", 1)
	h.Pass(time.Hour)
	h.Telegram.SetDown(false)
	h.Logged.Await(t, "telegram answers", 2)
	h.Program.Alerter.Kick()
	alarm(h, 2, "Связь с Telegram восстановлена", "с 23.11.2026 в 14:05", "с 23.11.2026 в 20:15")
	letterCopy(h, h.Clerk().Files())
	if got := len(h.Mail.LettersTo(alertBox)); got != 2 {
		t.Errorf("%d letters of one outage", got)
	}
}

// letterCopy waits for the copy of an incident to support.
func letterCopy(h *harness.Harness, n incident.Number) {
	h.Helper()
	if got := h.Letter(harness.SupportBox, 1).Header("X-Incident-Number"); got != string(n) {
		h.Errorf("the copy is about %s, not %s", got, n)
	}
}

// TestShortOutage is nobody's concern.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, alarmed, harness.Troubled)
	h.Clerk().Begins()
	h.Telegram.SetDown(true)
	h.Logged.Await(t, "no updates from telegram", 1)
	away(h, "telegram")
	h.Pass(9 * time.Minute)
	h.Telegram.SetDown(false)
	h.Clerk().Begins()
	h.Program.Alerter.Kick()
	h.Logged.Await(t, "a part answers again", 1)
	h.Pass(time.Hour)
	h.Clerk().Begins()
	if got := h.Mail.LettersTo(alertBox); len(got) != 0 {
		t.Errorf("%d letters", len(got))
	}
}

// TestDeskAway: the bot was thrown out of the group; that cannot be told there.
func TestDeskAway(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, alarmed, harness.Troubled)
	anna := h.Clerk()
	h.Group.KickBot(h.Engineer.Person())
	n := anna.Files()
	h.Logged.Await(t, "a card is not shown", 1)
	away(h, "desk")
	h.Pass(10 * time.Minute)
	alarm(h, 1, "Группа поддержки не принимает", "SUPPORT_CHAT_ID")
	h.Group.AddBot(h.Engineer.Person())
	h.Pass(time.Hour)
	h.Card(n)
	for range 2 { // the second answer leaves when the first is known to have arrived
		h.Engineer.Ask("/open", string(n))
	}
	h.Program.Alerter.Kick()
	alarm(h, 2, "Группа поддержки снова принимает")
}

// TestWebhookFails: the bot is well and Telegram cannot reach it.
func TestWebhookFails(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook, alarmed, harness.Troubled, harness.Closed)
	front := harness.StartFront(h)
	h.Env["WEBHOOK_URL"] = front.URL + "/telegram/updates"
	h.Open()
	anna := h.Clerk()
	anna.Send("/start")
	<-front.Noticed
	away(h, "webhook")
	h.Pass(10 * time.Minute)
	alarm(h, 1, "Telegram не может доставить сообщения боту", "502 Bad Gateway", "WEBHOOK_URL")
	front.Mended.Store(true)
	anna.AwaitText("Вы согласны")
	if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil { // Telegram hears our 200 after that
		t.Fatal(err)
	}
	h.Program.Alerter.Kick()
	alarm(h, 2, "Telegram снова доставляет")
}

// TestStoresAway: Redis makes an alarm too.
func TestStoresAway(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.OverRedis, alarmed, harness.Troubled)
	h.Clerk().Begins()
	h.SignalRedis(syscall.SIGSTOP)
	away(h, "redis")
	h.Pass(10 * time.Minute)
	alarm(h, 1, "Redis не отвечает", "REDIS_URL")
	h.SignalRedis(syscall.SIGCONT)
	h.Program.Alerter.Kick()
	h.Logged.Await(t, "a part answers again", 1)
	alarm(h, 2, "Redis снова отвечает")
}

// TestRegisterAway: when the register takes no writes, the outbox takes no
// letter either: the alarm goes past it.
func TestRegisterAway(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, alarmed, harness.Troubled)
	h.Clerk().Begins()
	other, err := sql.Open("sqlite", h.Env["SQLITE_PATH"])
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	away(h, "sqlite")
	h.Pass(10 * time.Minute)
	alarm(h, 1, "База обращений не принимает записей", "SQLITE_PATH")
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	h.Program.Alerter.Kick()
	alarm(h, 2, "База обращений снова принимает")
}
