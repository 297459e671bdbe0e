package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// rootMost is how many entries a visitor sees before the README, hidden ones too.
const rootMost = 25

// TestRoot: the root holds main.go and no other source, and few entries.
func TestRoot(t *testing.T) {
	t.Parallel()
	entries := map[string]bool{}
	if out, err := exec.Command("git", "ls-files").Output(); err == nil {
		for path := range strings.Lines(string(out)) {
			entry, _, _ := strings.Cut(strings.TrimSpace(path), "/")
			entries[entry] = true
		}
	} else { // an archive: what is there
		found, err := os.ReadDir(".")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			entries[e.Name()] = true
		}
	}
	delete(entries, ".git")
	if len(entries) > rootMost || !entries["main.go"] {
		t.Errorf("the root has %d entries, %d are enough: %v", len(entries), rootMost, entries)
	}
	for name := range entries {
		if strings.HasSuffix(name, ".go") && name != "main.go" {
			t.Errorf("%s belongs into a package", name)
		}
	}
}
