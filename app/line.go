package app

import (
	"context"
	"io"

	"intakebot/app/config"
	"intakebot/incident"
)

// runLine prints the built-in support line as a LINE_FILE to start from.
func runLine(_ context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		return UsageError("usage: intakebot line")
	}
	return config.WriteLine(out, incident.RegulationLine())
}
