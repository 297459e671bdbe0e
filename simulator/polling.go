package simulator

import (
	"encoding/json"
	"time"
)

// lastPoll is what the last getUpdates call asked for, and when.
type lastPoll struct {
	offset         int64
	began, answers time.Time
}

// poll is a getUpdates call under way.
type poll struct {
	ended chan string // why it ended before its time
	waits bool        // it found nothing to fetch yet
}

// getUpdates: https://core.telegram.org/bots/api#getupdates. An update is
// confirmed by a call with an offset above its id, and by nothing else. A call
// that has to wait ends the one that waits; a call that finds something, or does
// not wait, leaves it alone (telegram-bot-api, Client::do_get_updates).
func (tg *Telegram) getUpdates(q *request) (any, error) {
	limit := q.int("limit")
	if limit < 1 || limit > 100 {
		limit = 100
	}
	timeout := min(time.Duration(q.int("timeout"))*time.Second, maxPoll)

	tg.mu.Lock()
	defer tg.mu.Unlock()
	if tg.hook != nil {
		return nil, tg.conflict(q, "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if err := tg.setAllowed(q); err != nil {
		return nil, err
	}
	offset := q.int64("offset")
	limit, timeout = tg.slow(q, offset, limit, timeout)
	tg.confirm(tg.sensible(offset))
	own := &poll{ended: make(chan string, 1)}
	defer func() {
		tg.asked.answers = time.Now()
		if tg.poll == own {
			tg.poll = nil
		}
	}()
	return tg.awaitBatch(q, own, limit, timeout)
}

// slow is how the server treats a client that asks in a loop: the same offset
// soon after an answer gets one update, and waits three seconds at least.
func (tg *Telegram) slow(q *request, offset int64, limit int, timeout time.Duration) (int, time.Duration) {
	now, last := time.Now(), tg.asked
	tg.asked.offset, tg.asked.began = offset, now
	switch {
	case q.noWait:
		return limit, 0
	case tg.opt.EagerPolls || offset != last.offset:
		return limit, timeout
	}
	if now.Sub(last.answers) < sameSoon {
		limit = 1
	}
	if now.Sub(last.began) < sameLater {
		timeout = max(timeout, sameLater)
	}
	return limit, timeout
}

// sensible is the offset, or 0 in place of one that is too far off.
func (tg *Telegram) sensible(offset int64) int64 {
	head := tg.nextUpdate
	for _, u := range tg.pending {
		head = min(head, u.id)
	}
	if offset > tg.nextUpdate+offsetAhead || offset > 0 && offset < head-offsetBehind {
		return 0
	}
	return offset
}

// awaitBatch waits up to timeout for updates; the mutex is held before and after,
// not while waiting.
func (tg *Telegram) awaitBatch(q *request, own *poll, limit int, timeout time.Duration) (any, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		if tg.down {
			return nil, errCut
		}
		tg.expire()
		if batch := tg.batch(limit); len(batch) > 0 || timeout <= 0 {
			return batch, nil
		}
		select {
		case ended := <-own.ended: // in the moment in which something arrived for another
			return nil, tg.conflict(q, ended)
		default:
		}
		if tg.poll != own {
			tg.endPoll("terminated by other getUpdates request; make sure that only one bot instance is running")
			tg.poll = own
		}
		arrived := tg.arrived.wait()
		own.waits = true
		tg.polled.fire()
		tg.mu.Unlock()
		var over bool
		var ended string
		select {
		case <-arrived:
		case <-timer.C:
			over = true
		case ended = <-own.ended:
		case <-q.ctx.Done():
			over = true
		case <-tg.ctx.Done():
			over = true
		}
		tg.mu.Lock()
		own.waits = false
		if ended != "" {
			return nil, tg.conflict(q, ended)
		}
		if q.ctx.Err() != nil || tg.ctx.Err() != nil {
			return nil, errCut
		}
		if over {
			return []json.RawMessage{}, nil
		}
	}
}

// conflict is an answer of 409: at once when there was none for ConflictPause,
// else after that time (telegram-bot-api, Client::fail_query_conflict). The mutex
// is held before and after, not while waiting.
func (tg *Telegram) conflict(q *request, reason string) error {
	if time.Since(tg.conflictAt) >= tg.opt.ConflictPause {
		tg.conflictAt = time.Now()
		return conflict(reason)
	}
	tg.mu.Unlock()
	defer tg.mu.Lock()
	timer := time.NewTimer(tg.opt.ConflictPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return conflict(reason)
	case <-q.ctx.Done():
	case <-tg.ctx.Done():
	}
	return errCut
}

func (tg *Telegram) endPoll(reason string) {
	if tg.poll != nil {
		tg.poll.ended <- reason
		tg.poll = nil
	}
}
