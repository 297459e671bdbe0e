package e2e

import (
	"fmt"
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestSearchPages: a search is paged by buttons in the message that names what
// was looked for, without a number in its first line; one that finds nothing says
// how to search.
func TestSearchPages(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna, vera := h.Clerk(), h.Clerk()
	n := anna.Files()
	vera.Files()
	for k := range 11 {
		[]*harness.Clerk{anna, vera}[k%2].FilesAgain(fmt.Sprintf("Нет связи, насос %d.", k))
	}
	page := h.Engineer.Ask("/search насоса <", "Найдено: 11", "Искали: насоса <")
	shown := harness.NumberForm.FindAllString(page.Body(), -1)
	if len(shown) != 10 || harness.NumberForm.MatchString(page.FirstLine()) || !strings.Contains(page.FirstLine(), "Найдено") {
		t.Errorf("the first page:\n%s", page.Body())
	}
	h.Engineer.PressOn(page.ID, "Дальше")
	h.Engineer.AwaitView(func(all []simulator.Message) bool {
		for _, m := range all {
			if m.ID == page.ID {
				return len(harness.NumberForm.FindAllString(m.Body(), -1)) == 1 && strings.Contains(m.Body(), "Искали: насоса <")
			}
		}
		return false
	})
	h.Engineer.Ask("/search "+string(n)[3:8], "Найдено: 1", string(n))
	h.Engineer.Ask("/search 8 (3522) 42-80-01", "Найдено: 13")
	h.Engineer.Ask("/search принтер", "Найдено: 0", "по номеру или его части", "начало слова")
}
