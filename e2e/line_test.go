package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"intakebot/e2e/harness"
)

// TestAnotherLine: a support line of another file reaches what people read; the
// box is that of SUPPORT_EMAIL, to which the letters go.
func TestAnotherLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "line.toml")
	if err := os.WriteFile(path, []byte("[support]\nphone = \"8-800-100-00-00\"\nextension = \"\"\n\n[second]\nname = \"ЦИТ\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := harness.Start(t, harness.With("LINE_FILE", path))
	anna := h.Clerk()
	anna.Begins()
	anna.Ask("/contacts", "8-800-100-00-00", harness.SupportBox)
	anna.Files()
	anna.AwaitButton("Эскалировать в ЦИТ")
}
