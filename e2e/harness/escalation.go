package harness

import (
	"intakebot/simulator"
)

// LetterAfter presses and waits for the first letter to УИТ.
func (h *Harness) LetterAfter(c *Clerk, label string) simulator.Letter {
	h.Helper()
	c.Press(label)
	return h.Letter(UITBox, 1)
}
