package e2e

import (
	"strconv"

	"intakebot/e2e/harness"
)

// id is the person's, as JSON has it.
func id(c *harness.Clerk) string { return strconv.FormatInt(c.ChatID(), 10) }
