package e2e

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"intakebot/conversation"
	"intakebot/e2e/harness"
)

// TestARowGoesTheWholeWay adds a row to the table and nothing else: the scripted
// demonstration asks it, a few people who file at once answer it, and the card,
// both letters and the export hold it. It is not parallel, as the table is
// everybody's.
func TestARowGoesTheWholeWay(t *testing.T) {
	before := conversation.Steps
	t.Cleanup(func() { conversation.Steps = before })
	conversation.Steps = slices.Insert(slices.Clone(before), 2, conversation.Step{
		Key: "floor", Label: "Этаж", Ask: "На каком этаже вы работаете?", Example: "4",
	})
	const shown = "Этаж: 4"
	var out, errs bytes.Buffer
	if code := runs(t.Context(), []string{"demo", "--script"}, &out, &errs); code != 0 {
		t.Fatalf("demo --script: exit code %d\n%s", code, &errs)
	}
	if got := strings.Count(out.String(), shown); got < 4 { // summary, card, two letters
		t.Errorf("the demonstration says %q %d times:\n%s", shown, got, &out)
	}

	h := harness.Start(t)
	numbers, _ := h.Storm(3)
	for _, n := range numbers {
		h.Card(n, shown)
	}
	anna := h.Clerk()
	n := anna.Files()
	anna.Escalates(n, "Связи по-прежнему нет.")
	for box, nth := range map[string]int{harness.SupportBox: 4, harness.UITBox: 1} {
		if l := h.Letter(box, nth); !harness.Holds(l.Text(), shown) || !harness.Holds(l.HTML(), "Этаж") {
			t.Errorf("the letter to %s lacks the row:\n%s", box, l.Text())
		}
	}
	checkRowExported(t, h)
}

// checkRowExported: the register has a column of the row, filled in.
func checkRowExported(t *testing.T, h *harness.Harness) {
	t.Helper()
	for name, value := range h.Env {
		t.Setenv(name, value)
	}
	path := filepath.Join(t.TempDir(), "register.csv")
	var out, errs bytes.Buffer
	if code := runs(t.Context(), []string{"export", path}, &out, &errs); code != 0 {
		t.Fatalf("export: exit code %d\n%s", code, &errs)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	table.Comma = ';'
	rows, err := table.ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	column := slices.Index(rows[0], "Этаж")
	for _, row := range rows[1:] {
		if column < 0 || row[column] != "4" {
			t.Errorf("the export lacks the row of the table: %q", row)
		}
	}
}
