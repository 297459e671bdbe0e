package e2e

import (
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// BenchmarkTurn is a whole turn of a private chat: an update that the program
// fetches by polling until its answer is at Telegram, with inbox and register
// on disk and the draft in Redis. The simulated Telegram and the person are in
// the same process, so their allocations count too.
func BenchmarkTurn(b *testing.B) {
	options := []harness.Option{harness.With("LOG_LEVEL", "error")}
	if _, err := exec.LookPath("redis-server"); err == nil {
		options = append(options, harness.OverRedis)
	}
	h := harness.Start(b, options...)
	anna := h.Clerk()
	anna.Begins()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		// Too short an organisation: the same question comes again.
		anna.Send(fmt.Sprint(n % 10))
		if _, err := anna.Actor.AwaitText("Организация"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFlood is what waits at Telegram after a day: twenty messages of each
// of 500 people, taken in and worked on while the replies leave at Telegram's
// pace. An operation is one update, from the first poll until all are done.
func BenchmarkFlood(b *testing.B) {
	const people, each = 500, 20
	for b.Loop() {
		b.StopTimer()
		h := harness.Start(b, harness.OverRedis, harness.With("LOG_LEVEL", "error"))
		clerks := make([]*harness.Clerk, people)
		var all sync.WaitGroup
		for k := range clerks {
			clerks[k] = h.Clerk()
			all.Go(func() { clerks[k].Reaches("") })
		}
		all.Wait()
		h.Close()
		for n := range each {
			for _, one := range clerks {
				one.Send(fmt.Sprintf("строка %d", n))
			}
		}
		harness.UnderLimits(h)
		h.Telegram.SetLimits(simulator.TelegramLimits())
		time.Sleep(simulator.TelegramLimits().Overall.Per) // what went without limits is forgotten
		b.StartTimer()
		began := time.Now()
		h.Open()
		if err := h.Telegram.AwaitConfirmed(b.Context()); err != nil {
			b.Fatal(err)
		}
		taken := time.Since(began)
		for waiting := 1; waiting > 0; {
			c, err := h.Program.Register.Counts(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			waiting = c.Waiting
		}
		b.ReportMetric(people*each/taken.Seconds(), "taken/s")
		b.ReportMetric(people*each/time.Since(began).Seconds(), "done/s")
		b.StopTimer()
		h.Close()
		if flooded := h.Telegram.Counters().Flooded; flooded > 0 {
			b.Errorf("%d answers of 429", flooded)
		}
		b.StartTimer()
	}
}

// BenchmarkStorm is TestStorm in real time, over the loopback and with a real
// Redis: 500 people file at once, which takes Telegram's limits 150 seconds.
func BenchmarkStorm(b *testing.B) {
	const people = 500
	for b.Loop() {
		h := harness.Start(b, harness.OverRedis, inStorm, harness.With("LOG_LEVEL", "error"))
		_, took := h.Storm(people)
		b.ReportMetric(slices.Max(took).Seconds(), "s/last-number")
		b.ReportMetric(slices.Max(took).Seconds()/needed(people*dialogue).Seconds(), "of-what-the-limits-need")
		if flooded := h.Telegram.Counters().Flooded; flooded > 0 {
			b.Errorf("%d answers of 429", flooded)
		}
		h.Close()
	}
}
