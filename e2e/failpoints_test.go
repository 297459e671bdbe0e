package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"intakebot/e2e/harness"
	"intakebot/internal/failpoint"
	"intakebot/outbox"
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

// ofCommands are the points that serve does not pass, or only with a mailbox.
var ofCommands = []failpoint.Point{failpoint.BeforeBackup, failpoint.BeforeRestore, failpoint.BeforeMove}

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
				h := harness.Start(t, harness.InRealTime, harness.Troubled, harness.Closed, overFakeRedis)
				defer h.Revives(h.Mortal(at, n))()
				var l harness.Ledger
				firstDay(h, &l)
				h.Rests()
				h.Judged(&l)
				if !strings.Contains(h.Logged.String(), fmt.Sprintln("killed at", at)) {
					t.Error("nobody came by")
				}
			})
		}
	}
}

// overFakeRedis: drafts outlive the program without a redis-server.
func overFakeRedis(h *harness.Harness) { h.Env["REDIS_URL"] = "redis://" + miniredis.RunT(h).Addr() }

// firstDay is one incident with everything that can happen to it.
func firstDay(h *harness.Harness, l *harness.Ledger) {
	h.Helper()
	anna := h.Clerk()
	n := anna.Files()
	told, card := anna.Last().ID, h.Card(n)
	anna.Mark()
	h.Engineer.PressOn(card.ID, "Взять в работу")
	anna.AwaitText("взято в работу")

	word := l.Fresh(harness.WordDesk, outbox.DeskChat)
	anna.Mark()
	l.Typed(word, h.Engineer.Reply(card.ID, "Смотрим: "+word), true)
	anna.AwaitText(word)

	word = l.Fresh(harness.WordAdded, anna.ChatID())
	l.Typed(word, anna.Reply(told, "Стало хуже: "+word), true)
	anna.AwaitText("Добавили")
	h.CardReply(n, word)
	anna.Escalates(n, "Связи по-прежнему нет.")
}

// TestBackupKilled leaves no file that could be taken for a copy, and does not
// stand in the way of the next.
func TestBackupKilled(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	h.Clerk().Files()
	folder := t.TempDir()
	copied := filepath.Join(folder, "copy.db")
	if p := h.MortalCommand(failpoint.BeforeBackup, "backup", copied); p.Code() != -1 {
		t.Fatalf("not killed: %s", h.Logged)
	}
	if found, _ := filepath.Glob(filepath.Join(folder, "*.db")); len(found) > 0 {
		t.Errorf("there is %q", found)
	}
	if p := h.Process("backup", copied); p.Code() != 0 {
		t.Errorf("backup: %s", p.Out)
	}
}

// TestRestoreKilled leaves the register as it was, and can be repeated.
func TestRestoreKilled(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	first := anna.Files()
	h.NothingAside() // what waits in the copy would be answered again after the restore
	copied := filepath.Join(t.TempDir(), "copy.db")
	if p := h.Process("backup", copied); p.Code() != 0 {
		t.Fatalf("backup: %s", p.Out)
	}
	second := anna.FilesAgain("Снова нет связи, вся сеть.")
	h.Close()
	if p := h.MortalCommand(failpoint.BeforeRestore, "restore", copied); p.Code() != -1 {
		t.Fatalf("not killed: %s", h.Logged)
	}
	h.Open()
	h.Filed(2)
	h.Close()
	if p := h.Process("restore", copied); p.Code() != 0 {
		t.Fatalf("restore: %s", p.Out)
	}
	h.Open()
	if h.Filed(1); anna.FilesAgain("Связи нет и теперь.") <= second || first >= second {
		t.Error("a number was given twice")
	}
}
