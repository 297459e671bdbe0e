package inbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"intakebot/bot/telegram"
	"intakebot/internal/loop"
)

// Two processes that poll with one token, each with a register of its own, share
// the updates between them by chance. Telegram ends the poll of the one when the
// other begins to wait (409 Conflict), and tells nobody who was there first. So:
//
//   - A process that is new to this bot, or was away for long, listens before it
//     takes anything: it polls without an offset, which confirms nothing, and
//     drops what it hears. Who is there already ends this poll by polling again,
//     or confirms one update after another of what was heard. Then the new one
//     waits, silent in every chat, and listens again later.
//   - A process that polled a moment ago, before a crash or a restart, goes on at
//     once: its register belongs to one process (storage.Lock), so nobody else
//     can have been it.
//   - Who has polled for a while keeps on when it is disturbed; who has not
//     gives way.
//
// Nothing is lost by it: an update that was heard and dropped is given again.

// ListenFirst is how long a new process listens: long enough for the process that
// is there already, whose poll was ended and which polls again after
// pauseContested, and short enough for people who write to a bot that was started
// for the first time. The listening poll that is ended may learn of it only after
// the three seconds for which Telegram holds back an answer of 409 that follows
// another; it waits for its answer.
const ListenFirst = 2 * time.Second

// pauseContested is the pause of who keeps on after an answer of 409. It does
// not grow: who is silent for ListenFirst has lost the turn.
const pauseContested = 200 * time.Millisecond

const (
	// yieldPeriod is for how many times ListenFirst a process gives way after its own.
	yieldPeriod = 30
	// polledKey is who polled last for this register and when.
	polledKey = "polled_at"
	// heldFor is the longest pause after which a process goes on at once.
	heldFor = 10 * time.Minute
	// longestWait is the longest pause between two times of listening.
	longestWait = 5 * time.Minute
)

// errTaken: somebody else confirms what is heard.
var errTaken = errors.New("updates are confirmed by another process")

// contested says that an error means another poll, or a webhook.
func contested(err error) bool { return errors.Is(err, errTaken) || telegram.Conflicting(err) }

// singleton holds this process's right to the bot's updates.
type singleton struct {
	Config
	answered func(error)
	acquired chan struct{}
	noted    loop.Throttle
}

// acquire returns when this process may take updates.
func (s *singleton) acquire(ctx context.Context) {
	select {
	case <-s.acquired:
	default:
		if s.await(ctx); ctx.Err() != nil {
			return
		}
		close(s.acquired)
	}
	s.note(ctx)
}

// heldLately says whether it was this register whose process took the bot's
// updates last, as far as it can know.
func (s *singleton) heldLately(ctx context.Context) bool {
	if s.ListenFirst == 0 {
		return true
	}
	note, err := s.Store.Meta(ctx, polledKey)
	if err != nil {
		return false
	}
	id, at, _ := strings.Cut(note, " ")
	last, err := time.Parse(time.RFC3339, at)
	return err == nil && id == fmt.Sprint(s.Source.ID()) && s.Now().Sub(last).Abs() < heldFor
}

// note notes, once a minute, that this process takes the updates.
func (s *singleton) note(ctx context.Context) {
	if !s.noted.Pass(time.Minute) {
		return
	}
	note := fmt.Sprint(s.Source.ID(), " ", s.Now().UTC().Format(time.RFC3339))
	if err := s.Store.SetMeta(ctx, polledKey, note); err != nil && ctx.Err() == nil {
		s.Log.Check(err)
		s.Log.Complain("it is not noted that this process polls", "error", err)
	}
}

// await listens, and waits, until nobody else takes the updates.
func (s *singleton) await(ctx context.Context) {
	for contests, failures := 0, 0; ctx.Err() == nil; {
		err := s.listen(ctx)
		switch {
		case err == nil && contests > 0:
			s.Log.Info("nobody else takes this bot's updates any more: this process does")
			return
		case err == nil || ctx.Err() != nil:
			return
		}
		s.answered(err)
		if !contested(err) {
			s.Log.Warn("no updates from telegram", "error", err)
			loop.Pause(ctx, max(loop.Backoff(failures), telegram.Classify(0, err).RetryAfter), nil)
			failures++
			continue
		}
		wait := min(s.ListenFirst<<min(contests, 10), longestWait)
		s.Log.Complain("somebody else takes this bot's updates, this process takes none and waits: another process with the same token, or a webhook; stop one of them", "error", err)
		// Two that began together must not meet for ever.
		loop.Pause(ctx, wait+rand.N(wait/2+1), nil)
		contests++
	}
}

// listen polls for the time of ListenFirst, confirms nothing and drops what it
// hears; nil: nobody else polled. What was heard once is heard again as long as
// nobody confirms it, or it expires at Telegram: a press after 150 seconds, the
// rest after a day. So the first that is gone makes the time begin anew; who
// takes updates takes another one in that, or polls.
func (s *singleton) listen(ctx context.Context) error {
	var first int64
	missed := false
	end := time.Now().Add(s.ListenFirst)
	for left := s.ListenFirst; left > 0; left = time.Until(end) {
		wait := int((left + time.Second - 1) / time.Second)
		heard, err := s.Source.Peek(ctx, wait)
		if err != nil {
			return err
		}
		if first != 0 && heard != first {
			if missed {
				return errTaken
			}
			missed, end = true, time.Now().Add(s.ListenFirst)
		}
		if first = heard; first != 0 {
			loop.Pause(ctx, min(500*time.Millisecond, left), nil)
		}
	}
	return nil
}
