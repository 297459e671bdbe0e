package incident

import (
	"slices"
	"testing"
)

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"Фёдоров-Щучанский, 42":              {"федоров", "щучанский", "42"},
		"Фе\u0308доров Щучанскии\u0306":      {"федоров", "щучанский"},
		"за\u0301мок; переда\u00adча\u200b!": {"замок", "передача"},
		"И\u0306ОД":          {"йод"},
		" … ":                nil,
		"anna@ADM.kurgan.ru": {"anna", "adm", "kurgan", "ru"},
	} {
		if got := Words(text); !slices.Equal(got, want) {
			t.Errorf("Words(%q) is %q, want %q", text, got, want)
		}
	}
}
