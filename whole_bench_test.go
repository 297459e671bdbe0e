package main

import (
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"intakebot/simulator"
)

// BenchmarkTurn is a whole turn of a private chat: an update that the program
// fetches by polling until its answer is at Telegram, with inbox and register
// on disk and the draft in Redis. The simulated Telegram and the person are in
// the same process, so their allocations count too.
func BenchmarkTurn(b *testing.B) {
	options := []option{with("LOG_LEVEL", "error")}
	if _, err := exec.LookPath("redis-server"); err == nil {
		options = append(options, overRedis)
	}
	h := startHouse(b, options...)
	anna := h.clerk()
	anna.begins()
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
		h := startHouse(b, overRedis, with("LOG_LEVEL", "error"))
		clerks := make([]*clerk, people)
		var all sync.WaitGroup
		for k := range clerks {
			clerks[k] = h.clerk()
			all.Go(func() { clerks[k].reaches("") })
		}
		all.Wait()
		h.close()
		for n := range each {
			for _, one := range clerks {
				one.Send(fmt.Sprintf("строка %d", n))
			}
		}
		underLimits(h)
		h.telegram.SetLimits(simulator.TelegramLimits())
		time.Sleep(simulator.TelegramLimits().Overall.Per) // what went without limits is forgotten
		b.StartTimer()
		began := time.Now()
		h.open()
		if err := h.telegram.AwaitConfirmed(b.Context()); err != nil {
			b.Fatal(err)
		}
		taken := time.Since(began)
		for waiting := 1; waiting > 0; {
			c, err := h.parts.register.Counts(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			waiting = c.Waiting
		}
		b.ReportMetric(people*each/taken.Seconds(), "taken/s")
		b.ReportMetric(people*each/time.Since(began).Seconds(), "done/s")
		b.StopTimer()
		h.close()
		if flooded := h.telegram.Counters().Flooded; flooded > 0 {
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
		h := startHouse(b, overRedis, inStorm, with("LOG_LEVEL", "error"))
		_, took := h.storm(people)
		b.ReportMetric(slices.Max(took).Seconds(), "s/last-number")
		b.ReportMetric(slices.Max(took).Seconds()/needed(people*dialogue).Seconds(), "of-what-the-limits-need")
		if flooded := h.telegram.Counters().Flooded; flooded > 0 {
			b.Errorf("%d answers of 429", flooded)
		}
		h.close()
	}
}
