package e2e

import (
	"slices"
	"syscall"
	"time"

	"intakebot/e2e/harness"
	"intakebot/internal/failpoint"
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
	p := r.Mortal(at, 1+r.IntN(12)/(1+r.IntN(6))) // sooner rather than later
	if p.Dies(lifeMost) {
		return string(at)
	}
	p.Kill() // it did not come by so often
	return anyMoment
}

const anyMoment = "any moment"

func (r *killRun) atAnyMoment(moment time.Duration) string {
	r.Helper()
	r.lives(moment).Kill()
	return anyMoment
}

// lives is the program, as old as that.
func (r *killRun) lives(moment time.Duration) *harness.Process {
	r.Helper()
	p := r.Mortal("", 0)
	p.Dies(moment)
	return p
}

func (r *killRun) whileItStops(moment time.Duration) string {
	r.Helper()
	p := r.lives(moment)
	_ = p.Cmd.Process.Signal(syscall.SIGTERM)
	p.Dies(time.Duration(r.IntN(int(100 * time.Millisecond))))
	p.Kill()
	return "while it stops"
}

// whileRedisPauses: what a turn did in the register is done, its conversation
// is not saved.
func (r *killRun) whileRedisPauses(moment time.Duration) string {
	r.Helper()
	p := r.lives(moment)
	r.Harness.Redis("CLIENT", "PAUSE", "1000", "WRITE")
	p.Dies(moment / 4)
	p.Kill()
	r.Harness.Redis("CLIENT", "UNPAUSE")
	return "while redis pauses"
}

// withRedis: either of them goes first.
func (r *killRun) withRedis(moment time.Duration) string {
	r.Helper()
	p := r.lives(moment)
	if r.IntN(2) == 0 {
		p.Kill()
		r.redis.kill()
	} else {
		r.redis.kill()
		p.Dies(moment / 4)
		p.Kill()
	}
	r.redis.start()
	return "with redis"
}
