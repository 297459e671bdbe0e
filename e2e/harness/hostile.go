package harness

import (
	"time"
)

// NothingAside waits until every update is worked on; none may be set aside.
func (h *Harness) NothingAside() {
	h.Helper()
	ctx := h.Within()
	for {
		c, err := h.Program.Register.Counts(ctx)
		if err != nil || c.Quarantined != 0 {
			h.Fatalf("%d updates in quarantine, %d waiting, %v", c.Quarantined, c.Waiting, err)
		}
		if c.Waiting == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
