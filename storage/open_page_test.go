package storage

import (
	"testing"

	"intakebot/incident"
)

// TestOpenPage: who waits for an answer comes first, then age decides; what is
// solved is left out, and past the end comes the last page.
func TestOpenPage(t *testing.T) {
	r := fresh(t)
	var all []incident.Number
	for _, draft := range []string{"d1", "d2", "d3", "d4", "d5"} {
		all = append(all, filed(t, r, draft, 7).Number)
	}
	for k, a := range []incident.Act{
		{Number: all[3], Action: incident.Append, By: incident.ByReporter, Reporter: 7, Text: "Ну что?"},
		{Number: all[2], Action: incident.Append, By: incident.ByReporter, Reporter: 7, Text: "Хуже"},
		{Number: all[1], Action: incident.Append, By: incident.ByReporter, Reporter: 7, Text: "Ещё"},
		{Number: all[1], Action: incident.Relay, By: incident.ByDesk, Name: "Игорь", Text: "Смотрим"},
		{Number: all[0], Action: incident.Solve, By: incident.ByDesk, Name: "Игорь", Text: "Готово"},
	} {
		a.ID, a.At = string(rune('a'+k)), after(k+1)
		if _, _, err := r.Act(t.Context(), a, nil); err != nil {
			t.Fatal(err)
		}
	}
	for page, want := range map[int][]incident.Number{
		-1: {all[3], all[2], all[1]}, 0: {all[3], all[2], all[1]}, 1: {all[4]}, 9: {all[4]},
	} {
		found, err := r.OpenPage(t.Context(), page, 3)
		if err != nil || found.Total != 4 {
			t.Fatalf("%+v, %v", found, err)
		}
		var got []incident.Number
		for _, i := range found.Incidents {
			got = append(got, i.Number)
		}
		same(t, "page", got, want)
	}
}
