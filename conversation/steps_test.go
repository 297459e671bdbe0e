package conversation

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExamplesAreAnswers: what a question names as an example is taken.
func TestExamplesAreAnswers(t *testing.T) {
	for _, step := range Steps {
		if _, complaint := step.Check(step.Example); complaint != "" {
			t.Errorf("%s: the example %q is refused: %s", step.Label, step.Example, complaint)
		}
		if again, ok := StepAsked(question(step, "")); !ok || again.Key != step.Key {
			t.Errorf("%s: its question is not known by its first line", step.Label)
		}
	}
}

// TestAFieldIsOneRow adds a row to the table, and all that people read of the
// report follows.
func TestAFieldIsOneRow(t *testing.T) {
	before := Steps
	t.Cleanup(func() { Steps = before })
	Steps = slices.Insert(slices.Clone(before), 2, Step{
		Key: "floor", Label: "Этаж", Ask: "На каком этаже вы работаете?", Example: "4",
	})
	w := newWorld(t)
	w.d.Consent = BuiltInConsent(w.d.Line)
	w.do(Command{Name: "start"})
	consent := w.said[0]
	for _, want := range []string{questions(len(Steps)), "организация, ФИО, этаж, "} {
		if !strings.Contains(consent, want) {
			t.Errorf("%q is not said:\n%s", want, consent)
		}
	}
	i := w.reported()
	if got := i.Answers.Get("floor"); got != "4" {
		t.Errorf("the new answer is %q", got)
	}
	said := strings.Join(w.said, "\n")
	for _, want := range []string{fmt.Sprintf("Этаж — шаг 3 из %d", len(Steps)), fmt.Sprintf("Описание — шаг %d из %[1]d", len(Steps)), "Этаж: 4"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said:\n%s", want, said)
		}
	}
	if long, complaint := Steps[2].Check(strings.Repeat("1", answerMost+1)); complaint == "" {
		t.Errorf("%d characters are taken", len(long))
	}
	files, err := filepath.Glob("testdata/dialog/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		was, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		now := play(t, string(was), true)
		if again := play(t, now, false); again != now {
			t.Errorf("%s cannot be rewritten", file)
		}
		if strings.Contains(string(was), "Телефон — шаг") && !strings.Contains(now, "Этаж") {
			t.Errorf("%s does not hold the new question", file)
		}
	}
	Steps = slices.Delete(slices.Clone(before), 1, 2)
	for _, file := range files {
		was, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if now := play(t, string(was), true); strings.Contains(now, "ФИО — шаг") {
			t.Errorf("%s still holds the question that is gone", file)
		}
	}
}
