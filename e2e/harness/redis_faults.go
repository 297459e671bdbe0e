package harness

import (
	"fmt"
)

// AwaitReady waits for that answer of /readyz.
func (h *Harness) AwaitReady(want int, parts ...string) {
	h.Helper()
	Eventually(h, fmt.Sprint("/readyz: ", want, parts), func() bool {
		code, body := h.Get("/readyz")
		return code == want && Holds(body, parts...)
	})
}
