package incident

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

var canonical = regexp.MustCompile(`^\d{2}-\d{5,}-\d$`)

// FuzzParseNumber: what is read as a number is one in the form in which it is
// shown, is read again unchanged and found in a sentence; one wrong digit is
// always noticed.
func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"26-00001-0", "№ 26–00001–0", "26000010", "26-00001-4", "26 00001 0", "№\u00a026-123456-7",
		"26-00001-0\n", "٢٦-00001-0", "26-" + strings.Repeat("0", 5000) + "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		n, err := ParseNumber(typed)
		if err != nil {
			if n != "" || !errors.Is(err, ErrNotNumber) && !errors.Is(err, ErrMistyped) {
				t.Fatalf("%q: %q, %v", typed, n, err)
			}
			return
		}
		if !canonical.MatchString(n.String()) || len(n) > 24 {
			t.Fatalf("%q is read as %q", typed, n)
		}
		if again, err := ParseNumber(n.String()); again != n || err != nil {
			t.Fatalf("%q, then %q, %v", n, again, err)
		}
		if found := FindNumbers("Обращение №\u00a0" + n.String() + "."); !slices.Equal(found, []Number{n}) {
			t.Fatalf("%q is found as %q", n, found)
		}
		for i := range len(n) {
			if n[i] == '-' {
				continue
			}
			wrong := n[:i] + Number('0'+(n[i]-'0'+1)%10) + n[i+1:]
			if _, err := ParseNumber(wrong.String()); !errors.Is(err, ErrMistyped) {
				t.Fatalf("%q with a wrong digit, %q: %v", n, wrong, err)
			}
		}
	})
}

// FuzzPhone: a stored number, whatever it holds, is shown with all of its
// digits and stored again as it was.
func FuzzPhone(f *testing.F) {
	for _, seed := range []string{"+73522428001;ext=155", "+79125551234", "+7352", "", ";ext=", "+7352242800а", "+73531212345;ext=1;ext=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		p := ParsePhone(stored)
		if again := ParsePhone(p.Stored()); again != p {
			t.Fatalf("%q: %+v, stored and read %+v", stored, p, again)
		}
		for _, shown := range []string{p.String(), p.Dial()} {
			if digits(shown) != digits(p.E164)+digits(p.Extension) {
				t.Fatalf("%q is shown as %q", stored, shown)
			}
			if utf8.ValidString(stored) && !utf8.ValidString(shown) {
				t.Fatalf("%q is shown as broken UTF-8: %q", stored, shown)
			}
		}
	})
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// FuzzCut: a shortened text keeps to its limit, is the beginning of the whole
// one and breaks no character.
func FuzzCut(f *testing.F) {
	f.Add("Нет связи с утра", 8)
	f.Add("👩‍👩‍👧‍👦 семья", 5)
	f.Add(strings.Repeat("\U0001F469", 50), 7)
	f.Add("  \n ", 2)
	f.Add("\xff\xfe битый", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = limit&0xfff + 1
		short := CutUnits(text, limit)
		if n := len(utf16.Encode([]rune(short))); n > limit {
			t.Fatalf("%q cut at %d has %d units", text, limit, n)
		}
		runes, was := Cut(text, limit)
		if n := utf8.RuneCountInString(runes); n > limit || was != (runes != text) {
			t.Fatalf("%q cut at %d: %q, %v", text, limit, runes, was)
		}
		for _, s := range []string{short, runes} {
			if s != text && (!strings.HasSuffix(s, "…") || utf8.ValidString(text) && !strings.HasPrefix(text, strings.TrimSuffix(s, "…"))) {
				t.Fatalf("%q cut at %d is %q", text, limit, s)
			}
			if utf8.ValidString(text) && !utf8.ValidString(s) {
				t.Fatalf("%q cut at %d breaks a character: %q", text, limit, s)
			}
		}
	})
}
