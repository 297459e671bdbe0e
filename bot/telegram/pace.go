package telegram

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Limits are Telegram's limits on sending (Bot API FAQ, «My bot is hitting
// limits»): so many messages in any stretch of that length.
type Limits struct {
	All, Chat, Group Limit
}

// Limit is Count messages in any window of length Per.
type Limit struct {
	Count int
	Per   time.Duration
}

// PublicLimits are about 30 messages a second overall, one a second in a
// chat and 20 a minute in a group.
var PublicLimits = Limits{
	All:   Limit{30, time.Second},
	Chat:  Limit{1, time.Second},
	Group: Limit{20, time.Minute},
}

// pace lets sends through so that no window of Telegram's limits ever holds
// too many. A token bucket would not do: a burst of b and a rate of r let b+r
// through in one window. A send occupies its windows from its start until Per
// after its end, because Telegram counts it somewhere in between.
//
// Who waits goes by rank, then by order of arrival; one chat that must wait
// does not hold back another.
type pace struct {
	mu     sync.Mutex
	limits Limits
	all    window
	chats  map[int64]*chatPace
	queue  []*ticket
	next   uint64
	timer  *time.Timer
}

type chatPace struct {
	chat, group window
	heldUntil   time.Time // Telegram said retry_after
}

type ticket struct {
	chat  int64
	rank  int
	items int // an album is several messages; a chat's second counts one
	order uint64
	let   chan struct{}
}

func newPace(limits Limits) *pace {
	p := &pace{limits: limits, chats: map[int64]*chatPace{}}
	p.timer = time.AfterFunc(time.Hour, p.pump)
	p.timer.Stop()
	return p
}

// resume makes the limits go on where the process before left them: desk got
// messages at these times, the oldest first, by a clock that shows now. Whom
// else it wrote to nobody knows, so the first second is silent.
func (p *pace) resume(desk int64, now time.Time, sent []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	here, group := time.Now(), &p.chat(desk).group
	for _, at := range sent {
		group.ended = append(group.ended, here.Add(-max(0, now.Sub(at))))
	}
	if p.limits.All.Count > 0 {
		p.all.heldUntil = here.Add(max(p.limits.All.Per, p.limits.Chat.Per))
	}
}

// wait blocks until a message to chat may be sent. The caller must call sent
// when the request has ended, however it ended. Lower ranks go first. The
// error is the context's.
func (p *pace) wait(ctx context.Context, chat int64, rank int) (sent func(), err error) {
	return p.waitFor(ctx, chat, rank, 1)
}

// waitFor is wait for an album of so many items.
func (p *pace) waitFor(ctx context.Context, chat int64, rank, items int) (sent func(), err error) {
	p.mu.Lock()
	p.next++
	t := &ticket{chat: chat, rank: rank, items: items, order: p.next, let: make(chan struct{})}
	at, _ := slices.BinarySearchFunc(p.queue, t, func(a, b *ticket) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return int(int64(a.order) - int64(b.order))
	})
	p.queue = slices.Insert(p.queue, at, t)
	p.pumpLocked()
	p.mu.Unlock()
	select {
	case <-t.let:
		return func() { p.sent(chat, items) }, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.queue, t); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
		return nil, ctx.Err()
	}
	return func() { p.sent(chat, items) }, nil // let through in the same moment
}

// sent ends a send that wait let through.
func (p *pace) sent(chat int64, items int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.all.end(now, items)
	c := p.chats[chat]
	c.chat.end(now, 1)
	if isGroup(chat) {
		c.group.end(now, items)
	}
	p.pumpLocked()
}

// hold lets nothing go to a chat for d: Telegram asked for it (429,
// retry_after). When another chat is held too, the flood is the bot's as a
// whole, and everything waits.
func (p *pace) hold(chat int64, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for id, c := range p.chats {
		if id != chat && !isGroup(id) && !isGroup(chat) && c.heldUntil.After(now) {
			p.all.heldUntil = later(p.all.heldUntil, now.Add(d))
		}
	}
	c := p.chat(chat)
	c.heldUntil = later(c.heldUntil, now.Add(d))
	p.pumpLocked()
}

func (p *pace) pump() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pumpLocked()
}

// pumpLocked lets through all who may go now and sets the timer for the next.
func (p *pace) pumpLocked() {
	now := time.Now()
	var wake time.Time
	kept := p.queue[:0]
	waiting := map[int64]bool{} // a message must not slip past an album for ever
	for i, t := range p.queue {
		c := p.chat(t.chat)
		if free, ok := c.free(now, p.limits, isGroup(t.chat), t.items); !ok || waiting[t.chat] {
			if !ok {
				wake = sooner(wake, free)
			}
			waiting[t.chat] = true
			kept = append(kept, t)
			continue
		}
		free, ok := p.all.free(now, p.limits.All, t.items)
		if !ok {
			wake = sooner(wake, free)
			kept = append(kept, p.queue[i:]...)
			break
		}
		p.all.begin(t.items)
		c.chat.begin(1)
		if isGroup(t.chat) {
			c.group.begin(t.items)
		}
		close(t.let)
	}
	clear(p.queue[len(kept):])
	p.queue = kept
	p.timer.Stop()
	if !wake.IsZero() {
		p.timer.Reset(max(0, wake.Sub(now)))
	}
	p.prune(now)
}

func (p *pace) chat(id int64) *chatPace {
	c := p.chats[id]
	if c == nil {
		c = &chatPace{}
		p.chats[id] = c
	}
	return c
}

// prune forgets chats with nothing to remember, when there are many.
func (p *pace) prune(now time.Time) {
	if len(p.chats) < 1000 || p.next%256 != 0 {
		return
	}
	for id, c := range p.chats {
		if _, ok := c.free(now, p.limits, isGroup(id), 1); ok && c.chat.busy == 0 {
			delete(p.chats, id)
		}
	}
}

func (c *chatPace) free(now time.Time, l Limits, group bool, items int) (at time.Time, ok bool) {
	if c.heldUntil.After(now) {
		return c.heldUntil, false
	}
	if at, ok := c.chat.free(now, l.Chat, 1); !ok {
		return at, false
	}
	if group {
		return c.group.free(now, l.Group, items)
	}
	return now, true
}

func isGroup(chat int64) bool { return chat < 0 }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sooner is the earlier of two times, of which zero means never.
func sooner(a, b time.Time) time.Time {
	switch {
	case a.IsZero():
		return b
	case b.IsZero() || a.Before(b):
		return a
	}
	return b
}
