package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
)

const outageTold = "технический сбой"

// redisPromise bounds, for a machine that is busy with other tests too, what is
// promised within five seconds: that a person is told of an outage, and that
// everything goes on after it.
const redisPromise = 10 * time.Second

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRedisFaults: whatever befalls Redis, the person is told once, the desk
// works on, /readyz says so, no secret is logged, and everything goes on by
// itself; a draft is gone only where Redis itself forgot it.
func TestRedisFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		args         []string
		strike, mend func(r *faultyRedis)
		forgets      bool
	}{
		"killed, with AOF":    {args: withAOF, strike: (*faultyRedis).kill, mend: (*faultyRedis).start},
		"killed, without AOF": {strike: (*faultyRedis).kill, mend: (*faultyRedis).start, forgets: true},
		"paused": {
			strike: func(r *faultyRedis) { r.signal(syscall.SIGSTOP) },
			mend:   func(r *faultyRedis) { r.signal(syscall.SIGCONT) },
		},
		"out of memory": {
			args:   []string{"--maxmemory-policy", "noeviction"},
			strike: func(r *faultyRedis) { r.do("", "CONFIG", "SET", "maxmemory", "1") },
			mend:   func(r *faultyRedis) { r.do("", "CONFIG", "SET", "maxmemory", "0") },
		},
		"a replica that takes no writes": {
			strike: func(r *faultyRedis) { r.do("", "REPLICAOF", "127.0.0.1", "1") },
			mend:   func(r *faultyRedis) { r.do("", "REPLICAOF", "NO", "ONE") },
		},
		"another password": {
			strike: func(r *faultyRedis) {
				r.do("", "CONFIG", "SET", "requirepass", "canary-password")
				r.do("canary-password", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
			},
			mend: func(r *faultyRedis) { r.do("canary-password", "CONFIG", "SET", "requirepass", "") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			redis := newRedis(t, fault.args...)
			h := harness.Start(t, listening, harness.Troubled, harness.With("REDIS_URL", redis.url()))
			anna, vera := h.Clerk(), h.Clerk()
			n := vera.Files()
			h.Card(n)
			anna.Reaches("ФИО")

			fault.strike(redis)
			began := time.Now()
			anna.Send(harness.Usual[1].Answer)
			anna.AwaitText(outageTold, "8-800-200-79-32")
			if took := time.Since(began); took > redisPromise {
				t.Errorf("told after %v", took)
			}
			anna.Send("Есть кто живой?")
			anna.Send("/help")
			h.AwaitReady(http.StatusServiceUnavailable, "redis: ", "sqlite: ok", "telegram: ok")
			worksOn(h, vera, n)

			fault.mend(redis)
			began = time.Now()
			if fault.forgets {
				anna.AwaitText("Что умеет бот")
				anna.Ask("/new", harness.Usual[0].Field)
				anna.AnswersFrom(harness.Usual[0].Field)
			} else {
				anna.AwaitText("Телефон", "шаг ")
				anna.AwaitText("Что умеет бот")
				anna.AnswersFrom("Телефон")
			}
			if took := time.Since(began); took > redisPromise {
				t.Errorf("went on after %v", took)
			}
			h.Card(anna.Registers())
			h.AwaitReady(http.StatusOK)
			if got := anna.Count(outageTold); got != 1 {
				t.Errorf("told of the outage %d times:\n%s", got, anna.Screen())
			}
			if strings.Contains(h.Logged.String(), "canary-password") {
				t.Error("the log holds the password")
			}
		})
	}
}

// worksOn: what needs no draft is done at once: the desk's commands, the cards,
// the letters and what the person is told of them.
func worksOn(h *harness.Harness, c *harness.Clerk, n incident.Number) {
	h.Helper()
	c.Mark()
	h.Engineer.Send("/take " + string(n))
	c.AwaitText("взято в работу", string(n))
	h.Card(n, "в работе")
	h.Engineer.Mark()
	h.Engineer.Ask("/incident "+string(n), string(n))
	h.Letter(harness.SupportBox, 1)
	h.Status(n, incident.InProgress)
}

