package main

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
			h := startHouse(t, listening, troubled, with("REDIS_URL", redis.url()))
			anna, vera := h.clerk(), h.clerk()
			n := vera.files()
			h.card(n)
			anna.reaches("ФИО")

			fault.strike(redis)
			began := time.Now()
			anna.Send(usual[1].answer)
			anna.AwaitText(outageTold, "8-800-200-79-32")
			if took := time.Since(began); took > redisPromise {
				t.Errorf("told after %v", took)
			}
			anna.Send("Есть кто живой?")
			anna.Send("/help")
			h.awaitReady(http.StatusServiceUnavailable, "redis: ", "sqlite: ok", "telegram: ok")
			h.worksOn(vera, n)

			fault.mend(redis)
			began = time.Now()
			if fault.forgets {
				anna.AwaitText("Что умеет бот")
				anna.Ask("/new", usual[0].field)
				anna.answersFrom(usual[0].field)
			} else {
				anna.AwaitText("Телефон", "шаг 3 из 5")
				anna.AwaitText("Что умеет бот")
				anna.answersFrom("Телефон")
			}
			if took := time.Since(began); took > redisPromise {
				t.Errorf("went on after %v", took)
			}
			h.card(anna.registers())
			h.awaitReady(http.StatusOK)
			if got := anna.count(outageTold); got != 1 {
				t.Errorf("told of the outage %d times:\n%s", got, anna.Screen())
			}
			if strings.Contains(h.log.String(), "canary-password") {
				t.Error("the log holds the password")
			}
		})
	}
}

// worksOn: what needs no draft is done at once: the desk's commands, the cards,
// the letters and what the person is told of them.
func (h *house) worksOn(c *clerk, n incident.Number) {
	h.Helper()
	c.Mark()
	h.engineer.Send("/take " + string(n))
	c.AwaitText("взято в работу", string(n))
	h.card(n, "в работе")
	h.engineer.Mark()
	h.engineer.Ask("/incident "+string(n), string(n))
	h.letter(supportBox, 1)
	h.status(n, incident.InProgress)
}

// awaitReady waits for that answer of /readyz.
func (h *house) awaitReady(want int, parts ...string) {
	h.Helper()
	eventually(h, fmt.Sprint("/readyz: ", want, parts), func() bool {
		code, body := h.get("/readyz")
		return code == want && holds(body, parts...)
	})
}

// TestRedisFlushed: a Redis that forgets everything in the middle of a draft
// loses the draft alone. The person can go on, her remembered answers and her
// incidents are in the register.
func TestRedisFlushed(t *testing.T) {
	t.Parallel()
	redis := newRedis(t)
	h := startHouse(t, listening, with("REDIS_URL", redis.url()))
	anna := h.clerk()
	first := anna.files()
	anna.Ask("/new", "Описание")
	redis.do("", "FLUSHALL")
	redis.do("", "SCRIPT", "FLUSH")
	h.awaitReady(http.StatusOK)
	anna.Ask("/my", string(first))
	second := anna.filesAgain("Снова нет связи, вся сеть.")
	if second == first {
		t.Errorf("%s twice", first)
	}
	h.card(second)
	if got := anna.count(outageTold); got != 0 {
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
	eventually(t, "the sentinel knows the replica", func() bool { return sentinel.knows(1) })
	h := startHouse(t, listening, troubled,
		with("REDIS_URL", "redis://"+sentinel.address()+"/0?master_name=drafts&addr="+sentinel.address()))
	anna := h.clerk()
	anna.reaches("ФИО")
	eventually(t, "the replica has the draft", func() bool { return master.replicas() == 1 })
	master.kill()
	anna.Send(usual[1].answer)
	anna.AwaitText("Телефон", "шаг 3 из 5")
	anna.answersFrom("Телефон")
	h.card(anna.registers())
	h.awaitReady(http.StatusOK)
	if got := anna.count(outageTold); got > 1 {
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
	h := startHouse(t, listening, troubled, with("REDIS_URL", redis.url()))
	vera := h.clerk()
	n := vera.files()
	h.card(n)
	people := make([]*clerk, 20)
	for k := range people {
		people[k] = h.clerk()
		people[k].reaches("Описание")
	}
	redis.kill()
	began := time.Now()
	for k, c := range people {
		c.Send(fmt.Sprintf("%s Кабинет %d.", usualProblem, k))
	}
	for _, c := range people {
		c.AwaitText(outageTold)
	}
	t.Logf("the last of %d was told after %v", len(people), time.Since(began))
	for _, c := range people {
		c.Send("И принтер не печатает.")
		c.Send("И телефон молчит.")
	}
	h.worksOn(vera, n)
	if *redisAway > 0 {
		time.Sleep(*redisAway)
	} else {
		for range 10 {
			h.pass(time.Minute)
		}
	}
	h.awaitReady(http.StatusServiceUnavailable, "redis: ")
	redis.start()
	began = time.Now()
	for k, c := range people {
		c.AwaitText(summaryHead, fmt.Sprintf("Кабинет %d.", k), "И принтер не печатает.", "И телефон молчит.")
	}
	took := time.Since(began)
	t.Logf("the last of %d went on after %v", len(people), took)
	if took > redisPromise {
		t.Errorf("went on after %v", took)
	}
	for _, c := range people {
		if got := c.count(outageTold); got != 1 {
			t.Errorf("told of the outage %d times:\n%s", got, c.Screen())
		}
	}
	h.card(people[0].registers(), "Кабинет 0.", "И телефон молчит.")
	h.filed(2)
}
