package desk

import (
	"fmt"
	"strings"
	"testing"

	"intakebot/conversation"
	"intakebot/incident"
)

// TestNoticeFits: as many incidents as fit, counted as Telegram counts, each
// with its number and a line of its own, and none in the first line.
func TestNoticeFits(t *testing.T) {
	for what, c := range map[string]struct {
		organisation string
		count        int
		least, most  int
	}{
		"few":             {"Администрация Кетовского муниципального округа", 4, 4, 4},
		"many":            {"Администрация Кетовского муниципального округа", 200, 55, 200},
		"long names":      {strings.Repeat("Государственное бюджетное учреждение ", 10), 200, 45, 200},
		"markup":          {"ООО <b>«Рога & копыта»</b>", 200, 80, 200},
		"nothing but 😀":   {strings.Repeat("😀", 300), 200, 25, 200},
		"several lines":   {"Первая\nвторая\n\nтретья", 5, 5, 5},
		"no organisation": {"", 5, 5, 5},
	} {
		var news []incident.Incident
		for n := range c.count {
			news = append(news, incident.Incident{
				Number:  incident.NewNumber(2026, n+1),
				Answers: incident.Answers{{Key: incident.Organisation, Value: c.organisation}},
			})
		}
		html, named := NewIncidents(news)
		text := conversation.PlainText(html)
		if n := incident.Units(text); n > MessageMost {
			t.Errorf("%s: %d units", what, n)
		}
		if named < c.least || named > c.most {
			t.Errorf("%s: %d named", what, named)
		}
		if strings.Contains(text, "<b>Новых") || strings.Contains(html, "<b>«") {
			t.Errorf("%s: escaping\n%s", what, html)
		}
		first, rest, _ := strings.Cut(text, "\n")
		if len(incident.FindNumbers(first)) > 0 || !strings.Contains(first, fmt.Sprintf(": %d.", named)) {
			t.Errorf("%s: first line %q", what, first)
		}
		if got := incident.FindNumbers(rest); len(got) != named || got[0] != news[0].Number {
			t.Errorf("%s: names %v", what, got)
		}
		for line := range strings.Lines(rest) {
			if len(incident.FindNumbers(line)) > 1 {
				t.Errorf("%s: two in a line: %q", what, line)
			}
		}
	}
}

func TestShortened(t *testing.T) {
	for name, want := range map[string]string{
		"Администрация Кетовского муниципального округа":                                                   "Администрация Кетовского муниципального округа",
		"Государственное бюджетное учреждение здравоохранения «Курганская областная клиническая больница»": "Государственное … «Курганская областная клиническая больница»",
		"  Отдел \n ЗАГС ": "Отдел ЗАГС",
	} {
		if got := shortened(name); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if n := len([]rune(shortened(name))); n > 64 {
			t.Errorf("%d characters: %s", n, shortened(name))
		}
	}
	if got := shortened(strings.Repeat("ж", 300)); len([]rune(got)) > 64 {
		t.Errorf("one long word: %q", got)
	}
}
