package bot

import (
	"context"
	"sync"
	"time"
)

// signal wakes one loop; raised many times before it looks, it wakes it once.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// pause waits for d, less when a signal comes; false when ctx ended.
func pause(ctx context.Context, d time.Duration, s signal) bool {
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

// backoff grows from 200 ms to 5 s.
func backoff(failures int) time.Duration {
	return min(200*time.Millisecond<<min(failures, 5), 5*time.Second)
}

// throttle lets something through once in a while.
type throttle struct {
	mu   sync.Mutex
	last time.Time
}

func (t *throttle) pass(every time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.last.IsZero() && time.Since(t.last) < every {
		return false
	}
	t.last = time.Now()
	return true
}

// complaints are the errors that were logged lately. What does not work for
// hours is tried every few seconds, and a log that fills a full disk helps
// nobody.
type complaints struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// complain logs an error whose cause may last: the same message once a minute.
func (b *Bot) complain(message string, args ...any) {
	b.said.mu.Lock()
	defer b.said.mu.Unlock()
	if at, ok := b.said.last[message]; ok && time.Since(at) < time.Minute {
		return
	}
	if b.said.last == nil {
		b.said.last = map[string]time.Time{}
	}
	b.said.last[message] = time.Now()
	b.log.Error(message, args...)
}
