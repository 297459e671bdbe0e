package inbox

import (
	"context"
	"sync"
	"time"
)

// workers are the chats with work to do, a goroutine each. Within a chat updates
// are worked on strictly in order, so nothing that a handler touches needs a
// lock; one slow chat stops nobody.
type workers struct {
	in     *Inbox
	work   context.Context
	mu     sync.Mutex
	open   map[int64]*Worker
	closed bool
	// resumed: those are open whose updates wait since the process before. A
	// worker that is opened earlier asks the table.
	resumed bool
	// closing is closed with closed, for those who wait.
	closing chan struct{}
	done    sync.WaitGroup
}

// wake starts the worker of a chat, or tells it that there is more: something
// from outside, or updates that were stored.
func (l *workers) wake(chat int64, n Nudge, rows ...arrival) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(chat, n, func(q *queue) { q.hand(rows) })
}

// look has the table asked for the chats' updates.
func (l *workers) look(chats ...int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, chat := range chats {
		l.tell(chat, Nudge{}, (*queue).look)
	}
}

// resume looks for the updates that wait since the process before, before anybody
// works on later ones of the same chats.
func (l *workers) resume(chats []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, chat := range chats {
		l.tell(chat, Nudge{}, (*queue).look)
	}
	l.resumed = true
}

// tell is for those who hold mu.
func (l *workers) tell(chat int64, n Nudge, more func(*queue)) {
	if l.closed {
		return
	}
	w, running := l.open[chat]
	if !running {
		w = l.in.Idle(chat)
		w.queue.table = !l.resumed
		w.handler = l.in.cfg.Handler(w)
		l.open[chat] = w
		l.done.Go(func() { w.run(l.work) })
	}
	w.merge(n)
	more(&w.queue)
	w.poke.Raise()
}

// retire ends a worker that found nothing to do, unless it was woken meanwhile.
func (l *workers) retire(w *Worker) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(w.poke) > 0 && !l.closed {
		return false
	}
	delete(l.open, w.Chat)
	return true
}

// close lets the workers finish what they have in hand.
func (l *workers) close() {
	l.mu.Lock()
	if !l.closed {
		close(l.closing)
	}
	l.closed = true
	for _, one := range l.open {
		one.poke.Raise()
	}
	l.mu.Unlock()
	l.done.Wait()
}

func (l *workers) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// await waits for ch, at most for d when d is positive; false when ctx or the
// time ended first, or the workers are about to close.
func (l *workers) await(ctx context.Context, ch <-chan struct{}, d time.Duration) bool {
	var late <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-ch:
		return true
	case <-late:
	case <-l.closing:
	case <-ctx.Done():
	}
	return false
}
