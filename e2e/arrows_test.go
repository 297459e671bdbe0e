package e2e

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// room is a package and what it may import of the others.
type room struct {
	path   string
	below  []string
	inTest []string // what its tests may import besides
}

// rooms are all packages, from the bottom up: an arrow goes to a row above.

var rooms = []room{
	{path: "incident"},
	{path: "simulator"}, // it must be able to test any build
	{path: "internal/failpoint"},
	{path: "internal/loop", below: domain},
	{path: "bot/telegram/scripted"}, // a Telegram for the tests of the bot's parts
	{path: "outbox", below: domain},
	{path: "conversation", below: words},
	{path: "desk", below: with(words, "conversation")},
	{path: "storage", below: stores},
	{path: "internal/prefill", below: []string{"incident", "storage"}},
	{path: "mailer", below: stores, inTest: []string{"simulator"}},
	{path: "mailer/mailbox", below: stores},
	{path: "bot/telegram", below: with(stores, "internal/loop"), inTest: []string{"simulator"}},
	{path: "bot/delivery", below: with(stores, "internal/loop", "bot/telegram"), inTest: scripted},
	{path: "bot/notify", below: with(stores, "internal/loop", "desk", "bot/telegram", "bot/delivery")},
	{path: "bot/inbox", below: with(stores, "internal/loop", "bot/telegram"), inTest: scripted},
	{path: "bot/reporter", below: turns, inTest: scripted},
	{path: "bot/mail", below: with(turns, "desk", "mailer/mailbox")},
	{path: "bot/desk", below: with(turns, "desk"), inTest: scripted},
	{path: "bot", below: with(turns, "desk", "mailer/mailbox", "bot/reporter", "bot/desk", "bot/mail"), inTest: []string{"simulator", "storage"}},
	{path: "app/config", below: with(stores, "storage", "mailer", "mailer/mailbox", "bot/telegram", "bot/desk", "bot")},
	{path: "app/monitor", below: with(words, "storage", "mailer")},
	{path: "app/selfcheck", below: []string{"incident", "app/config", "bot/telegram", "bot", "storage", "mailer", "mailer/mailbox"}},
	{path: "app", below: with(turns, "desk", "storage", "mailer", "mailer/mailbox", "bot/desk", "bot", "app/config", "app/monitor", "app/selfcheck")},
	{path: "e2e/harness", below: everything},
	{path: "demo", below: with(words, "conversation", "simulator", "storage", "bot/telegram", "bot", "app/config", "app"), inTest: []string{"e2e/harness"}},
	{path: "e2e", below: with(everything, "e2e/harness", "demo")},
	{path: "", below: []string{"app", "app/monitor", "demo"}}, // main
}

var (
	scripted = []string{"simulator", "bot/telegram/scripted"}

	domain = []string{"incident"}
	words  = []string{"incident", "outbox"}
	stores = []string{"incident", "outbox", "conversation", "internal/failpoint"}
	turns  = append(slices.Clone(stores), "bot/telegram", "bot/delivery", "bot/notify", "bot/inbox", "internal/loop")

	everything = append(slices.Clone(turns), "simulator", "desk", "storage", "mailer", "mailer/mailbox", "bot/mail", "bot/reporter", "bot/desk", "bot",
		"app/config", "app/monitor", "app/selfcheck", "app")
)

func with(some []string, more ...string) []string { return append(slices.Clone(some), more...) }

// TestArrows holds the rooms apart, so that each can be read on its own. No
// arrow goes back up, those of tests included.
func TestArrows(t *testing.T) {
	t.Parallel()
	for k, r := range rooms {
		for _, other := range append(slices.Clone(r.below), r.inTest...) {
			if !slices.ContainsFunc(rooms[:k], func(r room) bool { return r.path == other }) {
				t.Errorf("the table lets %q import %q, which is not below it", r.path, other)
			}
		}
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports ","}} {{join .TestImports ","}},{{join .XTestImports ","}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		path := strings.TrimPrefix(strings.TrimPrefix(cells[0], "intakebot"), "/")
		k := slices.IndexFunc(rooms, func(r room) bool { return r.path == path })
		if k < 0 {
			t.Errorf("%s is not a room: add it to docs/architecture.md and to this test", path)
			continue
		}
		r := rooms[k]
		r.holds(t, cells[1], r.below)
		r.holds(t, cells[2], append(slices.Clone(r.below), r.inTest...))
	}
}

// holds finds the imports of ours that are not allowed.
func (r room) holds(t *testing.T, imports string, allowed []string) {
	t.Helper()
	for imported := range strings.SplitSeq(imports, ",") {
		other, own := strings.CutPrefix(imported, "intakebot/")
		if own && other != r.path && !slices.Contains(allowed, other) {
			t.Errorf("%q imports %q", r.path, other)
		}
	}
}

// pure are the rooms that take time and identifiers as values.
var pure = []string{"incident", "outbox", "conversation", "desk"}

// TestPure: what is pure does no I/O, knows no clock but the one that it is
// given, and logs nothing; the domain needs nothing but Go.
func TestPure(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports ","}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		path = strings.TrimPrefix(path, "intakebot/")
		if !slices.Contains(pure, path) {
			continue
		}
		for imported := range strings.SplitSeq(imports, ",") {
			if impure[imported] || path == "incident" && strings.Contains(imported, ".") {
				t.Errorf("%s is pure and imports %s", path, imported)
			}
		}
	}
}

var impure = map[string]bool{
	"context": true, "os": true, "net": true, "net/http": true, "log/slog": true, "math/rand": true, "math/rand/v2": true,
	"crypto/rand": true, "database/sql": true,
}
