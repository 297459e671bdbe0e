package storage

import (
	"context"
	"sync"
	"time"
)

// endWithin is how long an update that is done stays in the inbox when nothing
// else is written.
const endWithin = time.Second

// ending are the updates that leave the inbox with the next commit.
type ending struct {
	mu      sync.Mutex
	seqs    []int64
	timer   *time.Timer
	stopped bool
}

// add takes updates into the list and has wake called when they wait for long.
func (e *ending) add(seqs []int64, wake func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	first := len(e.seqs) == 0
	e.seqs = append(e.seqs, seqs...)
	switch {
	case e.stopped:
	case e.timer == nil:
		e.timer = time.AfterFunc(endWithin, wake)
	case first: // else it is set already
		e.timer.Reset(endWithin)
	}
}

// take empties the list.
func (e *ending) take() []int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	seqs := e.seqs
	e.seqs = nil
	return seqs
}

func (e *ending) waits() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.seqs) > 0
}

// soon ends updates with the next commit, and makes one when none comes.
func (w *writer) soon(seqs []int64) {
	if len(seqs) > 0 {
		w.ending.add(seqs, w.endNow)
	}
}

// endNow makes a commit if updates wait for one; a commit that fails lets them
// wait again.
func (w *writer) endNow() {
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	_ = w.end(ctx)
}

// end returns when no update waits to be ended that did when it was called.
func (w *writer) end(ctx context.Context) error {
	if !w.ending.waits() {
		return nil
	}
	return w.do(ctx, func(*session) error { return nil })
}

// stop lets no commit be made any more for the sake of the list alone.
func (e *ending) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped = true
	if e.timer != nil {
		e.timer.Stop()
	}
}

// nothing is a job for the sake of the commit.
func nothing() *job {
	return &job{ctx: context.Background(), done: make(chan error, 1), run: func(*session) error { return nil }}
}
