package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Worker is one chat at work. Its handler is asked for nothing by two at a time.
type Worker struct {
	Chat int64

	in      *Inbox
	handler Handler
	poke    loop.Signal // there is more
	queue   queue
	// read is the last row that the table has given; done are the rows worked on
	// and not marked done.
	read int64
	done []int64
	// behind is the update after the one in hand, nil if it is not here yet.
	behind *telegram.Update

	mu    sync.Mutex
	nudge Nudge
}

// Nudge is what a worker is told from outside.
type Nudge struct {
	// RemindAt is when the draft ends, if the person is to be reminded.
	RemindAt time.Time
	// EraseDraft: the person is forgotten, and Redis is to be emptied.
	EraseDraft bool
	// StoreDown: updates of the chat could not be stored, and it does not know.
	StoreDown bool
}

// merge adds to what the worker is told.
func (w *Worker) merge(n Nudge) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !n.RemindAt.IsZero() {
		w.nudge.RemindAt = n.RemindAt
	}
	w.nudge.EraseDraft = w.nudge.EraseDraft || n.EraseDraft
	w.nudge.StoreDown = w.nudge.StoreDown || n.StoreDown
}

// nudged returns what the worker was told, and forgets a part of it.
func (w *Worker) nudged(forget func(*Nudge)) Nudge {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.nudge
	forget(&w.nudge)
	return n
}

// Stopping says that the process stops: what is in hand is finished, and what is
// unsaid goes to the outbox.
func (w *Worker) Stopping() bool { return w.in.workers.isClosed() }

// UntilMore is a context that ends when there is more to take in. The caller
// calls stop when that does not matter any more.
func (w *Worker) UntilMore(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	stopped, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-w.poke:
			w.poke.Raise() // for run
			cancel()
		case <-stopped:
		}
	}()
	return ctx, sync.OnceFunc(func() {
		close(stopped)
		<-done // a poke that it took must be back before the worker can retire
		cancel()
	})
}

// Idle makes a worker of a chat that does not run: its handler is asked by
// whoever made it.
func (in *Inbox) Idle(chat int64) *Worker { return &Worker{in: in, Chat: chat, poke: loop.NewSignal()} }

// Batch is how many updates are taken up before they are answered, at once
// or by the outbox.
const Batch = 32

// run works until the chat has nothing more to do. Updates that wait are all
// taken in before the first reply goes out, and a reply that waits for
// Telegram's limits waits for more updates too: of the questions that an album
// or a long paste brings forth, only the last is sent. Many updates do not wait
// for the limits: their replies go to the outbox.
func (w *Worker) run(ctx context.Context) {
	for {
		select {
		case <-w.poke:
		default:
		}
		w.tellNotStored(ctx)
		all, err := w.takeIn(ctx)
		idle := false
		if err == nil {
			idle, err = w.handler.Flush(ctx, w.done)
		}
		if idle && err == nil {
			w.done = nil
			if w.nudged(func(n *Nudge) { n.EraseDraft = false }).EraseDraft {
				w.handler.EraseDraft(ctx) // a duty raises it again should this fail
			}
		}
		switch {
		case ctx.Err() != nil:
			w.in.workers.retire(w)
			return
		case err != nil:
			w.in.cfg.Log.Check(err)
			w.in.cfg.Log.Complain("worker", "chat", w.Chat, "error", err)
			if w.Stopping() {
				w.in.workers.retire(w)
				return
			}
			w.rest(ctx)
		case all && idle:
			if w.in.workers.retire(w) {
				return
			}
		}
	}
}

// takeIn works on the updates that wait; all is false when others may.
func (w *Worker) takeIn(ctx context.Context) (all bool, err error) {
	for len(w.done) < Batch && !w.in.workers.isClosed() && !all {
		rows, some, read, err := w.next(ctx, Batch-len(w.done))
		if err != nil {
			return false, err
		}
		for k, row := range rows {
			if w.in.workers.isClosed() {
				return true, nil
			}
			if w.behind = nil; k+1 < len(rows) {
				w.behind = rows[k+1].read()
			}
			if err := w.workOn(ctx, row); err != nil {
				w.queue.look()
				return false, err
			}
		}
		w.read, all = read, !some
	}
	return all || w.in.workers.isClosed(), w.remind(ctx)
}

