package telegram

import (
	"context"
	"errors"
	"time"

	"intakebot/outbox"
)

// RankDesk is the rank of all that goes to the group. Cards wait for the limits
// with one ticket and the outbox with another, so each has every second turn of
// the group's twenty a minute, whatever the other has to say.
const RankDesk = int(outbox.RankNotice)

// Slot is a place among those who wait for Telegram's limits.
type Slot struct {
	Chat int64
	Rank int // lower goes first
	// Items is how many messages an album is; 0 counts as one.
	Items int
	// Answer: a member of the group asked for it, by a command or a press, and
	// waits. It goes before all else and may use what the group's limit keeps
	// in reserve.
	Answer bool
}

// outage is how many sends in a row must fail before the next that does not is
// news.
const outage = 3

// Deliver waits until Telegram's limits let a message through, has it sent, and
// draws all conclusions that do not depend on what was sent: it holds back a
// chat that Telegram wants held back, follows the group, notes whether the group
// takes messages and whether Telegram does. ctx bounds the wait alone: what has
// begun is finished. send may send nothing (Unsent).
func (c *Client) Deliver(ctx context.Context, slot Slot, send func() error) Result {
	sent, err := c.pace.wait(ctx, slot)
	if err != nil {
		return Result{Kind: NotSent, Err: err}
	}
	r := Classify(slot.Chat, send())
	sent()
	if slot.Chat == c.cfg.Group.ID() {
		c.Health.deskAnswered(r)
	}
	switch r.Kind {
	case Delivered:
		if c.failures.Swap(0) >= outage && c.Works != nil {
			c.Works()
		}
	case Temporary:
		c.failures.Add(1)
	case ChatUnavailable:
		if isGroup(slot.Chat) {
			c.failures.Add(1)
		}
	case RateLimited:
		c.pace.hold(slot.Chat, r.RetryAfter)
	case Migrated:
		if slot.Chat == c.cfg.Group.ID() {
			r.Err = errors.Join(r.Err, c.cfg.Group.Follow(context.WithoutCancel(ctx), r.MovedTo))
		}
	}
	r.Err = c.Scrub(r.Err)
	return r
}

// Resume makes the limits go on where the process before left them: the group
// got messages at these times, by a clock that shows now.
func (c *Client) Resume(now time.Time, sent []time.Time) {
	c.pace.resume(c.cfg.Group.ID(), now, sent)
}
