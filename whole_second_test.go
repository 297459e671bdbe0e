package main

import (
	"path/filepath"
	"strings"
	"testing"

	"intakebot/storage"
)

// TestSecondProcess: a second program on the same database ends at once, says
// which file and what to do, and does nothing else; copies and exports work
// beside the first.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inRealTime)
	anna := h.clerk()
	anna.reaches("ФИО")
	asked := h.telegram.Counters().Calls["getMe"]
	second := h.process("serve")
	if code := second.code(); code != 1 || !holds(second.out.String(), h.env["SQLITE_PATH"], "another intakebot", "SQLITE_PATH") {
		t.Errorf("exit code %d:\n%s", code, second.out)
	}
	if again := h.telegram.Counters().Calls["getMe"]; again != asked {
		t.Errorf("it spoke to Telegram %d times", again-asked)
	}
	for _, args := range [][]string{{"backup", "copy.db"}, {"export", "table.csv"}} {
		p := startProcess(t, map[string]string{"SQLITE_PATH": h.env["SQLITE_PATH"]}, args[0], filepath.Join(t.TempDir(), args[1]))
		if code := p.code(); code != 0 {
			t.Errorf("%s: exit code %d:\n%s", args[0], code, p.out)
		}
	}
	anna.answersFrom("ФИО")
	h.card(anna.registers())
}

// TestKilledProcessLeavesNoLock: after kill -9 the database is free without a
// hand.
func TestKilledProcessLeavesNoLock(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed, inRealTime)
	first := h.process("serve")
	first.out.await(t, "telegram answers", 1)
	if _, err := storage.Lock(h.env["SQLITE_PATH"]); err == nil || !strings.Contains(err.Error(), h.env["SQLITE_PATH"]) {
		t.Errorf("the running program holds no lock: %v", err)
	}
	first.kill()
	second := h.process("serve")
	second.out.await(t, "telegram answers", 1)
	second.stops()
}
