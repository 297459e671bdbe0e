package harness

import (
	"slices"
	"strings"

	"intakebot/incident"
	"intakebot/storage"
)

// Filed are the incidents of the register, oldest first; there must be so many.
func (h *Harness) Filed(want int) []incident.Incident {
	h.Helper()
	r, err := storage.OpenReader(h.Context(), h.Env["SQLITE_PATH"])
	if err != nil {
		h.Fatal(err)
	}
	defer r.Close()
	var all []incident.Incident
	for _, p := range h.Telegram.People() {
		reporter, err := r.Reporter(h.Context(), p.ID())
		if err != nil {
			h.Fatal(err)
		}
		all = append(all, reporter.Incidents...)
	}
	if len(all) != want {
		h.Fatalf("the register holds %d incidents, not %d", len(all), want)
	}
	slices.SortFunc(all, func(a, b incident.Incident) int { return strings.Compare(string(a.Number), string(b.Number)) })
	return all
}
