package telegram_test

import (
	"errors"
	"testing"
	"time"

	"intakebot/bot/telegram"
	"intakebot/simulator"
)

// TestInstantServer: a server that ignores timeout is asked once a second.
func TestInstantServer(t *testing.T) {
	w := newWorld(t, simulator.Options{EagerPolls: true})
	source := telegram.Source{Client: w.Client}
	raws, err := source.Poll(t.Context(), 0)
	if err != nil || len(raws) != 1 {
		t.Fatalf("%d updates, %v", len(raws), err)
	}
	id, _ := telegram.Address(raws[0])
	w.sim.Fault(simulator.Fault{Kind: simulator.NoWait, Methods: []string{"getUpdates"}})
	began := time.Now()
	if raws, err := source.Poll(t.Context(), id+1); err != nil || len(raws) != 0 {
		t.Fatalf("%d updates, %v", len(raws), err)
	}
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("an empty answer after %v", took)
	}
	w.person.Send("снова")
	began = time.Now()
	if raws, err := source.Poll(t.Context(), id+1); err != nil || len(raws) != 1 || time.Since(began) > 500*time.Millisecond {
		t.Errorf("%d updates after %v, %v", len(raws), time.Since(began), err)
	}
}

// TestHeldPollIsAnAnswer: one poll that failed is forgotten while Telegram holds
// the next, and not before.
func TestHeldPollIsAnAnswer(t *testing.T) {
	w := newWorld(t, simulator.Options{EagerPolls: true})
	source := telegram.Source{Client: w.Client}
	raws, err := source.Poll(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	id, _ := telegram.Address(raws[0])
	w.Health.Answered(errors.New("502"))
	if w.Health.Reachable() == nil {
		t.Error("reachable right after a failure")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = source.Poll(t.Context(), id+1)
	}()
	if err := w.sim.AwaitPolling(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.Health.Reachable() == nil {
		t.Error("reachable before the poll was held")
	}
	began := time.Now()
	for w.Health.Reachable() != nil && time.Since(began) < 10*time.Second {
		time.Sleep(50 * time.Millisecond) // the health has no event for the passing of time
	}
	if took := time.Since(began); took < time.Second || took > 5*time.Second {
		t.Errorf("reachable after %v", took)
	}
	w.person.Send("снова")
	<-done
}