// restart is the least step between the ids of two updates that says that
// Telegram's count began anew between them: it does, at random, after a quiet week.
const restart = 1 << 20

// inOrder puts updates in the order in which they happened. By a webhook a press
// and a message of one person come side by side, in any order: messages queue by
// chat at Telegram, presses by who pressed.
func inOrder(rows []arrival) []arrival {
	byID := func(a, b arrival) int { return cmp.Compare(a.UpdateID, b.UpdateID) }
	if len(rows) == 0 || slices.MaxFunc(rows, byID).UpdateID-slices.MinFunc(rows, byID).UpdateID >= restart {
		return rows
	}
	slices.SortStableFunc(rows, byID)
	return rows
}

// remind tells the person that the draft still waits, once.
func (w *Worker) remind(ctx context.Context) error {
	at := w.nudged(func(n *Nudge) { n.RemindAt = time.Time{} }).RemindAt
	if at.IsZero() {
		return nil
	}
	return contained(func() error {
		return w.handler.Handle(ctx, telegram.Update{Private: true, Event: conversation.Remind{ExpiresAt: at}})
	})
}

// attempts is how often an update may fail for a reason of our own before it
// is set aside.
const attempts = 3

// workOn carries one update through. A failure of Redis or of the register is
// waited out here; one of our own sets the update aside at the third time.
func (w *Worker) workOn(ctx context.Context, row arrival) error {
	began := time.Now()
	told := w.Chat <= 0
	for failures := 0; ; failures++ {
		tried := time.Now()
		err := contained(func() error { return w.handle(ctx, row, failures == 0) })
		took := time.Since(tried)
		var own *loop.Fault
		switch {
		case err == nil:
			w.in.cfg.Meter.Turn(TurnDone, took)
			w.done = append(w.done, row.Seq)
			return nil
		case errors.As(err, &own):
			if over, err := w.setAside(ctx, row.Received, own, took); over || err != nil {
				return err
			}
		case ctx.Err() != nil || w.in.workers.isClosed():
			return err
		default:
			w.in.cfg.Meter.Turn(TurnWaits, took)
			w.in.cfg.Log.Check(err)
			w.in.cfg.Log.Warn("an update waits", "chat", w.Chat, "update", row.UpdateID, "error", err)
			told = w.waitOut(ctx, began, told)
			if failures > 0 { // though the stores said that they work
				w.in.workers.await(ctx, nil, loop.Backoff(min(failures, 3)))
			}
		}
	}
}

// setAside notes a failure of our own; over says that it was the last and the
// update is in quarantine.
func (w *Worker) setAside(ctx context.Context, row outbox.Received, own *loop.Fault, took time.Duration) (over bool, err error) {
	w.in.cfg.Log.Error("an update failed", "chat", w.Chat, "update", row.UpdateID, "error", own)
	over, err = w.in.cfg.Store.FailUpdate(ctx, row.Seq, own.Error(), attempts)
	switch {
	case err != nil:
		return false, err
	case !over:
		w.in.cfg.Meter.Turn(TurnFailed, took)
		return false, nil
	}
	w.in.cfg.Meter.Turn(TurnQuarantined, took)
	w.in.cfg.Log.Error("an update is in quarantine", "chat", w.Chat, "update", row.UpdateID)
	w.handler.SetAside()
	return true, nil
}

// handle has an update carried through, after reading it if nobody has.
func (w *Worker) handle(ctx context.Context, row arrival, first bool) error {
	u, err := telegram.Update{}, error(nil)
	if row.update == nil {
		u, err = telegram.Decode(row.Raw)
	} else {
		u = *row.update
		u.First = first
	}
	if err != nil {
		// The text of a JSON error may quote the update.
		return &loop.Fault{Err: errors.New("the update cannot be decoded")}
	}
	if next := w.behind; next != nil && u.Message != nil {
		u.More = u.Private && next.Message != nil && next.Says()
		u.AlbumGoesOn = u.Message.Album != "" && next.Message != nil && next.Message.Album == u.Message.Album
	}
	return w.handler.Handle(ctx, u)
}

// contained keeps a panic from ending the process.
func contained(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &loop.Fault{Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return do()
}

// Nudge tells the worker something that its handler found out.
func (w *Worker) Nudge(n Nudge) { w.merge(n) }
