package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"intakebot/conversation"
	"intakebot/outbox"
)

// lanes are the chats with work to do, a goroutine each. Within a lane updates
// are worked on strictly in order, so nothing that a turn touches needs a
// lock; one slow chat stops nobody.
type lanes struct {
	bot    *Bot
	mu     sync.Mutex
	open   map[int64]*lane
	closed bool
	// closing is closed with closed, for those who wait.
	closing chan struct{}
	done    sync.WaitGroup
}

// lane is one chat at work.
type lane struct {
	*Bot
	chat int64
	poke signal // there is more
	// after is the last inbox row taken up; rows are those not marked done,
	// and replies what they have to say that is not said yet.
	after   int64
	rows    []int64
	replies []conversation.Message
	decided *decision // and not carried through yet; nil when nothing is in hand
	// behind is the update after the one in hand, raw, if it is here already.
	behind []byte
	// remind is when the draft ends, if the person is to be reminded.
	remind time.Time
	// untold: updates of the chat could not be stored, and it does not know.
	untold bool
	// leaving: the person is forgotten, and Redis is to be emptied.
	leaving bool
}

// wake starts the lane of a chat, or tells it that there is more.
func (l *lanes) wake(chat int64) { l.wakeWith(chat, func(*lane) {}) }

func (l *lanes) wakeWith(chat int64, tell func(*lane)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	one, running := l.open[chat]
	if !running {
		if l.open == nil {
			l.open = map[int64]*lane{}
		}
		one = &lane{Bot: l.bot, chat: chat, poke: newSignal()}
		l.open[chat] = one
		l.done.Go(one.run)
	}
	tell(one)
	one.poke.raise()
}

// retire ends a lane that found nothing to do, unless it was woken meanwhile.
func (l *lanes) retire(one *lane) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(one.poke) > 0 && !l.closed {
		return false
	}
	delete(l.open, one.chat)
	return true
}

// close lets the lanes finish what they have in hand.
func (l *lanes) close() {
	l.mu.Lock()
	if !l.closed {
		close(l.closing)
	}
	l.closed = true
	for _, one := range l.open {
		one.poke.raise()
	}
	l.mu.Unlock()
	l.done.Wait()
}

func (l *lanes) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// laneBatch is how many updates are taken up before they are answered, at once
// or by the outbox.
const laneBatch = 32

// run works until the chat has nothing more to do. Updates that wait are all
// taken in before the first reply goes out, and a reply that waits for
// Telegram's limits waits for more updates too: of the questions that an album
// or a long paste brings forth, only the last is sent. Many updates do not wait
// for the limits: their replies go to the outbox.
func (l *lane) run() {
	ctx := l.work
	for {
		select {
		case <-l.poke:
		default:
		}
		l.tellUntaken(ctx)
		all, err := l.takeIn(ctx)
		if err == nil {
			err = l.answer(ctx)
		}
		if err == nil {
			l.leave(ctx)
		}
		switch {
		case ctx.Err() != nil:
			l.lanes.retire(l)
			return
		case err != nil:
			l.fatal(err)
			l.complain("lane", "chat", l.chat, "error", err)
			if l.lanes.isClosed() {
				l.lanes.retire(l)
				return
			}
			l.rest(ctx)
		case all && len(l.rows) == 0 && len(l.replies) == 0:
			if l.lanes.retire(l) {
				return
			}
		}
	}
}

// takeIn works on the updates that wait; all is false when others may.
func (l *lane) takeIn(ctx context.Context) (all bool, err error) {
	for len(l.rows) < laneBatch && !l.lanes.isClosed() && !all {
		rows, err := l.cfg.Register.WaitingUpdates(ctx, l.chat, l.after, laneBatch-len(l.rows))
		if err != nil {
			return false, err
		}
		for k, row := range rows {
			if l.lanes.isClosed() {
				return true, nil
			}
			if l.behind = nil; k+1 < len(rows) {
				l.behind = rows[k+1].Raw
			}
			if err := l.workOn(ctx, row); err != nil {
				return false, err
			}
		}
		all = len(rows) == 0
	}
	return all || l.lanes.isClosed(), l.remindNow(ctx)
}

// attempts is how often an update may fail for a reason of our own before it
// is set aside.
const attempts = 3

// workOn carries one update through. A failure of Redis or of the register is
// waited out here; one of our own sets the update aside at the third time.
func (l *lane) workOn(ctx context.Context, row outbox.Received) error {
	began := time.Now()
	told := l.chat <= 0
	for failures := 0; ; failures++ {
		tried := time.Now()
		err := l.contained(ctx, row)
		took := time.Since(tried)
		var own *ownFault
		switch {
		case err == nil:
			l.cfg.Meter.Turn(TurnDone, took)
			l.after = row.Seq
			l.rows = append(l.rows, row.Seq)
			return nil
		case errors.As(err, &own):
			if over, err := l.setAside(ctx, row, own, took); over || err != nil {
				return err
			}
		case ctx.Err() != nil || l.lanes.isClosed():
			return err
		default:
			l.cfg.Meter.Turn(TurnWaits, took)
			l.fatal(err)
			l.log.Warn("an update waits", "chat", l.chat, "update", row.UpdateID, "error", err)
			told = l.waitOut(ctx, began, told)
			if failures > 0 { // though the stores said that they work
				l.lanes.await(ctx, nil, backoff(min(failures, 3)))
			}
		}
	}
}

// setAside notes a failure of our own; over says that it was the last and the
// update is in quarantine.
func (l *lane) setAside(ctx context.Context, row outbox.Received, own *ownFault, took time.Duration) (over bool, err error) {
	l.log.Error("an update failed", "chat", l.chat, "update", row.UpdateID, "error", own)
	over, err = l.cfg.Register.FailUpdate(ctx, row.Seq, own.Error(), attempts)
	switch {
	case err != nil:
		return false, err
	case !over:
		l.cfg.Meter.Turn(TurnFailed, took)
		return false, nil
	}
	l.cfg.Meter.Turn(TurnQuarantined, took)
	l.log.Error("an update is in quarantine", "chat", l.chat, "update", row.UpdateID)
	l.after = row.Seq
	if l.chat > 0 {
		l.replies = append(l.replies, l.cfg.Dialogue.Trouble())
	}
	return true, nil
}

// ownFault is a failure that a repetition does not mend: an update that cannot
// be decoded, a panic.
type ownFault struct{ error }

func (e *ownFault) Unwrap() error { return e.error }

// contained keeps a panic from ending the process.
func (l *lane) contained(ctx context.Context, row outbox.Received) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &ownFault{fmt.Errorf("panic: %v", p)}
		}
	}()
	r, err := decode(row.Raw)
	switch {
	case err != nil:
		// The text of a JSON error may quote the update.
		return &ownFault{errors.New("the update cannot be decoded")}
	case l.chat == 0:
		return nil
	case r.private && l.chat > 0:
		return l.turn(ctx, row.UpdateID, r)
	case l.chat == l.deskChat():
		return l.deskTurn(ctx, row.UpdateID, r)
	}
	return nil
}
