package harness

import (
	"intakebot/incident"
)

// Status waits until the register holds the incident in that state.
func (h *Harness) Status(n incident.Number, want incident.Status) incident.Incident {
	h.Helper()
	i, err := h.Program.Register.Incident(h.Within(), n)
	if err != nil || i.Status != want {
		h.Fatalf("%s is %q in the register, want %q (%v)", n, i.Status, want, err)
	}
	return i
}
