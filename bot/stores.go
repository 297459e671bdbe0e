package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"intakebot/conversation"
	"intakebot/outbox"
)

// stores is what is known of Redis and the register together: when one of them
// does not work, everybody who needs it waits for the same moment, and one
// goroutine, watchStores, asks for it. So an outage costs a question every
// half-second however many people wait, and all go on as soon as it is over.
type stores struct {
	mu      sync.Mutex
	mended  chan struct{} // closed when both work again; nil: nothing is wrong
	trouble signal
}

// fail says that a store failed and returns a channel that is closed as soon as
// both work, at the earliest at the next look.
func (s *stores) fail() (mended <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mended == nil {
		s.mended = make(chan struct{})
		s.trouble.raise()
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

// watchStores asks the stores, while one of them does not work, whether they
// do again.
func (b *Bot) watchStores(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.stores.trouble:
		}
		began, next := time.Now(), firstLook
		for problem := ""; pause(ctx, next, nil); next = lookEvery {
			err := b.askStores(ctx)
			if err == nil {
				if problem != "" {
					b.log.Info("the stores work again", "outage", time.Since(began).Round(time.Millisecond))
				}
				b.stores.mend()
				break
			}
			if text := err.Error(); text != problem && ctx.Err() == nil {
				problem = text
				b.log.Error("a store does not work: updates wait", "error", err)
			}
		}
	}
}

// askStores is nil when both stores take writes.
func (b *Bot) askStores(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	var redis, register error
	var both sync.WaitGroup
	both.Go(func() { redis = b.cfg.Drafts.Ping(ctx) })
	both.Go(func() { register = b.cfg.Register.Ping(ctx) })
	both.Wait()
	b.fatal(register)
	return errors.Join(redis, register)
}

// await waits for ch, at most for d when d is positive; false when ctx or the
// time ended first, or the lanes are about to close.
func (l *lanes) await(ctx context.Context, ch <-chan struct{}, d time.Duration) bool {
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

// rest waits until the stores work again, or there is something to say of it.
func (l *lane) rest(ctx context.Context) {
	select {
	case <-l.stores.fail():
	case <-l.poke:
	case <-l.lanes.closing:
	case <-ctx.Done():
	}
}

// waitOut waits until the stores work again. The person is told once of what
// has lasted since began, as soon as Telegram takes it.
func (l *lane) waitOut(ctx context.Context, began time.Time, told bool) bool {
	mended := l.stores.fail()
	patience := max(unavailableAfter-time.Since(began), time.Millisecond)
	for !told && !l.lanes.await(ctx, mended, patience) && ctx.Err() == nil && !l.lanes.isClosed() {
		told = l.tell(ctx, l.cfg.Dialogue.Unavailable(l.now()))
		patience = 5 * time.Second
	}
	l.lanes.await(ctx, mended, 0)
	return told
}

// unavailableAfter is how long a person waits before being told that
// something is out of order.
const unavailableAfter = 2 * time.Second

// tell says something past the register, which may be what does not work.
// false: Telegram did not take it, and it is worth trying again.
func (l *lane) tell(ctx context.Context, m conversation.Message) bool {
	sent, err := l.pace.wait(ctx, l.chat, int(outbox.RankNotice))
	if err != nil {
		return false
	}
	defer sent()
	_, err = l.sendMessage(ctx, l.chat, m, 0)
	if err != nil {
		l.log.Warn("the outage was not told", "chat", l.chat, "error", err)
	}
	f, wait, _ := judge(err)
	if f == flooded {
		l.pace.hold(l.chat, wait)
	}
	return f != flooded && f != retry
}
