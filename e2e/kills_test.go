package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/internal/failpoint"
	"intakebot/simulator"
)

var (
	killsMost = flag.Int("kills", 10, "how often TestKills kills the program")
	killsSeed = flag.Uint64("kills.seed", 1, "the seed of its first run, which has a hundred kills at most")
)

// TestKills: several people file incidents and support works on them while the
// program is killed again and again, at its failpoints, at any moment, while it
// stops, together with its redis-server, and started at once on the same data.
// Afterwards the oracle finds nothing lost and nothing done twice.
//
// A run that fails is played again by -kills.seed; what happens at the same
// time is not in our hands.
func TestKills(t *testing.T) {
	t.Parallel()
	const each = 100
	var total toll
	for k := 0; k*each < *killsMost; k++ {
		seed := *killsSeed + uint64(k)
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			r := newKillRun(t, seed)
			r.plays(min(each, *killsMost-k*each))
			total.add(r.toll)
		})
	}
	t.Logf("\n%s", &total)
	if longest := total.longest(); longest > pollsWithin {
		t.Errorf("polling again took %v", longest)
	}
}

// pollsWithin is how long a start may take until it polls: ten times what was
// promised, which a machine with other things to do may need.
const pollsWithin = 20 * time.Second

// killRun is a day on which the program lives many short lives.
type killRun struct {
	*harness.Harness
	*rand.Rand
	ledger *harness.Ledger
	toll   toll
	redis  *faultyRedis
	over   chan struct{} // closed when people have done enough

	mu    sync.Mutex
	filed []filing
	died  time.Time // of the process before, until this one polls
}

func newKillRun(t *testing.T, seed uint64) *killRun {
	r := &killRun{Rand: rand.New(rand.NewPCG(seed, 0)), ledger: &harness.Ledger{}, over: make(chan struct{})}
	r.Harness = harness.Start(t, harness.InRealTime, harness.Troubled, harness.Closed, harness.With("LOG_LEVEL", "info"), harness.With("QUIET_HOURS", "off"), func(h *harness.Harness) { r.redis = overLastingRedis(h) })
	r.Telegram.Fault(simulator.Fault{Methods: []string{"getUpdates"}, Match: func(c simulator.Call) bool {
		if c.Params["limit"] != "1" { // else it listens whether somebody else is there
			r.polls()
		}
		return false
	}})
	return r
}

// polls notes how long it took until the program asked for updates again.
func (r *killRun) polls() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.died.IsZero() {
		r.toll.starts = append(r.toll.starts, time.Since(r.died))
		r.died = time.Time{}
	}
}

// plays kills so often and judges what came of it.
func (r *killRun) plays(kills int) {
	schema := []failpoint.Point{failpoint.BeforeSchema, failpoint.AfterSchema}[r.IntN(2)]
	if p := r.Mortal(schema, 1); !p.Dies(harness.Patience) {
		r.Errorf("not killed at %s", schema)
	}
	r.dead(string(schema))
	var people sync.WaitGroup
	for range 5 {
		r.lets(&people, &killClerk{killRun: r, Clerk: r.Clerk()})
	}
	for _, name := range []string{"Ольга", "Пётр <3", "Иван"} {
		r.lets(&people, &killStaff{killRun: r, Must: r.Group.Staff(name, "Белый").Must(r)})
	}
	r.firstLife()
	for range kills - 2 {
		r.life()
	}
	p := r.Mortal("", 0)
	close(r.over)
	people.Wait()
	r.Rests()
	r.Judged(r.ledger)
	r.numbersAreTrue()
	r.redis.kill()
	p.Stops()
	r.toll.incidents = len(r.filed)
	r.toll.letters = len(r.Mail.Letters())
	r.toll.updates = r.Telegram.Counters().Confirmed
	r.toll.sent = r.Telegram.Counters().Sent
}

// firstLife ends once the program has taken updates: those who come after a
// process that did so a moment ago go on at once.
func (r *killRun) firstLife() {
	r.Helper()
	p := r.Mortal("", 0)
	confirms := func(c simulator.Call) bool { return c.Method == "getUpdates" && c.Params["offset"] != "" }
	if _, err := r.Telegram.AwaitCall(r.Within(), confirms); err != nil {
		r.Fatal(err)
	}
	p.Kill()
	r.dead(anyMoment)
}

// lets a person act, now and then, until it is over.
func (r *killRun) lets(people *sync.WaitGroup, who interface{ acts(*rand.Rand) }) {
	own := rand.New(rand.NewPCG(r.Uint64(), 0))
	people.Go(func() {
		for {
			who.acts(own)
			select {
			case <-r.over:
				return
			case <-time.After(time.Duration(own.IntN(400)) * time.Millisecond):
			}
		}
	})
}

// life is one life of the program.
func (r *killRun) life() {
	r.Helper()
	lot := r.IntN(11)
	for _, d := range deaths {
		if lot -= d.weight; lot < 0 {
			r.dead(d.dies(r, time.Duration(r.IntN(int(lifeMost)))))
			return
		}
	}
}

// dead: the process is, and the next may begin.
func (r *killRun) dead(how string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.died = time.Now()
	r.toll.killed(how)
}

// numbersAreTrue: under the number that a person read stands what she wrote.
func (r *killRun) numbersAreTrue() {
	r.Helper()
	incidents := r.FiledIncidents()
	for _, f := range r.filed {
		if i, ok := incidents[f.number]; !ok || !strings.Contains(i.Description(), f.word) {
			r.Errorf("%s of %s is %q in the register", f.number, f.word, i.Description())
		}
	}
}
