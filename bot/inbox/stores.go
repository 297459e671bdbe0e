package inbox

import (
	"context"
	"errors"
	"sync"
	"time"

	"intakebot/bot/telegram"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// stores is what is known of Redis and the register together: when one of them
// does not work, everybody who needs it waits for the same moment, and one
// goroutine, WatchStores, asks for it. So an outage costs a question every
// half-second however many people wait, and all go on as soon as it is over.
type stores struct {
	mu      sync.Mutex
	mended  chan struct{} // closed when both work again; nil: nothing is wrong
	trouble loop.Signal
}

// fail says that a store failed and returns a channel that is closed as soon as
// both work, at the earliest at the next look.
func (s *stores) fail() (mended <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mended == nil {
		s.mended = make(chan struct{})
		s.trouble.Raise()
	}
	return s.mended
}

func (s *stores) mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.mended)
	s.mended = nil
}

const (
	// firstLook spares a passing failure the words; lookEvery bounds how long
	// after the end of an outage the people who wait are answered.
	firstLook = 200 * time.Millisecond
	lookEvery = 500 * time.Millisecond
	// lookFor is longer than the register waits for a lock (five seconds).
	lookFor = 6 * time.Second
)

// WatchStores asks the stores, while one of them does not work, whether they
// do again.
func (in *Inbox) WatchStores(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-in.stores.trouble:
		}
		began, next := time.Now(), firstLook
		for problem := ""; loop.Pause(ctx, next, nil); next = lookEvery {
			err := in.askStores(ctx)
			if err == nil {
				if problem != "" {
					in.cfg.Log.Info("the stores work again", "outage", time.Since(began).Round(time.Millisecond))
				}
				in.stores.mend()
				break
			}
			if text := err.Error(); text != problem && ctx.Err() == nil {
				problem = text
				in.cfg.Log.Error("a store does not work: updates wait", "error", err)
			}
		}
	}
}

// askStores is nil when both stores take writes.
func (in *Inbox) askStores(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	var redis, register error
	var both sync.WaitGroup
	both.Go(func() { redis = in.cfg.Drafts.Ping(ctx) })
	both.Go(func() { register = in.cfg.Store.Ping(ctx) })
	both.Wait()
	in.cfg.Log.Check(register)
	return errors.Join(redis, register)
}

// rest waits until the stores work again, or there is something to say of it.
func (w *Worker) rest(ctx context.Context) {
	select {
	case <-w.in.stores.fail():
	case <-w.poke:
	case <-w.in.workers.closing:
	case <-ctx.Done():
	}
}

// waitOut waits until the stores work again. The person is told once of what
// has lasted since began, as soon as Telegram takes it.
func (w *Worker) waitOut(ctx context.Context, began time.Time, told bool) bool {
	mended := w.in.stores.fail()
	patience := max(unavailableAfter-time.Since(began), time.Millisecond)
	for !told && !w.in.workers.await(ctx, mended, patience) && ctx.Err() == nil && !w.in.workers.isClosed() {
		told = w.tell(ctx, true)
		patience = 5 * time.Second
	}
	w.in.workers.await(ctx, mended, 0)
	return told
}

// unavailableAfter is how long a person waits before being told that
// something is out of order.
const unavailableAfter = 2 * time.Second

// tell says past the register, which may be what does not work, that something
// is out of order. false: Telegram did not take it, and it is worth trying again.
func (w *Worker) tell(ctx context.Context, kept bool) bool {
	m := w.in.cfg.Unavailable(w.Chat, kept)
	r := w.in.cfg.Source.Deliver(ctx, telegram.Slot{Chat: w.Chat, Rank: int(outbox.RankNotice)}, func() error {
		_, err := w.in.cfg.Source.SendMessage(ctx, w.Chat, m, 0)
		return err
	})
	if r.Err != nil && r.Kind != telegram.NotSent {
		w.in.cfg.Log.Warn("the outage was not told", "chat", w.Chat, "error", r.Err)
	}
	return r.Kind != telegram.RateLimited && r.Kind != telegram.Temporary && r.Kind != telegram.NotSent
}
