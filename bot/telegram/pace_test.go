package telegram

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
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
	sent, err := p.wait(t.Context(), Slot{Chat: -5, Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	results := make(chan error, 2)
	go func() { _, err := p.wait(ctx, Slot{Chat: -5, Rank: 2, Items: 4}); results <- err }()
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
	go func() { _, err := p.wait(ctx, Slot{Chat: -5, Rank: 2}); results <- err }()
	waits(2)
	sent()
	if _, err := p.wait(t.Context(), Slot{Chat: -6, Rank: 2}); err != nil {
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

// TestBurst: a person gets three messages at once, then one a second; a chat that
// Telegram held back one a second for an hour; a group never more.
func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PublicLimits)
		began := time.Now()
		gone := func(chat int64, n int) (at []int) { // milliseconds
			t.Helper()
			for range n {
				sent, err := p.wait(t.Context(), Slot{Chat: chat})
				if err != nil {
					t.Fatal(err)
				}
				sent()
				at = append(at, int(time.Since(began)/time.Millisecond))
			}
			return at
		}
		for _, c := range []struct {
			what string
			chat int64
			want []int
		}{{"a person", 1, []int{0, 0, 0, 1000, 2000}}, {"a group", -1, []int{2000, 3000, 4000}}} {
			if got := gone(c.chat, len(c.want)); !slices.Equal(got, c.want) {
				t.Errorf("%s: at %v, want %v", c.what, got, c.want)
			}
		}
		time.Sleep(time.Minute)
		p.hold(1, 5*time.Second)
		began = time.Now()
		if got, want := gone(1, 3), []int{5000, 6000, 7000}; !slices.Equal(got, want) {
			t.Errorf("once held: at %v, want %v", got, want)
		}
		time.Sleep(exactFor)
		began = time.Now()
		if got, want := gone(1, 3), []int{0, 0, 0}; !slices.Equal(got, want) {
			t.Errorf("an hour later: at %v, want %v", got, want)
		}
	})
}

// TestReserve: a member's command is answered at once though cards have taken
// what they may of the group's minute, and goes before those that wait.
func TestReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := PublicLimits
		p := newPace(l)
		sent := 0
		let := func(s Slot) error {
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			done, err := p.wait(ctx, s)
			if err == nil {
				done()
				sent++
			}
			return err
		}
		for let(Slot{Chat: -1}) == nil {
		}
		if want := l.Group.Count - l.Reserve; sent != want {
			t.Errorf("%d cards went in a minute, want %d", sent, want)
		}
		for range l.Reserve {
			if err := let(Slot{Chat: -1, Rank: 9, Answer: true}); err != nil {
				t.Fatal("an answer waits")
			}
		}
		if sent != l.Group.Count {
			t.Errorf("%d messages in a minute", sent)
		}
	})
}

// TestParseLimits: what the setting holds is what is kept, and is written the
// same way.
func TestParseLimits(t *testing.T) {
	if l, err := ParseLimits("30/s 1/s+3 20/m"); err != nil || l != PublicLimits {
		t.Errorf("%+v, %v", l, err)
	}
	for _, text := range []string{"off", "30/s 1/s+3 20/m", "5/s 2/m 10/h", "100/m 1/s+1 60/m"} {
		l, err := ParseLimits(text)
		if err != nil || l.String() != text {
			t.Errorf("%q is read as %q, %v", text, l, err)
		}
	}
	for _, text := range []string{"", "on", "30/s", "30/s 1/s+3", "0/s 1/s 20/m", "30/s 1/s+3 20/m 1/h", "30/s+5 1/s 20/m", "30/s 3/s+2 20/m", "30/d 1/s 20/m", "-1/s 1/s 20/m", "99999/s 1/s 20/m"} {
		if l, err := ParseLimits(text); err == nil {
			t.Errorf("%q is read as %q", text, l)
		}
	}
}
