package harness

import (
	"strings"
)

// Asks runs a command in an environment and holds it to its exit code and words.
func (h *Harness) Asks(env map[string]string, command string, code int, says ...string) *Process {
	h.Helper()
	p := StartProcess(h, env, strings.Fields(command)...)
	if got := p.Code(); got != code || !Holds(p.Out.String(), says...) {
		h.Errorf("%s %v: exit code %d, want %d and %q:\n%s", command, env, got, code, says, p.Out)
	}
	return p
}
