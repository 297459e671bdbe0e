package mailbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTrim: of each way in which programs quote, the answer is left. A file holds
// the text of a letter, a line of five signs, and what is left of it.
func TestTrim(t *testing.T) {
	files, err := filepath.Glob("testdata/quotes/*.txt")
	if err != nil || len(files) < 14 {
		t.Fatalf("%d forms of quoting, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, want, ok := strings.Cut(string(data), "\n=====\n")
			if !ok {
				t.Fatal("no line of five signs")
			}
			if diff := cmp.Diff(strings.TrimSpace(want), Trim(text)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if crlf := Trim(strings.ReplaceAll(text, "\n", "\r\n")); crlf != Trim(text) {
				t.Errorf("with CRLF: %q", crlf)
			}
		})
	}
}

func FuzzTrim(f *testing.F) {
	f.Add("Да.\n\n11.11.2026 10:15, Имя пишет:\n> Вопрос")
	f.Add("> а\nб\n> в")
	f.Fuzz(func(t *testing.T, text string) {
		got := Trim(text)
		if got == "" && tidy(text) != "" {
			t.Fatalf("nothing left of %q", text)
		}
		if len(got) > len(tidy(text)) {
			t.Fatalf("%q grew to %q", text, got)
		}
	})
}