// TestRedisFlushed: a Redis that forgets everything in the middle of a draft
// loses the draft alone. The person can go on, her remembered answers and her
// incidents are in the register.
func TestRedisFlushed(t *testing.T) {
	t.Parallel()
	redis := newRedis(t)
	h := harness.Start(t, listening, harness.With("REDIS_URL", redis.url()))
	anna := h.Clerk()
	first := anna.Files()
	anna.Ask("/new", "Описание")
	redis.do("", "FLUSHALL")
	redis.do("", "SCRIPT", "FLUSH")
	h.AwaitReady(http.StatusOK)
	anna.Ask("/my", string(first))
	second := anna.FilesAgain("Снова нет связи, вся сеть.")
	if second == first {
		t.Errorf("%s twice", first)
	}
	h.Card(second)
	if got := anna.Count(outageTold); got != 0 {
		t.Errorf("told of an outage %d times", got)
	}
}

// TestRedisFailover: the master dies, Sentinel makes the replica the master, and
// the conversation goes on there by itself.
func TestRedisFailover(t *testing.T) {
	t.Parallel()
	master := newRedis(t)
	replica := newRedis(t, "--replicaof", "127.0.0.1 "+master.port)
	sentinel := newSentinel(t, master)
	harness.Eventually(t, "the sentinel knows the replica", func() bool { return sentinel.knows(1) })
	h := harness.Start(t, listening, harness.Troubled,
		harness.With("REDIS_URL", "redis://"+sentinel.address()+"/0?master_name=drafts&addr="+sentinel.address()))
	anna := h.Clerk()
	anna.Reaches("ФИО")
	harness.Eventually(t, "the replica has the draft", func() bool { return master.replicas() == 1 })
	master.kill()
	anna.Send(harness.Usual[1].Answer)
	anna.AwaitText("Телефон", "шаг ")
	anna.AnswersFrom("Телефон")
	h.Card(anna.Registers())
	h.AwaitReady(http.StatusOK)
	if got := anna.Count(outageTold); got > 1 {
		t.Errorf("told of the outage %d times:\n%s", got, anna.Screen())
	}
	_ = replica
}

var redisAway = flag.Duration("redis-away", 0, "let TestRedisAwayLong wait so long in real time; 0: by the clock of the test")

// TestRedisAwayLong: ten minutes without Redis. Twenty people write three
// messages each; every one is told once, the desk goes on, and nothing that was
// written is lost.
func TestRedisAwayLong(t *testing.T) {
	t.Parallel()
	redis := newRedis(t, withAOF...)
	h := harness.Start(t, listening, harness.Troubled, harness.With("REDIS_URL", redis.url()))
	vera := h.Clerk()
	n := vera.Files()
	h.Card(n)
	people := make([]*harness.Clerk, 20)
	for k := range people {
		people[k] = h.Clerk()
		people[k].Reaches("Описание")
	}
	redis.kill()
	began := time.Now()
	for k, c := range people {
		c.Send(fmt.Sprintf("%s Кабинет %d.", harness.UsualProblem, k))
	}
	for _, c := range people {
		c.AwaitText(outageTold)
	}
	t.Logf("the last of %d was told after %v", len(people), time.Since(began))
	for _, c := range people {
		c.Send("И принтер не печатает.")
		c.Send("И телефон молчит.")
	}
	worksOn(h, vera, n)
	if *redisAway > 0 {
		time.Sleep(*redisAway)
	} else {
		for range 10 {
			h.Pass(time.Minute)
		}
	}
	h.AwaitReady(http.StatusServiceUnavailable, "redis: ")
	redis.start()
	began = time.Now()
	for k, c := range people {
		c.AwaitText(harness.SummaryHead, fmt.Sprintf("Кабинет %d.", k), "И принтер не печатает.", "И телефон молчит.")
	}
	took := time.Since(began)
	t.Logf("the last of %d went on after %v", len(people), took)
	if took > redisPromise {
		t.Errorf("went on after %v", took)
	}
	for _, c := range people {
		if got := c.Count(outageTold); got != 1 {
			t.Errorf("told of the outage %d times:\n%s", got, c.Screen())
		}
	}
	h.Card(people[0].Registers(), "Кабинет 0.", "И телефон молчит.")
	h.Filed(2)
}
