package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
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

// Probation is how long a new process listens: long enough for the process that
// is there already, whose poll was ended and which polls again after
// pauseContested, and short enough for people who write to a bot that was started
// for the first time. The listening poll that is ended may learn of it only after
// the three seconds for which Telegram holds back an answer of 409 that follows
// another; it waits for its answer.
const Probation = 2 * time.Second

// pauseContested is the pause of who keeps on after an answer of 409. It does
// not grow: who is silent for a probation has lost the turn.
const pauseContested = 200 * time.Millisecond

const (
	// youth is for how many probations a process gives way after its own.
	youth = 30
	// polledKey is who polled last for this register and when.
	polledKey = "polled_at"
	// polledLately is the longest pause after which a process goes on at once.
	polledLately = 10 * time.Minute
	// longestWait is the longest pause between two probations.
	longestWait = 5 * time.Minute
)

// errTaken: somebody else confirms what is heard.
var errTaken = errors.New("updates are confirmed by another process")

// contested says that an error means another poll, or a webhook.
func contested(err error) bool {
	var answer *apiError
	return errors.Is(err, errTaken) || errors.As(err, &answer) && answer.Code == http.StatusConflict
}

// takeTurn returns when this process may take updates.
func (b *Bot) takeTurn(ctx context.Context) {
	select {
	case <-b.turn:
	default:
		if b.awaitTurn(ctx); ctx.Err() != nil {
			return
		}
		close(b.turn)
	}
	b.notePolling(ctx)
}

// polledLately says whether it was this register whose process took the bot's
// updates last, as far as it can know.
func (b *Bot) polledLately(ctx context.Context) bool {
	if b.cfg.Probation == 0 {
		return true
	}
	note, err := b.cfg.Register.Meta(ctx, polledKey)
	if err != nil {
		return false
	}
	id, at, _ := strings.Cut(note, " ")
	last, err := time.Parse(time.RFC3339, at)
	return err == nil && id == fmt.Sprint(b.api.ID()) && b.now().Sub(last).Abs() < polledLately
}

// notePolling notes, once a minute, that this process takes the updates.
func (b *Bot) notePolling(ctx context.Context) {
	if !b.polled.pass(time.Minute) {
		return
	}
	note := fmt.Sprint(b.api.ID(), " ", b.now().UTC().Format(time.RFC3339))
	if err := b.cfg.Register.SetMeta(ctx, polledKey, note); err != nil && ctx.Err() == nil {
		b.fatal(err)
		b.complain("it is not noted that this process polls", "error", err)
	}
}

// awaitTurn listens, and waits, until nobody else takes the updates.
func (b *Bot) awaitTurn(ctx context.Context) {
	for contests, failures := 0, 0; ctx.Err() == nil; {
		err := b.listen(ctx)
		switch {
		case err == nil && contests > 0:
			b.log.Info("nobody else takes this bot's updates any more: this process does")
			return
		case err == nil || ctx.Err() != nil:
			return
		}
		b.answered(err)
		if !contested(err) {
			b.log.Warn("no updates from telegram", "error", err)
			pause(ctx, backoff(failures), nil)
			failures++
			continue
		}
		wait := min(b.cfg.Probation<<min(contests, 10), longestWait)
		b.complain("somebody else takes this bot's updates, this process takes none and waits: another process with the same token, or a webhook; stop one of them", "error", err)
		// Two that began together must not meet for ever.
		pause(ctx, wait+rand.N(wait/2+1), nil)
		contests++
	}
}

// listen polls for the time of a probation, confirms nothing and drops what it
// hears; nil: nobody else polled. What was heard once is heard again as long as
// nobody confirms it, or it expires at Telegram: a press after 150 seconds, the
// rest after a day. So the first that is gone makes the probation begin anew; who
// takes updates takes another one in that, or polls.
func (b *Bot) listen(ctx context.Context) error {
	var first int64
	missed := false
	end := time.Now().Add(b.cfg.Probation)
	for left := b.cfg.Probation; left > 0; left = time.Until(end) {
		var heard []struct {
			ID int64 `json:"update_id"`
		}
		wait := int((left + time.Second - 1) / time.Second)
		if err := b.call(ctx, "getUpdates", map[string]any{"timeout": wait, "limit": 1}, &heard); err != nil {
			return err
		}
		if first != 0 && (len(heard) == 0 || heard[0].ID != first) {
			if missed {
				return errTaken
			}
			missed, end = true, time.Now().Add(b.cfg.Probation)
		}
		if first = 0; len(heard) > 0 {
			first = heard[0].ID
			pause(ctx, min(500*time.Millisecond, left), nil)
		}
	}
	return nil
}
