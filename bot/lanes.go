package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
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

// rest waits until the stores work again, or there is something to say of it.
func (l *lane) rest(ctx context.Context) {
	select {
	case <-l.stores.fail():
	case <-l.poke:
	case <-l.lanes.closing:
	case <-ctx.Done():
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
func (l *lane) workOn(ctx context.Context, row incident.Received) error {
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

// setAside notes a failure of our own; over says that it was the last and the
// update is in quarantine.
func (l *lane) setAside(ctx context.Context, row incident.Received, own *ownFault, took time.Duration) (over bool, err error) {
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
		l.replies = append(l.replies, conversation.Trouble())
	}
	return true, nil
}

// unavailableAfter is how long a person waits before being told that
// something is out of order.
const unavailableAfter = 2 * time.Second

// tell says something past the register, which may be what does not work.
// false: Telegram did not take it, and it is worth trying again.
func (l *lane) tell(ctx context.Context, m conversation.Message) bool {
	sent, err := l.pace.wait(ctx, l.chat, int(incident.RankNotice))
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

// ownFault is a failure that a repetition does not mend: an update that cannot
// be decoded, a panic.
type ownFault struct{ error }

func (e *ownFault) Unwrap() error { return e.error }

// contained keeps a panic from ending the process.
func (l *lane) contained(ctx context.Context, row incident.Received) (err error) {
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

// answer sends the next reply, or marks the rows done when there is none.
func (l *lane) answer(ctx context.Context) error {
	if len(l.replies) == 0 {
		return l.settle(ctx, nil)
	}
	waiting, err := l.cfg.Register.Pending(ctx, l.chat)
	if err != nil {
		return err
	}
	if waiting || l.lanes.isClosed() || len(l.rows) >= laneBatch {
		err := l.settle(ctx, l.replies)
		if waiting {
			l.probe(ctx, l.chat)
		}
		return err
	}
	next := l.replies[0]
	sent, ok := l.turnToSend(ctx, next.Prompt)
	if !ok {
		return nil
	}
	id, err := l.sendMessage(ctx, l.chat, next, 0)
	sent()
	switch f, wait, _ := judge(err); f {
	case delivered:
		l.works(ctx)
		l.replies = l.replies[1:]
		if next.About == "" || id == 0 {
			return nil
		}
		return l.cfg.Register.Said(ctx, incident.Place{Chat: l.chat, MessageID: id}, next.About)
	case flooded:
		l.pace.hold(l.chat, wait)
		return l.settle(ctx, l.replies)
	case gone:
		l.log.Info("the person cannot be reached", "chat", l.chat, "error", err)
		if err := l.cfg.Register.Unreachable(ctx, l.chat, l.now()); err != nil {
			return err
		}
		return l.settle(ctx, nil)
	case refused:
		// The outbox is refused it too, and has it told what never arrived.
		return l.settle(ctx, l.replies)
	}
	l.failed()
	l.log.Warn("a reply goes to the outbox", "chat", l.chat, "error", err)
	return l.settle(ctx, l.replies)
}

// turnToSend waits for Telegram's limits; it gives up when there is more to
// take in first, and the reply in hand may become needless by it.
func (l *lane) turnToSend(ctx context.Context, prompt bool) (sent func(), ok bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if prompt && len(l.rows) < laneBatch {
		stop, done := make(chan struct{}), make(chan struct{})
		defer func() {
			close(stop)
			<-done // a poke that it took must be back before the lane can retire
		}()
		go func() {
			defer close(done)
			select {
			case <-l.poke:
				l.poke.raise() // for run
				cancel()
			case <-stop:
			}
		}()
	}
	sent, err := l.pace.wait(ctx, l.chat, int(incident.RankPrompt))
	return sent, err == nil
}

// settle marks the rows done and leaves the rest of the replies to the outbox,
// in one transaction.
func (l *lane) settle(ctx context.Context, replies []conversation.Message) error {
	if len(l.rows) == 0 && len(replies) == 0 {
		l.replies = nil
		return nil
	}
	// The same rows leave the same keys, so a repetition adds nothing.
	batch := l.cfg.NewID()
	if len(l.rows) > 0 {
		batch = fmt.Sprintf("%d-%d", l.rows[0], l.rows[len(l.rows)-1])
	}
	var posts []incident.Outgoing
	for i, m := range replies {
		rank := incident.RankNotice
		if m.Prompt {
			rank = incident.RankPrompt
		}
		posts = append(posts, incident.Outgoing{
			Key:     fmt.Sprintf("reply:%d:%s:%d", l.chat, batch, i),
			Channel: incident.Telegram, Chat: l.chat, Rank: rank, Prompt: m.Prompt && m.Refusal == "" && !m.RemoveKeyboard, Number: m.About,
			Body: parcel{Message: &m}.encode(),
		})
	}
	if err := l.cfg.Register.Done(ctx, l.rows, posts); err != nil {
		return err
	}
	l.rows, l.replies = nil, nil
	if len(posts) > 0 {
		l.courier.raise()
	}
	return nil
}
