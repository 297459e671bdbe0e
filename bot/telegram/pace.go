package telegram

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// pace lets sends through so that no window of Telegram's limits ever holds
// too many. A token bucket would not do: a burst of b and a rate of r let b+r
// through in one window. A send occupies its windows from its start until Per
// after its end, because Telegram counts it somewhere in between.
//
// A person's chat has such a bucket all the same, as long as Telegram does not
// mind: people read an answer and the next question at once. And a part of a
// group's window is kept for answers.
//
// Who waits goes by rank, answers first, then by order of arrival; one chat that
// must wait does not hold back another.
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
	burst       bucket
	heldUntil   time.Time // Telegram said retry_after
	exactUntil  time.Time // and takes no bursts
}

// exactFor is for how long a chat that Telegram held back gets no bursts.
const exactFor = time.Hour

type ticket struct {
	Slot
	order uint64
	let   chan struct{}
}

func (t *ticket) compare(other *ticket) int {
	if t.Answer != other.Answer {
		if t.Answer {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(t.Rank, other.Rank), cmp.Compare(t.order, other.order))
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

// wait blocks until a message may be sent. The caller must call sent when the
// request has ended, however it ended. The error is the context's.
func (p *pace) wait(ctx context.Context, slot Slot) (sent func(), err error) {
	slot.Items = max(1, slot.Items)
	p.mu.Lock()
	p.next++
	t := &ticket{Slot: slot, order: p.next, let: make(chan struct{})}
	at, _ := slices.BinarySearchFunc(p.queue, t, (*ticket).compare)
	p.queue = slices.Insert(p.queue, at, t)
	p.pumpLocked()
	p.mu.Unlock()
	select {
	case <-t.let:
		return func() { p.sent(t) }, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.queue, t); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
		return nil, ctx.Err()
	}
	return func() { p.sent(t) }, nil // let through in the same moment
}

// begin and sent are the two ends of a send that wait let through.
func (p *pace) begin(t *ticket) {
	c := p.chat(t.Chat)
	p.all.begin(t.Items)
	c.chat.begin(1) // an album counts one
	c.burst.begin()
	if isGroup(t.Chat) {
		c.group.begin(t.Items)
	}
}

func (p *pace) sent(t *ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, c := time.Now(), p.chats[t.Chat]
	p.all.end(now, t.Items)
	c.chat.end(now, 1)
	c.burst.end(now, p.limits.Chat)
	if isGroup(t.Chat) {
		c.group.end(now, t.Items)
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
	c.exactUntil = now.Add(exactFor)
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
		if free, ok := p.chat(t.Chat).free(now, p.limits, t.Slot); !ok || waiting[t.Chat] {
			if !ok {
				wake = sooner(wake, free)
			}
			waiting[t.Chat] = true
			kept = append(kept, t)
			continue
		}
		free, ok := p.all.free(now, p.limits.All, t.Items)
		if !ok {
			wake = sooner(wake, free)
			kept = append(kept, p.queue[i:]...)
			break
		}
		p.begin(t)
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
		_, ok := c.free(now, p.limits, Slot{Chat: id, Items: 1})
		if ok && c.chat.busy == 0 && c.burst.leaked(now, p.limits.Chat) == 0 && !c.exactUntil.After(now) {
			delete(p.chats, id)
		}
	}
}

func (c *chatPace) free(now time.Time, l Limits, s Slot) (at time.Time, ok bool) {
	if c.heldUntil.After(now) {
		return c.heldUntil, false
	}
	at, ok = c.chat.free(now, l.Chat, 1)
	switch {
	case !isGroup(s.Chat) && l.Burst > 1 && !c.exactUntil.After(now):
		return c.burst.free(now, l.Chat, l.Burst)
	case !ok || !isGroup(s.Chat):
		return at, ok
	}
	if !s.Answer {
		l.Group.Count = max(min(1, l.Group.Count), l.Group.Count-l.Reserve)
	}
	return c.group.free(now, l.Group, s.Items)
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
