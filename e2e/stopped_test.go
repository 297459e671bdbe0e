package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"intakebot/e2e/harness"
)

// TestStoppedIsTold: a token that Telegram does not know any more ends the program
// at each start, and whoever looks after it hears of that once.
func TestStoppedIsTold(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, alarmed, harness.Troubled, harness.Closed, harness.InRealTime)
	h.Env["TELEGRAM_BOT_TOKEN"] += "x"
	for range 3 {
		p := h.Process("serve")
		if code := p.Code(); code != 1 {
			t.Fatalf("exit code %d, not 1", code)
		}
	}
	alarm(h, 1, "Бот остановился", "TELEGRAM_BOT_TOKEN", "intakebot check", "не раньше чем через сутки")
	if n := len(h.Mail.Letters()); n != 1 {
		t.Errorf("%d letters, not one", n)
	}
}

// TestRegisterRemoved: whose database is removed ends at once, before it gives out
// a number that nobody keeps; and it does not begin anew where copies are.
func TestRegisterRemoved(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, harness.Closed, harness.InRealTime, harness.With("BACKUP_DIR", t.TempDir()))
	p := h.Process("serve")
	p.Out.Await(t, "the register was copied", 1)
	files, err := filepath.Glob(h.Env["SQLITE_PATH"] + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if code := p.Code(); code != 1 {
		t.Errorf("exit code %d, not 1", code)
	}
	p.Out.Await(t, "was removed while the program used it", 1)
	again := h.Process("serve")
	if code := again.Code(); code != 2 {
		t.Errorf("it began a new register beside copies: exit code %d", code)
	}
	again.Out.Await(t, "intakebot restore", 1)
}
