package conversation

import (
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// TestSplit: the parts are the text, none is too long, and words stay whole.
func TestSplit(t *testing.T) {
	if got := split("коротко"); len(got) != 1 || got[0] != "коротко" {
		t.Errorf("%q", got)
	}
	for _, part := range split(strings.Repeat("слово ", 2000)) {
		if !strings.HasPrefix(part, "слово") || !strings.HasSuffix(part, " ") {
			t.Errorf("a word is cut: %q…%q", part[:10], part[len(part)-10:])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]string{"а", "👌", "слово ", "\n", "длинноесловобезпробелов"})
		text := strings.Join(rapid.SliceOfN(unit, 0, 3000).Draw(t, "units"), "")
		text = strings.Repeat(text, rapid.IntRange(1, 4).Draw(t, "times"))
		parts := split(text)
		if strings.Join(parts, "") != text {
			t.Fatal("the parts are not the text")
		}
		for _, part := range parts {
			if n := len(utf16.Encode([]rune(part))); n > partMost || n == 0 && text != "" {
				t.Fatalf("a part of %d", n)
			}
		}
	})
}
