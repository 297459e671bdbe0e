package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"intakebot/bot"
	"intakebot/failpoint"
)

// unpaced in asProgram is serve without Telegram's limits and with a short
// probation, so that more happens between two kills.
const unpaced = "unpaced"

func runUnpaced() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, mistakes := readSettings(os.LookupEnv)
	err := mistaken(mistakes)
	if err == nil {
		probation := 100 * time.Millisecond
		err = serve(ctx, s, logger(s, os.Stderr), world{build: Build{Version: "dev"}, limits: &bot.Limits{}, probation: &probation})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "intakebot:", err)
		return 1
	}
	return 0
}

// killable is this very binary with the failpoints compiled in, built once a
// run of the tests.
var killable = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "intakebot-killable-")
	if err != nil {
		return "", err
	}
	killableIn = folder
	path := filepath.Join(folder, "intakebot.test")
	out, err := exec.Command("go", "test", "-c", "-tags", "failpoint", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build with failpoints: %w\n%s", err, out)
	}
	return path, nil
})

var killableIn string // its folder, once built

func removeKillable() {
	if killableIn != "" {
		_ = os.RemoveAll(killableIn)
	}
}

// mortal starts the program, to be killed at the n-th pass of a point; "" for
// none. What it writes goes to the house's log.
func (h *house) mortal(at failpoint.Point, n int) *process {
	h.Helper()
	return h.mortalAs(unpaced, at, n)
}

// mortalCommand is the same of another command than serve, at its first pass.
func (h *house) mortalCommand(at failpoint.Point, args ...string) *process {
	h.Helper()
	return h.mortalAs("1", at, 1, args...)
}

func (h *house) mortalAs(program string, at failpoint.Point, n int, args ...string) *process {
	h.Helper()
	path, err := killable()
	if err != nil {
		h.Fatal(err)
	}
	p := &process{t: h.TB, cmd: exec.Command(path, args...), out: h.log}
	p.cmd.Env = []string{asProgram + "=" + program}
	if at != "" {
		p.cmd.Env = append(p.cmd.Env, fmt.Sprintf("FAILPOINT=%s:%d", at, n))
	}
	p.start(h.env)
	return p
}

// dies waits until the process has ended by itself; false when it does not.
func (p *process) dies(within time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(within):
		return false
	}
}

// revives starts the program again when the process has ended; stop when there
// is no need any more.
func (h *house) revives(p *process) (stop func()) {
	over := make(chan struct{})
	var reviver sync.WaitGroup
	reviver.Go(func() {
		select {
		case <-p.ended:
			h.mortal("", 0)
		case <-over:
		}
	})
	return func() { close(over); reviver.Wait() }
}

// overLastingRedis: drafts live in a redis-server that keeps them through kill -9.
func overLastingRedis(h *house) *faultyRedis {
	h.Helper()
	r := newRedis(h, withAOF...)
	h.env["REDIS_URL"] = r.url()
	return r
}
