package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
	"intakebot/outbox"
)

// wires is the mail server of these tests: it does what verdict says and
// remembers when.
type wires struct {
	mu      sync.Mutex
	begin   time.Time
	verdict func(id string) Verdict
	calls   []string // «ID after»
	alarms  []string
}

func (w *wires) deliver(_ context.Context, l outbox.Letter) Verdict {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, fmt.Sprint(l.MessageID, " ", time.Since(w.begin)))
	return w.verdict(l.MessageID)
}

// become changes what the server does.
func (w *wires) become(v Verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.verdict = func(string) Verdict { return v }
}

// called returns the calls so far and forgets them.
func (w *wires) called() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}

func (w *wires) alarm(o outbox.MailOutage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := time.Since(w.begin)
	switch {
	case o.EndedAt.IsZero():
		w.alarms = append(w.alarms, fmt.Sprint(o.Problem, " ", o.Since.Sub(w.begin), " at ", at))
	case o.Since.IsZero():
		w.alarms = append(w.alarms, fmt.Sprint("works at ", at))
	default:
		w.alarms = append(w.alarms, fmt.Sprint("works again at ", at))
	}
}

func (w *wires) alarmed() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.alarms)
}

var (
	accepted = Verdict{Outcome: Accepted, Stage: StageAnswer, Code: 250}
	refused  = Verdict{Outcome: Refused, Stage: StageRcpt, Code: 550, Reply: "5.1.1 no such box", Err: errors.New("550")}
	ourFault = Verdict{Outcome: OurFault, Stage: StageAuth, Code: 535, Reply: "5.7.8 wrong", Err: errors.New("535")}
	silent   = Verdict{Outcome: Later, Stage: StageDial, Err: errors.New("connection refused")}
	greylist = Verdict{Outcome: Later, Stage: StageRcpt, Code: 450, Reply: "4.2.0 later", Err: errors.New("450")}
)

// withWorker runs a worker inside a bubble of its own clock and stops it when
// test returns.
func withWorker(t *testing.T, m *memory, test func(p *Worker, w *wires)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &wires{begin: time.Now()}
		w.become(accepted)
		p := &Worker{Outbox: m, Deliver: w.deliver,
			Messages: func(l outbox.Letter, state incident.LetterState, _ string, _ time.Time) Compose {
				return func(incident.Incident) ([]outbox.Message, error) {
					return []outbox.Message{{Key: fmt.Sprintf("tell %s %s", l.Key, state)}}, nil
				}
			},
			Alarm: w.alarm}
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() {
			if err := p.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		test(p, w)
		stop()
		run.Wait()
	})
}

// pass lets the bubble's clock run.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPauses(t *testing.T) {
	m := &memory{}
	withWorker(t, m, func(p *Worker, w *wires) {
		w.become(silent)
		m.put(1)
		p.Kick()
		pass(2 * time.Hour)
		expect(t, w.called(), "1 0s", "1 5s", "1 35s", "1 1m35s", "1 3m35s", "1 8m35s", "1 18m35s", "1 33m35s",
			"1 1h3m35s", "1 1h33m35s")
		pass(5*24*time.Hour - 2*time.Hour - time.Second)
		if calls := w.called(); calls[len(calls)-1] != "1 119h33m35s" {
			t.Errorf("the last but one attempt: %s", calls[len(calls)-1])
		}
		expect(t, m.ends())
		pass(time.Minute)
		expect(t, w.called(), "1 120h0m0s")
		expect(t, m.ends(), "1 refused не удалось передать за пять дней: почтовый сервер не отвечает: tell letter:1 refused")
		alarms := w.alarmed()
		expect(t, alarms[:2], "почтовый сервер не отвечает 0s at 35s", "почтовый сервер не отвечает 0s at 1m35s")
	})
}

// After the ambiguous end of an attempt the same letter goes again.
func TestAmbiguousIsRepeated(t *testing.T) {
	m := &memory{}
	withWorker(t, m, func(p *Worker, w *wires) {
		w.become(Verdict{Outcome: Ambiguous, Stage: StageAnswer, Err: errors.New("EOF")})
		m.put(1)
		p.Kick()
		pass(time.Second)
		w.become(accepted)
		pass(time.Minute)
		expect(t, w.called(), "1 0s", "1 5s")
		expect(t, m.ends(), "1 sent: tell letter:1 sent")
	})
}

