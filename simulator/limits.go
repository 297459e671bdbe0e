package simulator

import (
	"math"
	"slices"
	"time"
)

// Limit allows Count sends in any window of Per. The zero value allows all.
type Limit struct {
	Count int
	Per   time.Duration
}

// Limits are the limits on sending messages
// (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
type Limits struct {
	Overall Limit // all chats together
	Chat    Limit // each chat; an album counts once
	Group   Limit // each group besides Chat; each item of an album counts
	// Burst is how many messages a person's chat takes at once before Chat
	// holds; they count until their share of Chat has passed. 0: no bursts.
	Burst int
	// Edits makes editMessage… calls count like sends.
	Edits bool
}

// TelegramLimits are the limits that Telegram documents: 30 messages a second,
// one a second in a chat with short bursts, 20 a minute in a group.
func TelegramLimits() Limits {
	return Limits{
		Overall: Limit{30, time.Second},
		Chat:    Limit{1, time.Second},
		Group:   Limit{20, time.Minute},
		Burst:   3,
	}
}

// SetLimits switches the limits; the zero value switches them off. Calls over a
// limit get 429 with retry_after and no effect.
func (tg *Telegram) SetLimits(l Limits) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.limits = l
}

// sending is one thing sent: when, and how many messages.
type sending struct {
	at time.Time
	n  int
}

// admit counts n messages to a chat, or refuses them.
func (tg *Telegram) admit(c *chat, n int) error {
	now := tg.now()
	tg.sends = recent(tg.sends, now)
	c.sends = recent(c.sends, now)

	wait := tg.limits.Overall.wait(tg.sends, now, n, false)
	if c.isPrivate() && tg.limits.Burst > 1 {
		wait = max(wait, tg.limits.Chat.burst(c.sends, now, tg.limits.Burst))
	} else {
		wait = max(wait, tg.limits.Chat.wait(c.sends, now, 1, true))
	}
	if c.kind != private {
		wait = max(wait, tg.limits.Group.wait(c.sends, now, n, false))
	}
	if wait > 0 {
		return tooManyRequests(max(1, int(math.Ceil(wait.Seconds()))))
	}
	tg.sends = append(tg.sends, sending{now, n})
	c.sends = append(c.sends, sending{now, n})
	return nil
}

// recent drops what no window reaches back to.
func recent(sends []sending, now time.Time) []sending {
	const longest = time.Minute
	i := slices.IndexFunc(sends, func(s sending) bool { return now.Sub(s.at) < longest })
	if i < 0 {
		return sends[:0]
	}
	return sends[i:]
}

// wait is how long until n more fit into the window that ends then; each
// sending counts as one if calls is set, else as its number of messages.
func (l Limit) wait(sends []sending, now time.Time, n int, calls bool) time.Duration {
	if l.Count == 0 {
		return 0
	}
	total := n
	for i := len(sends) - 1; i >= 0; i-- {
		age := now.Sub(sends[i].at)
		if age >= l.Per {
			return 0
		}
		if calls {
			total++
		} else {
			total += sends[i].n
		}
		if total > l.Count {
			return l.Per - age
		}
	}
	return 0
}

// burst is how long until one more sending fits, when so many are taken at once
// and the limit's share of time takes them away again.
func (l Limit) burst(sends []sending, now time.Time, most int) time.Duration {
	if l.Count == 0 || len(sends) == 0 {
		return 0
	}
	each := l.Per / time.Duration(l.Count)
	free := sends[0].at // when nothing counts any more
	for _, s := range sends {
		free = free.Add(max(0, s.at.Sub(free))).Add(each)
	}
	return max(0, free.Sub(now)-time.Duration(most-1)*each)
}
