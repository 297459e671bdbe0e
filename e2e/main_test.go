package e2e

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"

	"intakebot/app"
	"intakebot/app/monitor"
	"intakebot/demo"
	"intakebot/e2e/harness"
)

// TestMain is also the program itself: a test that needs a process to kill
// starts its own binary with harness.AsProgram in the environment.
func TestMain(m *testing.M) {
	switch os.Getenv(harness.AsProgram) {
	case "":
	case harness.Unpaced:
		os.Exit(runUnpaced())
	default:
		os.Exit(app.Main(monitor.Build{Version: "dev"}, demo.Command))
	}
	// They read the pages and list the packages of the whole repository.
	if err := os.Chdir(".."); err != nil {
		panic(err)
	}
	// These tests wait far more than they work.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		harness.RemoveKillable()
		os.Exit(code)
	}))
}
