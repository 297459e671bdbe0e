package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"intakebot/failpoint"
	"intakebot/outbox"
	"intakebot/storage"
)

// passes are those at which TestKilledAt kills.
var passes = map[failpoint.Point][]int{
	failpoint.BeforeSchema:  {1},
	failpoint.AfterSchema:   {1},
	failpoint.BeforeCommit:  {1, 2, 4, 8, 16, 32},
	failpoint.AfterCommit:   {1, 2, 4, 8, 16, 32},
	failpoint.BeforeDraft:   {1, 2, 7, 8},
	failpoint.AfterDraft:    {1, 2, 7, 8},
	failpoint.Fetched:       {1, 5, 9},
	failpoint.Stored:        {1, 5, 9},
	failpoint.BeforeRequest: {1, 5, 8, 12, 17, 20, 25, 30},
	failpoint.AfterRequest:  {5, 8, 12, 17, 20, 25, 30},
	failpoint.BeforeLetter:  {1, 2},
	failpoint.AfterLetter:   {1, 2},
}

// ofCommands are the points that serve does not pass.
var ofCommands = []failpoint.Point{failpoint.BeforeBackup, failpoint.BeforeRestore}

// TestKilledAt: the process is killed at each of its failpoints, on its first
// day, and started again. People who only go on with what they see come to one
// incident, one number, one card and one letter of each kind all the same, and
// no word is lost. A point that the day does not reach is a failure.
func TestKilledAt(t *testing.T) {
	t.Parallel()
	for _, at := range failpoint.Points {
		if len(passes[at]) == 0 && !slices.Contains(ofCommands, at) {
			t.Errorf("nobody is killed at %s", at)
		}
		for _, n := range passes[at] {
			t.Run(fmt.Sprintf("%s=%d", at, n), func(t *testing.T) {
				t.Parallel()
				h := startHouse(t, inRealTime, troubled, closed, overFakeRedis)
				defer h.revives(h.mortal(at, n))()
				var l ledger
				h.firstDay(&l)
				h.rests()
				h.judged(&l)
				if !strings.Contains(h.log.String(), fmt.Sprintln("killed at", at)) {
					t.Error("nobody came by")
				}
			})
		}
	}
}

// overFakeRedis: drafts outlive the program without a redis-server.
func overFakeRedis(h *house) { h.env["REDIS_URL"] = "redis://" + miniredis.RunT(h).Addr() }

// firstDay is one incident with everything that can happen to it.
func (h *house) firstDay(l *ledger) {
	h.Helper()
	anna := h.clerk()
	n := anna.files()
	told, card := anna.Last().ID, h.card(n)
	anna.Mark()
	h.engineer.PressOn(card.ID, "Взять в работу")
	anna.AwaitText("взято в работу")

	word := l.fresh(wordDesk, outbox.DeskChat)
	anna.Mark()
	l.typed(word, h.engineer.Reply(card.ID, "Смотрим: "+word), true)
	anna.AwaitText(word)

	word = l.fresh(wordAdded, anna.ChatID())
	l.typed(word, anna.Reply(told, "Стало хуже: "+word), true)
	anna.AwaitText("Добавили")
	h.reply(n, word)
	anna.escalates(n, "Связи по-прежнему нет.")
}

// drainsWithin is how long the queues may take to drain, on a machine that has
// much else to do.
const drainsWithin = 2 * time.Minute

// rests waits until the program has nothing to do any more.
func (h *house) rests() {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), drainsWithin)
	defer cancel()
	if err := h.telegram.AwaitConfirmed(ctx); err != nil {
		h.Fatal(err)
	}
	r, err := storage.OpenReader(ctx, h.env["SQLITE_PATH"])
	if err != nil {
		h.Fatal(err)
	}
	defer r.Close()
	for waiting := ""; ; {
		c, err := r.Counts(ctx)
		if err != nil {
			h.Fatalf("still under way: %s, %v", waiting, err)
		}
		waiting = fmt.Sprintf("%+v", c)
		waits := c.Waiting + c.StaleCards
		for _, o := range c.Outbox {
			waits += o.Pending
		}
		if waits == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond) // between two looks
	}
}

// judged has the oracle look at what came of it all.
func (h *house) judged(l *ledger) {
	h.Helper()
	o := oracle{
		telegram: h.telegram, mail: h.mail, group: h.engineer.Actor, database: h.env["SQLITE_PATH"], log: h.log.String(),
		ledger: l, uit: uitBox, support: supportBox, location: aMonday.Location(), now: h.clock.Now(),
	}
	found, err := o.judge(h.within())
	if err != nil {
		h.Fatal(err)
	}
	for _, wrong := range found {
		h.Error(wrong)
	}
}

// TestBackupKilled leaves no file that could be taken for a copy, and does not
// stand in the way of the next.
func TestBackupKilled(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	h.clerk().files()
	folder := t.TempDir()
	copied := filepath.Join(folder, "copy.db")
	if p := h.mortalCommand(failpoint.BeforeBackup, "backup", copied); p.code() != -1 {
		t.Fatalf("not killed: %s", h.log)
	}
	if found, _ := filepath.Glob(filepath.Join(folder, "*.db")); len(found) > 0 {
		t.Errorf("there is %q", found)
	}
	if p := h.process("backup", copied); p.code() != 0 {
		t.Errorf("backup: %s", p.out)
	}
}

// TestRestoreKilled leaves the register as it was, and can be repeated.
func TestRestoreKilled(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	first := anna.files()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if p := h.process("backup", copied); p.code() != 0 {
		t.Fatalf("backup: %s", p.out)
	}
	second := anna.filesAgain("Снова нет связи, вся сеть.")
	h.close()
	if p := h.mortalCommand(failpoint.BeforeRestore, "restore", copied); p.code() != -1 {
		t.Fatalf("not killed: %s", h.log)
	}
	h.open()
	h.filed(2)
	h.close()
	if p := h.process("restore", copied); p.code() != 0 {
		t.Fatalf("restore: %s", p.out)
	}
	h.open()
	if h.filed(1); anna.filesAgain("Связи нет и теперь.") <= second || first >= second {
		t.Error("a number was given twice")
	}
}
