package simulator

import (
	"slices"
	"time"
)

const (
	maxWebhookPause = 2 * time.Minute // between two attempts
	maxRetryAfter   = time.Hour       // that a bot can ask for
	dropGoneAfter   = 23 * time.Hour  // a webhook that answers 410 all the time is removed
	clockTick       = 10 * time.Millisecond
)

// wakeLanes makes sure that everything that waits is delivered.
func (tg *Telegram) wakeLanes() {
	for _, u := range tg.pending {
		tg.wakeLane(u.lane)
	}
}

// wakeLane makes sure that a goroutine delivers the updates of this lane.
func (tg *Telegram) wakeLane(lane int64) {
	h := tg.hook
	if h == nil || tg.down || tg.closed || h.lanes[lane] {
		return
	}
	h.lanes[lane] = true
	tg.goLocked(func() { tg.runLane(h, lane) })
}

func (tg *Telegram) runLane(h *webhook, lane int64) {
	failures := 0
	for {
		u := tg.nextInLane(h, lane)
		if u == nil {
			return
		}
		retryAfter, err := tg.post(h, u)
		if h.ctx.Err() != nil {
			return
		}
		if err == nil {
			tg.delivered(h, u)
			failures = 0
			continue
		}
		tg.mu.Lock()
		h.lastError, h.lastErrorAt = err.Error(), tg.now()
		tg.mu.Unlock()
		failures++
		if retryAfter == 0 {
			retryAfter = tg.webhookPause(failures)
		}
		if !tg.pass(h, retryAfter) {
			return
		}
	}
}

// webhookPause is how long the server waits after so many failures in a row:
// not at all after the first, then 2, 4, 8 … 120 seconds.
func (tg *Telegram) webhookPause(failures int) time.Duration {
	if own := tg.opt.WebhookBackoff; own > 0 {
		return min(own<<min(failures-1, 20), time.Minute)
	}
	if failures == 1 {
		return 0
	}
	return min(time.Second<<min(failures-1, 20), maxWebhookPause)
}

// pass waits until Options.Now shows that so much time has passed, or the
// webhook ends; false is the latter. A clock that a test moves tells nobody that
// it was moved, so it is looked at often.
func (tg *Telegram) pass(h *webhook, d time.Duration) bool {
	until := tg.now().Add(d)
	for left := d; left > 0; left = until.Sub(tg.now()) {
		if tg.opt.moves {
			left = min(left, clockTick)
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-h.ctx.Done():
			timer.Stop()
			return false
		}
	}
	return true
}

// nextInLane returns the lane's oldest update, or nil when the lane ends.
func (tg *Telegram) nextInLane(h *webhook, lane int64) *update {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.expire()
	i := slices.IndexFunc(tg.pending, func(u *update) bool { return u.lane == lane })
	if tg.hook != h || tg.down || i < 0 {
		delete(h.lanes, lane)
		return nil
	}
	return tg.pending[i]
}

func (tg *Telegram) delivered(h *webhook, u *update) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	i := slices.Index(tg.pending, u)
	if tg.hook != h || i < 0 {
		return
	}
	tg.pending = slices.Delete(tg.pending, i, i+1)
	tg.settle(u)
}

// pressLane is the lane of a person's presses, where they have lanes of their
// own: never that of a chat.
func pressLane(person int64) int64 { return person | 1<<60 }
