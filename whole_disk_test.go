package main

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

	"intakebot/incident"
)

const untakenTold = "не может принять сообщения"

// onSmallDisk: the database has a file system of a few megabytes to itself.
func onSmallDisk(h *house) {
	h.Helper()
	folder := h.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "intakebot-test", folder).CombinedOutput(); err != nil {
		missing(h, "the right to mount a small tmpfs (run as root): "+strings.TrimSpace(string(out)))
	}
	h.Cleanup(func() {
		if err := exec.Command("umount", folder).Run(); err != nil {
			h.Errorf("umount %s: %v", folder, err)
		}
	})
	h.env["SQLITE_PATH"] = filepath.Join(folder, "incidents.db")
}

// fillDisk leaves no byte free on the database's disk; empty gives all back.
func (h *house) fillDisk() (empty func()) {
	h.Helper()
	path := filepath.Join(filepath.Dir(h.env["SQLITE_PATH"]), "filler")
	file, err := os.Create(path)
	if err != nil {
		h.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	file.Close()
	return func() {
		if err := os.Remove(path); err != nil {
			h.Fatal(err)
		}
	}
}

// cannotWrite is what must hold while the register cannot be written, and
// after mend: nobody is lost, everybody is told once, and all goes on by
// itself.
func cannotWrite(t *testing.T, h *house, strike func() (mend func()), why string) {
	anna, vera := h.clerk(), h.clerk()
	n := vera.files()
	h.card(n)
	h.letter(supportBox, 1)
	anna.reaches("ФИО")
	anna.settled()

	mend := strike()
	anna.Send(usual[1].answer)
	anna.AwaitText(untakenTold, "8-800-200-79-32")
	anna.Send("/help")
	h.engineer.Send("/take " + string(n))
	h.engineer.AwaitText(untakenTold)
	h.awaitReady(http.StatusServiceUnavailable, "redis: ok", "sqlite: ", why, "telegram: ok")
	if h.telegram.Counters().Pending < 3 {
		t.Errorf("updates were confirmed and not stored: %+v", h.telegram.Counters())
	}
	vera.Mark()
	mend()
	anna.AwaitText("Телефон", "шаг 3 из 5")
	anna.answersFrom("Телефон")
	second := anna.registers()
	h.card(second)
	vera.AwaitText("взято в работу", string(n))
	h.status(n, incident.InProgress)
	h.awaitReady(http.StatusOK)
	h.filed(2)
	if err := h.telegram.AwaitConfirmed(h.within()); err != nil {
		t.Error(err)
	}
	if got := anna.count(untakenTold) + anna.count(outageTold) - anna.count(untakenTold+": "+outageTold); got != 1 {
		t.Errorf("told of the outage %d times:\n%s", got, anna.Screen())
	}
	if got := h.told(untakenTold); got != 1 {
		t.Errorf("the desk was told %d times", got)
	}
	if lines := strings.Count(h.log.String(), "level=ERROR"); lines > 20 {
		t.Errorf("%d lines of errors", lines)
	}
}

// TestDiskFull: the program stays up on a full disk, takes nothing, says so, and
// goes on by itself when there is space.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]option{"polling": listening, "by webhook": byWebhook} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startHouse(t, onSmallDisk, way, troubled)
			cannotWrite(t, h, h.fillDisk, "no space left")
			if info := h.webhookInfo(); name == "by webhook" && !strings.Contains(info, "503") {
				t.Errorf("Telegram was not answered 503: %s", info)
			}
		})
	}
}

// TestStartOnFullDisk: there is nothing to serve without a register, so the
// program ends and says why; who supervises it starts it again.
func TestStartOnFullDisk(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed, onSmallDisk, inRealTime)
	empty := h.fillDisk()
	p := h.process("serve")
	if code := p.code(); code != 1 || !holds(p.out.String(), h.env["SQLITE_PATH"], "no space left") {
		t.Errorf("exit code %d\n%s", code, p.out)
	}
	empty()
	p = h.process("serve")
	p.out.await(t, "telegram answers", 1)
	p.stops()
}

// webhookInfo is what Telegram says of the webhook.
func (h *house) webhookInfo() string {
	h.Helper()
	resp, err := http.Get(h.telegram.URL() + "/bot" + h.telegram.Token() + "/getWebhookInfo")
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
	h := startHouse(t, listening, troubled)
	cannotWrite(t, h, func() func() {
		db, err := sql.Open("sqlite", h.env["SQLITE_PATH"])
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
	h := startHouse(t, inRealTime, troubled)
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	h.close()
	whole, err := os.ReadFile(h.env["SQLITE_PATH"])
	if err != nil {
		t.Fatal(err)
	}

	h.damage()
	p := h.process("serve")
	if code := p.code(); code != 1 || !holds(p.out.String(), h.env["SQLITE_PATH"], incident.ErrBroken.Error()) {
		t.Errorf("on a damaged database: exit code %d\n%s", code, p.out)
	}
	if err := os.WriteFile(h.env["SQLITE_PATH"], whole, 0o600); err != nil {
		t.Fatal(err)
	}

	p = h.process("serve")
	anna.settled()
	h.damage()
	anna.Send("/my")
	if code := p.code(); code != 1 || !holds(p.out.String(), incident.ErrBroken.Error()) {
		t.Errorf("over a damaged database: exit code %d\n%s", code, p.out)
	}
}

// damage overwrites the database behind the program's back, all but its header.
func (h *house) damage() {
	h.Helper()
	for _, suffix := range []string{"", "-wal"} {
		file, err := os.OpenFile(h.env["SQLITE_PATH"]+suffix, os.O_WRONLY, 0)
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
