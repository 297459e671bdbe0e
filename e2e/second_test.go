package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/storage"
)

// TestSecondProcess: a second program on the same database ends at once, says
// which file and what to do, and does nothing else; copies and exports work
// beside the first.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime)
	anna := h.Clerk()
	anna.Reaches("ФИО")
	asked := h.Telegram.Counters().Calls["getMe"]
	second := h.Process("serve")
	if code := second.Code(); code != 1 || !harness.Holds(second.Out.String(), h.Env["SQLITE_PATH"], "another intakebot", "SQLITE_PATH") {
		t.Errorf("exit code %d:\n%s", code, second.Out)
	}
	if again := h.Telegram.Counters().Calls["getMe"]; again != asked {
		t.Errorf("it spoke to Telegram %d times", again-asked)
	}
	for _, args := range [][]string{{"backup", "copy.db"}, {"export", "table.csv"}} {
		p := harness.StartProcess(t, map[string]string{"SQLITE_PATH": h.Env["SQLITE_PATH"]}, args[0], filepath.Join(t.TempDir(), args[1]))
		if code := p.Code(); code != 0 {
			t.Errorf("%s: exit code %d:\n%s", args[0], code, p.Out)
		}
	}
	anna.AnswersFrom("ФИО")
	h.Card(anna.Registers())
}

// TestKilledProcessLeavesNoLock: after kill -9 the database is free without a
// hand.
func TestKilledProcessLeavesNoLock(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed, harness.InRealTime)
	first := h.Process("serve")
	first.Out.Await(t, "telegram answers", 1)
	if _, err := storage.Lock(h.Env["SQLITE_PATH"]); err == nil || !strings.Contains(err.Error(), h.Env["SQLITE_PATH"]) {
		t.Errorf("the running program holds no lock: %v", err)
	}
	first.Kill()
	second := h.Process("serve")
	second.Out.Await(t, "telegram answers", 1)
	second.Stops()
}
