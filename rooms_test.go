package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are the imports that the house allows, by room; the root may import
// them all. Tests inside a room may use the rooms below it only.
var arrows = map[string][]string{
	"incident":      {},
	"outbox":        {"incident"},
	"conversation":  {"incident"},
	"storage":       {"conversation", "outbox", "incident", "failpoint"},
	"mailer":        {"conversation", "outbox", "incident", "failpoint"},
	"bot":           {"conversation", "outbox", "incident", "failpoint"},
	"bot/telegram":  {"conversation", "outbox", "incident", "failpoint", "internal/loop"},
	"internal/loop": {"incident"},
	"simulator":     {}, // it must be able to test any build
	"failpoint":     {}, // names for tests; a usual build holds nothing of it
}

// TestArrows holds the rooms apart, so that each can be read on its own.
func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports ","}},{{join .TestImports ","}},{{join .XTestImports ","}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		room := strings.TrimPrefix(path, "intakebot/")
		if path == "intakebot" {
			continue
		}
		allowed, known := arrows[room]
		if !known {
			t.Errorf("%s is not a room: add it to the README and to this test", path)
		}
		for imported := range strings.SplitSeq(imports, ",") {
			other, own := strings.CutPrefix(imported, "intakebot/")
			if own && other != room && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s", path, imported)
			}
			if room == "incident" && strings.Contains(imported, ".") && !testOnly[imported] {
				t.Errorf("incident is not pure: it imports %s", imported)
			}
		}
	}
	for _, pure := range []string{"incident", "conversation", "outbox"} {
		out, err := exec.Command("go", "list", "-f", `{{join .Imports ","}}`, "./"+pure).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, impure := range []string{"context", "os", "net", "net/http", "log/slog", "math/rand", "crypto/rand", "database/sql"} {
			if slices.Contains(strings.Split(strings.TrimSpace(string(out)), ","), impure) {
				t.Errorf("%s is pure and imports %s", pure, impure)
			}
		}
	}
}

var testOnly = map[string]bool{"pgregory.net/rapid": true, "github.com/google/go-cmp/cmp": true}
