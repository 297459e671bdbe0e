package harness

import (
	"intakebot/incident"
	"intakebot/storage"
)

// FiledIncidents is the register.
func (h *Harness) FiledIncidents() map[incident.Number]incident.Incident {
	h.Helper()
	r, err := storage.OpenReader(h.Within(), h.Env["SQLITE_PATH"])
	if err != nil {
		h.Fatal(err)
	}
	defer r.Close()
	all := map[incident.Number]incident.Incident{}
	err = r.Each(h.Within(), incident.Period{}, func(i incident.Incident) error { all[i.Number] = i; return nil })
	if err != nil {
		h.Fatal(err)
	}
	return all
}