func TestSuccessWakesTheOthers(t *testing.T) {
	m := &memory{}
	withWorker(t, m, func(p *Worker, w *wires) {
		w.become(silent)
		m.put(1, 2)
		p.Kick()
		pass(40 * time.Minute)
		w.called()
		w.become(accepted)
		m.put(3)
		p.Kick()
		synctest.Wait()
		expect(t, sorted(w.called()), "1 40m0s", "2 40m0s", "3 40m0s")
		pass(time.Hour)
		if n := m.woken(); n != 2 {
			t.Errorf("%d wakes, one at the start and one after the outage expected", n)
		}
	})
}

func sorted(lines []string) []string { slices.Sort(lines); return lines }

func TestRefusedIsFinished(t *testing.T) {
	m := &memory{}
	withWorker(t, m, func(p *Worker, w *wires) {
		w.become(refused)
		m.put(1)
		p.Kick()
		pass(time.Hour)
		expect(t, w.called(), "1 0s")
		expect(t, m.ends(), "1 refused 550 5.1.1 no such box: tell letter:1 refused")
		expect(t, w.alarmed(), "works at 0s")
	})
}

// A fault of our settings is an outage at once; whoever listens hears of every
// attempt, of the end, and of the next one.
func TestOutage(t *testing.T) {
	m := &memory{}
	withWorker(t, m, func(p *Worker, w *wires) {
		w.become(ourFault)
		m.put(1)
		p.Kick()
		pass(time.Minute)
		expect(t, w.alarmed(), "535 5.7.8 wrong 0s at 0s", "535 5.7.8 wrong 0s at 5s", "535 5.7.8 wrong 0s at 35s")
		w.become(accepted)
		pass(time.Hour)
		expect(t, w.alarmed()[3:], "works again at 1m35s")
		w.become(ourFault)
		m.put(2)
		p.Kick()
		synctest.Wait()
		expect(t, w.alarmed()[4:], "535 5.7.8 wrong 1h1m0s at 1h1m0s")
	})
}

// A relay that is away for a moment is no outage, and neither is one letter on
// which it breaks off.
func TestHiccup(t *testing.T) {
	for _, c := range []struct {
		name string
		v    Verdict
		away time.Duration
	}{
		{"away for a moment", silent, 20 * time.Second},
		{"broken off", Verdict{Outcome: Ambiguous, Stage: StageAnswer, Err: errors.New("EOF")}, 10 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			withWorker(t, m, func(p *Worker, w *wires) {
				m.put(1)
				p.Kick()
				synctest.Wait()
				w.become(c.v)
				m.put(2)
				p.Kick()
				pass(c.away)
				w.become(accepted)
				pass(time.Hour)
				expect(t, w.alarmed(), "works at 0s")
			})
		})
	}
}

// A relay that says nothing is an outage within a minute, although the attempt
// goes on for minutes; one that listens may take its time over a letter.
func TestSilentRelay(t *testing.T) {
	for _, listens := range []bool{false, true} {
		m := &memory{}
		withWorker(t, m, func(p *Worker, w *wires) {
			p.Deliver = func(ctx context.Context, l outbox.Letter) Verdict {
				if listens {
					heard(ctx)()
				}
				time.Sleep(4 * time.Minute)
				return w.deliver(ctx, l)
			}
			m.put(1)
			p.Kick()
			pass(time.Minute)
			if listens {
				expect(t, w.alarmed())
			} else {
				expect(t, w.alarmed(), "почтовый сервер не отвечает 0s at 40s")
			}
			pass(time.Hour)
			if !listens {
				expect(t, w.alarmed()[1:], "works again at 4m0s")
			}
		})
	}
}

// A letter that the server puts off is no outage: nobody is alarmed, and the
// success of others does not hurry it.
func TestGreylistingIsNoOutage(t *testing.T) {
	m := &memory{}
	withWorker(t, m, func(p *Worker, w *wires) {
		w.mu.Lock()
		w.verdict = func(id string) Verdict {
			if id == "1" {
				return greylist
			}
			return accepted
		}
		w.mu.Unlock()
		m.put(1)
		p.Kick()
		for id := range int64(20) {
			pass(time.Minute)
			m.put(id + 2)
			p.Kick()
		}
		if n := m.woken(); n != 1 {
			t.Errorf("%d wakes", n)
		}
		expect(t, w.alarmed(), "works at 0s")
	})
}

