package main

import (
	"slices"
	"syscall"
	"time"

	"intakebot/failpoint"
)

// lifeMost is how long a life lasts at most.
const lifeMost = 800 * time.Millisecond

// deaths are the ways to die, each as often as its weight says, of eleven. They
// start the program, let it live until a moment, kill it and say how.
var deaths = []struct {
	weight int
	dies   func(r *killRun, moment time.Duration) (how string)
}{
	{5, (*killRun).atAPoint},
	{3, (*killRun).atAnyMoment},
	{1, (*killRun).whileItStops},
	{1, (*killRun).whileRedisPauses},
	{1, (*killRun).withRedis},
}

// lively are the points that every life passes.
var lively = failpoint.Points[slices.Index(failpoint.Points, failpoint.BeforeCommit):]

func (r *killRun) atAPoint(time.Duration) string {
	r.Helper()
	at := lively[r.IntN(len(lively))]
	p := r.mortal(at, 1+r.IntN(12)/(1+r.IntN(6))) // sooner rather than later
	if p.dies(lifeMost) {
		return string(at)
	}
	p.kill() // it did not come by so often
	return anyMoment
}

const anyMoment = "any moment"

func (r *killRun) atAnyMoment(moment time.Duration) string {
	r.Helper()
	r.lives(moment).kill()
	return anyMoment
}

// lives is the program, as old as that.
func (r *killRun) lives(moment time.Duration) *process {
	r.Helper()
	p := r.mortal("", 0)
	p.dies(moment)
	return p
}

func (r *killRun) whileItStops(moment time.Duration) string {
	r.Helper()
	p := r.lives(moment)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	p.dies(time.Duration(r.IntN(int(100 * time.Millisecond))))
	p.kill()
	return "while it stops"
}

// whileRedisPauses: what a turn did in the register is done, its conversation
// is not saved.
func (r *killRun) whileRedisPauses(moment time.Duration) string {
	r.Helper()
	p := r.lives(moment)
	r.house.redis("CLIENT", "PAUSE", "1000", "WRITE")
	p.dies(moment / 4)
	p.kill()
	r.house.redis("CLIENT", "UNPAUSE")
	return "while redis pauses"
}

// withRedis: either of them goes first.
func (r *killRun) withRedis(moment time.Duration) string {
	r.Helper()
	p := r.lives(moment)
	if r.IntN(2) == 0 {
		p.kill()
		r.redis.kill()
	} else {
		r.redis.kill()
		p.dies(moment / 4)
		p.kill()
	}
	r.redis.start()
	return "with redis"
}
