package e2e

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
)

// TestAnswerCountsOnce: the answer to a question of the desk is passed on, and
// the program dies before the conversation is saved. After the start the words
// are not offered to go somewhere else: they are where they belong.
func TestAnswerCountsOnce(t *testing.T) {
	t.Parallel()
	folder := quickFolder(t)
	synctest.Test(t, func(t *testing.T) {
		y := beginYear(t, 4, folder)
		y.peace = true
		y.alive().light(fuse{})
		anna, engineer := y.people[0], y.staff[0]
		anna.files()
		n := anna.registered()[0].number
		engineer.Send("/ask " + string(n) + " Какая модель?")
		time.Sleep(5 * time.Second)

		y.alive().light(fuse{"drafts save, before", 1})
		anna.says(harness.WordAdded, true, "Модель HW100, %s", anna.Send)
		time.Sleep(5 * time.Second)
		if y.alive().died() == "" {
			t.Fatal("the program lives")
		}
		y.crash("")
		time.Sleep(5 * time.Second)
		if last := anna.Last(); !strings.Contains(last.Body(), "Добавили к обращению") {
			t.Errorf("the person reads:\n%s", anna.Screen())
		}
		i, err := y.alive().parts.Register.Incident(t.Context(), n)
		if added := i.History[len(i.History)-1]; err != nil || added.Kind != incident.KindAdded {
			t.Errorf("%+v, %v", added, err)
		}
		y.drains()
		y.judged()
	})
}
