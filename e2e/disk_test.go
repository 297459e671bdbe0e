package e2e

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/incident"
)

const untakenTold = "принять сообщения"

// onSmallDisk: the database has a file system of a few megabytes to itself.
func onSmallDisk(h *harness.Harness) {
	h.Helper()
	folder := h.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "intakebot-test", folder).CombinedOutput(); err != nil {
		harness.Missing(h, "the right to mount a small tmpfs (run as root): "+strings.TrimSpace(string(out)))
	}
	h.Cleanup(func() {
		if err := exec.Command("umount", folder).Run(); err != nil {
			h.Errorf("umount %s: %v", folder, err)
		}
	})
	h.Env["SQLITE_PATH"] = filepath.Join(folder, "incidents.db")
}

// cannotWrite is what must hold while the register cannot be written, and
// after mend: nobody is lost, everybody is told once, and all goes on by
// itself.
func cannotWrite(t *testing.T, h *harness.Harness, strike func() (mend func()), why string) {
	anna, vera := h.Clerk(), h.Clerk()
	n := vera.Files()
	h.Card(n)
	h.Letter(harness.SupportBox, 1)
	anna.Reaches("ФИО")
	anna.Settled()

	mend := strike()
	anna.Send(harness.Usual[1].Answer)
	anna.AwaitText(untakenTold, "8-800-200-79-32")
	anna.Send("/help")
	h.Engineer.Send("/take " + string(n))
	h.Engineer.AwaitText(untakenTold)
	h.AwaitReady(http.StatusServiceUnavailable, "redis: ok", "sqlite: ", why, "telegram: ok")
	if h.Telegram.Counters().Pending < 3 {
		t.Errorf("updates were confirmed and not stored: %+v", h.Telegram.Counters())
	}
	vera.Mark()
	mend()
	anna.AwaitText("Телефон", "шаг ")
	anna.AnswersFrom("Телефон")
	second := anna.Registers()
	h.Card(second)
	vera.AwaitText("взято в работу", string(n))
	h.Status(n, incident.InProgress)
	h.AwaitReady(http.StatusOK)
	h.Filed(2)
	if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil {
		t.Error(err)
	}
	if got := anna.Count(untakenTold) + anna.Count(outageTold) - anna.Count(untakenTold+" не получается: "+outageTold); got != 1 {
		t.Errorf("told of the outage %d times:\n%s", got, anna.Screen())
	}
	if got := h.Told(untakenTold); got != 1 {
		t.Errorf("the desk was told %d times", got)
	}
	if lines := strings.Count(h.Logged.String(), "level=ERROR"); lines > 20 {
		t.Errorf("%d lines of errors", lines)
	}
}

// TestDiskFull: the program stays up on a full disk, takes nothing, says so, and
// goes on by itself when there is space.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]harness.Option{"polling": listening, "by webhook": byWebhook} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, onSmallDisk, way, harness.Troubled)
			cannotWrite(t, h, h.FillDisk, "no space left")
			if info := webhookInfo(h); name == "by webhook" && !strings.Contains(info, "503") {
				t.Errorf("Telegram was not answered 503: %s", info)
			}
		})
	}
}

// TestStartOnFullDisk: there is nothing to serve without a register, so the
// program ends and says why; who supervises it starts it again.
func TestStartOnFullDisk(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed, onSmallDisk, harness.InRealTime)
	empty := h.FillDisk()
	p := h.Process("serve")
	if code := p.Code(); code != 1 || !harness.Holds(p.Out.String(), h.Env["SQLITE_PATH"], "no space left") {
		t.Errorf("exit code %d\n%s", code, p.Out)
	}
	empty()
	p = h.Process("serve")
	p.Out.Await(t, "telegram answers", 1)
	p.Stops()
}

// webhookInfo is what Telegram says of the webhook.
func webhookInfo(h *harness.Harness) string {
	h.Helper()
	resp, err := http.Get(h.Telegram.URL() + "/bot" + h.Telegram.Token() + "/getWebhookInfo")
	if err != nil {
		h.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	return string(body)
}

// TestDatabaseLocked: another program, the sqlite3 shell for one, holds a write
// transaction for longer than a write waits.
func TestDatabaseLocked(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, listening, harness.Troubled)
	cannotWrite(t, h, func() func() {
		db, err := sql.Open("sqlite", h.Env["SQLITE_PATH"])
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		for _, query := range []string{"PRAGMA busy_timeout = 5000", "BEGIN IMMEDIATE"} {
			if _, err := db.Exec(query); err != nil {
				t.Fatal(err)
			}
		}
		return func() {
			if _, err := db.Exec("ROLLBACK"); err != nil {
				t.Error(err)
			}
			db.Close()
		}
	}, "locked")
}

// TestDamagedDatabase: a register whose file is damaged is not worked with. The
// program does not start on it, and ends when it meets the damage while it runs.
func TestDamagedDatabase(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	h.Close()
	whole, err := os.ReadFile(h.Env["SQLITE_PATH"])
	if err != nil {
		t.Fatal(err)
	}

	damage(h)
	p := h.Process("serve")
	if code := p.Code(); code != 1 || !harness.Holds(p.Out.String(), h.Env["SQLITE_PATH"], incident.ErrBroken.Error()) {
		t.Errorf("on a damaged database: exit code %d\n%s", code, p.Out)
	}
	if err := os.WriteFile(h.Env["SQLITE_PATH"], whole, 0o600); err != nil {
		t.Fatal(err)
	}

	p = h.Process("serve")
	anna.Settled()
	damage(h)
	anna.Send("/my")
	if code := p.Code(); code != 1 || !harness.Holds(p.Out.String(), incident.ErrBroken.Error()) {
		t.Errorf("over a damaged database: exit code %d\n%s", code, p.Out)
	}
}

// damage overwrites the database behind the program's back, all but its header.
func damage(h *harness.Harness) {
	h.Helper()
	for _, suffix := range []string{"", "-wal"} {
		file, err := os.OpenFile(h.Env["SQLITE_PATH"]+suffix, os.O_WRONLY, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			h.Fatal(err)
		}
		info, err := file.Stat()
		if err == nil && info.Size() > 4096 {
			_, err = file.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())-4096), 4096)
		}
		if err := errors.Join(err, file.Close()); err != nil {
			h.Fatal(err)
		}
	}
}
