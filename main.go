// Intakebot takes incidents of a protected data network by Telegram: it asks a
// clerk what the regulation requires, registers the incident, shows it to
// technical support and, on request, writes to the government's IT department.
//
// See README.md for how to run it.
package main

import (
	"os"

	"intakebot/app"
	"intakebot/app/monitor"
	"intakebot/demo"
)

func main() { os.Exit(app.Main(monitor.Build{Version: version, Commit: commit}, demo.Command)) }

// version and commit are set by the linker for a release:
// -ldflags "-X main.version=1.2.3 -X main.commit=abcdef".
var version, commit = "dev", ""
