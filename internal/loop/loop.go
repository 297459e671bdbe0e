// Package loop holds what loops have in common: a signal that wakes one, pauses
// that end with a context, and a supervisor that hears of what fails.
package loop

import (
	"context"
	"sync"
	"time"
)

// Signal wakes one loop; raised many times before the loop looks, it wakes it
// once. Make it with NewSignal; a nil Signal is never raised.
type Signal chan struct{}

// NewSignal makes a Signal.
func NewSignal() Signal { return make(Signal, 1) }

// Raise wakes the loop.
func (s Signal) Raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// Pause waits for d, less when a signal comes; false when ctx ended.
func Pause(ctx context.Context, d time.Duration, s Signal) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-s:
	}
	return true
}

// Backoff grows from 200 ms to 5 s.
func Backoff(failures int) time.Duration {
	return min(200*time.Millisecond<<min(failures, 5), 5*time.Second)
}

// Throttle lets something through once in a while.
type Throttle struct {
	mu   sync.Mutex
	last time.Time
}

// Pass says whether the last time was at least that long ago, and notes this
// one if so.
func (t *Throttle) Pass(every time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.last.IsZero() && time.Since(t.last) < every {
		return false
	}
	t.last = time.Now()
	return true
}
