package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"intakebot/internal/failpoint"
)

// Unpaced in asProgram is serve without Telegram's limits and with a short
// probation, so that more happens between two kills.
const Unpaced = "unpaced"

// killable is this very binary with the failpoints compiled in, built once a
// run of the tests.
var killable = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "intakebot-killable-")
	if err != nil {
		return "", err
	}
	killableIn = folder
	path := filepath.Join(folder, "intakebot.test")
	out, err := exec.Command("go", "test", "-c", "-tags", "failpoint", "-o", path, "./e2e").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build with failpoints: %w\n%s", err, out)
	}
	return path, nil
})

var killableIn string // its folder, once built

func RemoveKillable() {
	if killableIn != "" {
		_ = os.RemoveAll(killableIn)
	}
}

// Mortal starts the program, to be killed at the n-th pass of a point; "" for
// none. What it writes goes to the harness's log.
func (h *Harness) Mortal(at failpoint.Point, n int) *Process {
	h.Helper()
	return h.mortalAs(Unpaced, at, n)
}

// MortalCommand is the same of another command than serve, at its first pass.
func (h *Harness) MortalCommand(at failpoint.Point, args ...string) *Process {
	h.Helper()
	return h.mortalAs("1", at, 1, args...)
}

func (h *Harness) mortalAs(program string, at failpoint.Point, n int, args ...string) *Process {
	h.Helper()
	path, err := killable()
	if err != nil {
		h.Fatal(err)
	}
	p := &Process{t: h.TB, Cmd: exec.Command(path, args...), Out: h.Logged}
	p.Cmd.Env = []string{AsProgram + "=" + program}
	if at != "" {
		p.Cmd.Env = append(p.Cmd.Env, fmt.Sprintf("FAILPOINT=%s:%d", at, n))
	}
	p.start(h.Env)
	return p
}

// Dies waits until the process has ended by itself; false when it does not.
func (p *Process) Dies(within time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(within):
		return false
	}
}

// Revives starts the program again when the process has ended; stop when there
// is no need any more.
func (h *Harness) Revives(p *Process) (stop func()) {
	over := make(chan struct{})
	var reviver sync.WaitGroup
	reviver.Go(func() {
		select {
		case <-p.ended:
			h.Mortal("", 0)
		case <-over:
		}
	})
	return func() { close(over); reviver.Wait() }
}
