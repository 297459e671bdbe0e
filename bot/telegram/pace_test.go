package telegram

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// TestWindowCountsItems: an album counts as its items, and one that is larger
// than the limit goes when nothing else does.
func TestWindowCountsItems(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(1000+s), 0) }
	l := Limit{20, time.Minute}
	var w window
	send := func(s, n int) { t.Helper(); w.begin(n); w.end(at(s), n) }
	send(0, 10)
	send(10, 5)
	for _, c := range []struct {
		now, items int
		free       int // -1: now
	}{{11, 5, -1}, {11, 6, 60}, {11, 15, 60}, {11, 16, 70}, {11, 25, 70}, {60, 15, -1}, {70, 25, -1}} {
		probe := window{ended: append([]time.Time(nil), w.ended...)}
		free, ok := probe.free(at(c.now), l, c.items)
		if ok != (c.free < 0) || !ok && !free.Equal(at(c.free)) {
			t.Errorf("%d items at %d: %v, %v, want %d", c.items, c.now, free.Unix()-1000, ok, c.free)
		}
	}
	w.begin(3)
	if free, ok := w.free(at(80), l, 18); ok || !free.IsZero() {
		t.Errorf("while three are under way: %v, %v", free, ok)
	}
}

// TestPaceLetsAnAlbumIn: what is sent one by one does not slip past an album
// that waits, and other chats do not wait for it.
func TestPaceLetsAnAlbumIn(t *testing.T) {
	p := newPace(Limits{Group: Limit{4, time.Hour}})
	defer p.timer.Stop()
	sent, err := p.wait(t.Context(), -5, 2)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	results := make(chan error, 2)
	go func() { _, err := p.waitFor(ctx, -5, 2, 4); results <- err }()
	waits := func(n int) {
		for {
			p.mu.Lock()
			queued := len(p.queue)
			p.mu.Unlock()
			if queued == n {
				return
			}
			runtime.Gosched()
		}
	}
	waits(1)
	go func() { _, err := p.wait(ctx, -5, 2); results <- err }()
	waits(2)
	sent()
	if _, err := p.wait(t.Context(), -6, 2); err != nil {
		t.Fatal(err)
	}
	waits(2)
	stop()
	for range 2 {
		if err := <-results; err == nil {
			t.Error("it went past the album")
		}
	}
}