// A letter that was accepted goes once, even if the register cannot write it
// down for an hour and the claim runs out.
func TestRegisterDown(t *testing.T) {
	for _, careless := range []bool{false, true} {
		m := &memory{careless: careless}
		withWorker(t, m, func(p *Worker, w *wires) {
			w.mu.Lock()
			w.verdict = func(string) Verdict {
				m.breakDown(true)
				return accepted
			}
			w.mu.Unlock()
			m.put(1)
			p.Kick()
			pass(time.Hour)
			expect(t, m.ends())
			m.breakDown(false)
			pass(time.Minute)
			expect(t, m.ends(), "1 sent: tell letter:1 sent")
			expect(t, w.called(), "1 0s")
		})
	}
}

// At most a few at once, and none twice.
func TestConcurrency(t *testing.T) {
	m := &memory{}
	withWorker(t, m, func(p *Worker, w *wires) {
		var mu sync.Mutex
		now, most := 0, 0
		p.Deliver = func(ctx context.Context, l outbox.Letter) Verdict {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(7 * time.Minute)
			mu.Lock()
			now--
			mu.Unlock()
			return w.deliver(ctx, l)
		}
		m.put(1, 2, 3, 4, 5, 6, 7)
		p.Kick()
		pass(time.Hour)
		expect(t, sorted(w.called()), "1 7m0s", "2 7m0s", "3 7m0s", "4 14m0s", "5 14m0s", "6 14m0s", "7 21m0s")
		if most != concurrency {
			t.Errorf("%d at once", most)
		}
	})
}

// A stop lets a letter in hand finish, gives one that hangs back to the
// outbox, and does not take long over either.
func TestStop(t *testing.T) {
	m := &memory{}
	synctest.Test(t, func(t *testing.T) {
		p := &Worker{Outbox: m, Deliver: func(ctx context.Context, l outbox.Letter) Verdict {
			if l.MessageID == "1" {
				time.Sleep(3 * time.Second)
				return accepted
			}
			<-ctx.Done()
			return Verdict{Outcome: Ambiguous, Stage: StageAnswer, Err: ctx.Err()}
		}}
		m.put(1, 2)
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(m.rows[0].FirstAt) - time.Second; took != grace {
			t.Errorf("stopped after %s", took)
		}
		expect(t, m.ends(), "1 sent")
		if left := m.rows[0]; left.ID != 2 || time.Now().Before(left.due) || !left.claimed.IsZero() {
			t.Errorf("left in the outbox: %+v", left)
		}
	})
}

// What waits when the program starts is due at once: a restart often mends
// the settings.
func TestStartWakes(t *testing.T) {
	m := &memory{}
	synctest.Test(t, func(t *testing.T) {
		m.put(1)
		m.rows[0].due = time.Now().Add(30 * time.Minute)
		w := &wires{begin: time.Now()}
		w.become(accepted)
		p := &Worker{Outbox: m, Deliver: w.deliver}
		p.Kick() // before Run: kept
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
		expect(t, w.called(), "1 0s")
		expect(t, m.ends(), "1 sent")
	})
}

func TestLogNamesNobody(t *testing.T) {
	var log bytes.Buffer
	m := &memory{}
	synctest.Test(t, func(t *testing.T) {
		reply := "5.1.1 <sd@kurganobl.example>: no such box"
		p := &Worker{Outbox: m, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Deliver: func(context.Context, outbox.Letter) Verdict {
				return Verdict{Outcome: Refused, Stage: StageRcpt, Code: 550, Reply: reply, Err: errors.New(reply)}
			}}
		m.put(1)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
	})
	line := log.String()
	for _, want := range []string{"incident=26-00001-0", "letter=escalation", "stage=rcpt", "code=550", "outcome=refused", "attempt=1"} {
		if !strings.Contains(line, want) {
			t.Errorf("no %s in %s", want, line)
		}
	}
	if strings.Contains(line, "@") || strings.Contains(line, "тайна") || strings.Count(line, "\n") != 1 {
		t.Errorf("the log: %s", line)
	}
}

// A row that cannot be read ends as such, and does not stop the others.
func TestUnreadableRow(t *testing.T) {
	m := &memory{}
	done := 0
	withWorker(t, m, func(p *Worker, w *wires) {
		p.OnLetterDone = func() { done++ }
		m.put(1, 2)
		m.rows[0].Body = []byte("{")
		p.Kick()
		pass(time.Second)
		expect(t, w.called(), "2 0s")
		expect(t, m.ends(), "1 unreadable", "2 sent: tell letter:2 sent")
		if done != 1 {
			t.Errorf("told of %d letters", done)
		}
	})
}
