package incident

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumber(t *testing.T) {
	// Damm's own example: 572 has the check digit 4.
	if damm("572") != 4 {
		t.Errorf("damm(572) = %d", damm("572"))
	}
	n := NewNumber(2026, 1)
	for _, typed := range []string{string(n), "№ " + string(n), "№\u00a0" + string(n), strings.ReplaceAll(string(n), "-", "–"),
		strings.ReplaceAll(string(n), "-", " "), strings.ReplaceAll(string(n), "-", "")} {
		if got, err := ParseNumber(typed); err != nil || got != n {
			t.Errorf("ParseNumber(%q) = %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "ой", "26-1-2", "+7 3522 428001", "26-00001-4-5"} {
		if _, err := ParseNumber(typed); !errors.Is(err, ErrNotNumber) {
			t.Errorf("ParseNumber(%q): %v", typed, err)
		}
	}
	if got := FindNumbers("по " + string(n) + " и 26-00001-9, снова " + string(n)); len(got) != 1 || got[0] != n {
		t.Errorf("FindNumbers = %v", got)
	}
}

// TestNumberFindsSlips: one wrong digit and two neighbours swapped are told
// from an unknown number.
func TestNumberFindsSlips(t *testing.T) {
	form := regexp.MustCompile(`\b\d{2}-\d{5,}-\d\b`)
	rapid.Check(t, func(t *rapid.T) {
		n := NewNumber(rapid.IntRange(2000, 2099).Draw(t, "year"), rapid.IntRange(1, 2_000_000).Draw(t, "seq"))
		if !form.MatchString(string(n)) {
			t.Fatalf("%q has not the form of a number", n)
		}
		digits := []byte(strings.ReplaceAll(string(n), "-", ""))
		at := rapid.IntRange(0, len(digits)-2).Draw(t, "at")
		slip := append([]byte{}, digits...)
		if rapid.Bool().Draw(t, "swap") {
			slip[at], slip[at+1] = slip[at+1], slip[at]
		} else {
			slip[at] = '0' + (slip[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		}
		_, err := ParseNumber(string(slip))
		if same := string(slip) == string(digits); same != (err == nil) || !same && !errors.Is(err, ErrMistyped) {
			t.Fatalf("%s typed as %s: %v", digits, slip, err)
		}
	})
}

// TestSplitNumber: the number is found, the rest is the text.
func TestSplitNumber(t *testing.T) {
	const n = Number("26-00001-0")
	for text, want := range map[string]struct {
		n    Number
		rest string
		err  error
	}{
		"26-00001-0":  {n, "", nil},
		"26-00001-0.": {n, "", nil},
		"№ 26-00001-0, приехал мастер":       {n, "приехал мастер", nil},
		"26000010 приехал":                   {n, "приехал", nil},
		"26 00001 0\nприехал\nмастер":        {n, "приехал\nмастер", nil},
		"26–00001–0 — 5 раз звонили":         {n, "5 раз звонили", nil},
		"26-00001-0 26-00002-9":              {n, "26-00002-9", nil},
		"по обращению 26-00001-0: всё плохо": {n, "по обращению 26-00001-0: всё плохо", nil},
		"26-00001-9 приехал":                 {"", "26-00001-9 приехал", ErrMistyped},
		"приехал мастер":                     {"", "приехал мастер", ErrNotNumber},
		"83522428001 позвоните":              {"", "83522428001 позвоните", ErrNotNumber},
		"8 3522 428001 позвоните":            {"", "8 3522 428001 позвоните", ErrNotNumber},
		"":                                   {"", "", ErrNotNumber},
		"ни 26-00001-0, ни 26-00002-9 не то": {"", "ни 26-00001-0, ни 26-00002-9 не то", ErrNotNumber},
	} {
		got, rest, err := SplitNumber(text)
		if got != want.n || rest != want.rest || !errors.Is(err, want.err) {
			t.Errorf("%q: %q, %q, %v", text, got, rest, err)
		}
	}
}
