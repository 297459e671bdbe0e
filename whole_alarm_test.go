package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"intakebot/incident"
)

const alertBox = "admin@example.ru"

// alarmed: somebody looks after the bot.
func alarmed(h *house) { h.env["ALERT_EMAIL"] = alertBox }

// alarm waits for the count-th letter to whoever looks after the bot.
func (h *house) alarm(count int, subject string, says ...string) {
	h.Helper()
	l := h.letter(alertBox, count)
	if !holds(l.Subject(), subject) || !holds(l.Text(), says...) {
		h.Errorf("alarm %d is %q, want %q and %q:\n%s", count, l.Subject(), subject, says, l.Text())
	}
	if l.HasHeader("X-Incident-Number") || l.Header("Auto-Submitted") != "auto-generated" {
		h.Errorf("alarm %d: headers\n%s", count, l.Raw)
	}
	if _, secret, _ := strings.Cut(h.telegram.Token(), ":"); strings.Contains(l.Text(), secret) {
		h.Errorf("alarm %d holds the token", count)
	}
}

// away waits until the watchman has seen that a part is away.
func (h *house) away(part string) {
	h.Helper()
	h.parts.watchman.Kick()
	h.log.await(h, `msg="a part does not answer" part=`+part, 1)
}

// TestCopiesAway: a disk of copies that is gone makes a letter, its return
// another one.
func TestCopiesAway(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "copies")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	h := startHouse(t, alarmed, troubled, with("BACKUP_DIR", folder))
	h.log.await(t, "the register was copied", 1)
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(folder, folder+".gone")
	h.away("copies")
	h.pass(10 * time.Minute)
	h.alarm(1, "База обращений не копируется", "с 23.11.2026 в 14:05", "BACKUP_DIR")
	move(folder+".gone", folder)
	h.parts.watchman.Kick()
	h.alarm(2, "База обращений снова копируется")
}

// TestTelegramAway: ten minutes without Telegram make one letter, its return
// another one, and a restart in between adds none.
func TestTelegramAway(t *testing.T) {
	t.Parallel()
	h := startHouse(t, alarmed, troubled)
	h.clerk().begins()
	h.telegram.SetDown(true)
	h.log.await(t, "no updates from telegram", 1)
	h.away("telegram")
	h.pass(9 * time.Minute)
	h.pass(time.Minute)
	h.alarm(1, "Нет связи с Telegram", "с 23.11.2026 в 14:05 (МСК+2)", "HTTPS_PROXY", "Причина")
	h.pass(5 * time.Hour)
	h.restart()
	h.log.await(t, "telegram does not answer", 1)
	h.pass(time.Hour)
	h.telegram.SetDown(false)
	h.log.await(t, "telegram answers", 2)
	h.parts.watchman.Kick()
	h.alarm(2, "Связь с Telegram восстановлена", "с 23.11.2026 в 14:05", "с 23.11.2026 в 20:15")
	h.letterCopy(h.clerk().files())
	if got := len(h.mail.LettersTo(alertBox)); got != 2 {
		t.Errorf("%d letters of one outage", got)
	}
}

// letterCopy waits for the copy of an incident to support.
func (h *house) letterCopy(n incident.Number) {
	h.Helper()
	if got := h.letter(supportBox, 1).Header("X-Incident-Number"); got != string(n) {
		h.Errorf("the copy is about %s, not %s", got, n)
	}
}

// TestShortOutage is nobody's concern.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	h := startHouse(t, alarmed, troubled)
	h.clerk().begins()
	h.telegram.SetDown(true)
	h.log.await(t, "no updates from telegram", 1)
	h.away("telegram")
	h.pass(9 * time.Minute)
	h.telegram.SetDown(false)
	h.clerk().begins()
	h.parts.watchman.Kick()
	h.log.await(t, "a part answers again", 1)
	h.pass(time.Hour)
	h.clerk().begins()
	if got := h.mail.LettersTo(alertBox); len(got) != 0 {
		t.Errorf("%d letters", len(got))
	}
}

// TestDeskAway: the bot was thrown out of the group; that cannot be told there.
func TestDeskAway(t *testing.T) {
	t.Parallel()
	h := startHouse(t, alarmed, troubled)
	anna := h.clerk()
	h.group.KickBot(h.engineer.Person())
	n := anna.files()
	h.log.await(t, "a card is not shown", 1)
	h.away("desk")
	h.pass(10 * time.Minute)
	h.alarm(1, "Группа поддержки не принимает", "SUPPORT_CHAT_ID")
	h.group.AddBot(h.engineer.Person())
	h.pass(time.Hour)
	h.card(n)
	for range 2 { // the second answer leaves when the first is known to have arrived
		h.engineer.Ask("/open", string(n))
	}
	h.parts.watchman.Kick()
	h.alarm(2, "Группа поддержки снова принимает")
}

// TestWebhookFails: the bot is well and Telegram cannot reach it.
func TestWebhookFails(t *testing.T) {
	t.Parallel()
	h := startHouse(t, byWebhook, alarmed, troubled, closed)
	front := startFront(h)
	h.env["WEBHOOK_URL"] = front.URL + "/telegram/updates"
	h.open()
	anna := h.clerk()
	anna.Send("/start")
	<-front.noticed
	h.away("webhook")
	h.pass(10 * time.Minute)
	h.alarm(1, "Telegram не может доставить сообщения боту", "502 Bad Gateway", "WEBHOOK_URL")
	front.mended.Store(true)
	anna.AwaitText("Вы согласны")
	if err := h.telegram.AwaitConfirmed(h.within()); err != nil { // Telegram hears our 200 after that
		t.Fatal(err)
	}
	h.parts.watchman.Kick()
	h.alarm(2, "Telegram снова доставляет")
}

// TestStoresAway: Redis makes an alarm too.
func TestStoresAway(t *testing.T) {
	t.Parallel()
	h := startHouse(t, overRedis, alarmed, troubled)
	h.clerk().begins()
	h.signalRedis(syscall.SIGSTOP)
	h.away("redis")
	h.pass(10 * time.Minute)
	h.alarm(1, "Redis не отвечает", "REDIS_URL")
	h.signalRedis(syscall.SIGCONT)
	h.parts.watchman.Kick()
	h.log.await(t, "a part answers again", 1)
	h.alarm(2, "Redis снова отвечает")
}

// TestRegisterAway: when the register takes no writes, the outbox takes no
// letter either: the alarm goes past it.
func TestRegisterAway(t *testing.T) {
	t.Parallel()
	h := startHouse(t, alarmed, troubled)
	h.clerk().begins()
	other, err := sql.Open("sqlite", h.env["SQLITE_PATH"])
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	h.away("sqlite")
	h.pass(10 * time.Minute)
	h.alarm(1, "База обращений не принимает записей", "SQLITE_PATH")
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	h.parts.watchman.Kick()
	h.alarm(2, "База обращений снова принимает")
}
