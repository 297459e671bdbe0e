package delivery

import (
	"context"
	"sync"
	"time"

	"intakebot/bot/telegram"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Store is what the courier needs of the register (package storage). Every
// write is safe to repeat: one that failed may have been committed.
type Store interface {
	Claim(ctx context.Context, ch outbox.Channel, now time.Time, lease time.Duration, busy []int64, limit int) ([]outbox.Claimed, error)
	NextDue(ctx context.Context, ch outbox.Channel) (time.Time, bool, error)
	Put(ctx context.Context, posts ...outbox.Message) error
	Sent(ctx context.Context, id int64, at time.Time, where outbox.MessageRef, source int64) error
	Postpone(ctx context.Context, id int64, until time.Time, reason string, countsAsAttempt bool) error
	MarkDead(ctx context.Context, id int64, end outbox.Failure, reason string, posts []outbox.Message) error
	Emptied(ctx context.Context, id int64, at time.Time, where outbox.MessageRef, stayed bool) error
	CardLost(ctx context.Context, n incident.Number, messageID int) error
	Unreachable(ctx context.Context, chat int64, at time.Time) error
	Wake(ctx context.Context, ch outbox.Channel, now time.Time) error
	WakeChat(ctx context.Context, chat int64, now time.Time) error
}

// Notices are what is told of a row that did not go its usual way (package
// notify). group is the support group's id.
type Notices interface {
	// Unreachable: the person does not take messages any more.
	Unreachable(row outbox.Claimed, p Payload, group int64) []outbox.Message
	// NotPassedOn: what a member wrote cannot be brought to the person.
	NotPassedOn(row outbox.Claimed, p Payload, end outbox.Failure) []outbox.Message
	// Received: a member's message has arrived, and no reaction says it.
	Received(row outbox.Claimed, group int64, messageID int) outbox.Message
	// NotInGroup: the group does not take a file that a member asked for.
	NotInGroup(row outbox.Claimed, p Payload) outbox.Message
}

// Forbidden is told which files of an incident the group does not take, and
// later that it took them; its card says so.
type Forbidden func(card outbox.Card, kind incident.AttachmentKind, forbidden bool)

// Config is what a Courier is made of; everything is required.
type Config struct {
	Client  *telegram.Client
	Group   *telegram.Group
	Store   Store
	Notices Notices
	Now     func() time.Time
	Log     *loop.Supervisor
	// Cards, Bulletins and Erasures are raised when there is something for
	// their keepers.
	Cards, Bulletins, Erasures loop.Signal
	Forbidden                  Forbidden
}

// Courier carries the outbox to Telegram. Make it with NewCourier.
type Courier struct {
	cfg           Config
	wake          loop.Signal
	woken, probed loop.Throttle

	mu sync.Mutex
	// yield ends the wait for the group's limits of what no member waits for;
	// nil while nothing of the kind waits.
	yield context.CancelFunc
}

// NewCourier makes a Courier.
func NewCourier(cfg Config) *Courier { return &Courier{cfg: cfg, wake: loop.NewSignal()} }

// Wake has the courier look at once: there is something in the outbox.
func (c *Courier) Wake() { c.wake.Raise() }

// WakeForAnswer is Wake after something was put there that a member of the group
// waits for: of the group too one message at a time is under way, and what only
// waits for its limits gives way.
func (c *Courier) WakeForAnswer() {
	c.mu.Lock()
	if c.yield != nil {
		c.yield()
	}
	c.mu.Unlock()
	c.Wake()
}

// yielding is a context for a wait that WakeForAnswer ends.
func (c *Courier) yielding(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.yield = cancel
	return ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		cancel()
		c.yield = nil
	}
}

// WakeAll makes what waits in the outbox due: something shows that Telegram
// takes messages again. Not more often than every few seconds.
func (c *Courier) WakeAll(ctx context.Context) {
	if !c.woken.Pass(5 * time.Second) {
		return
	}
	if err := c.cfg.Store.Wake(ctx, outbox.Telegram, c.cfg.Now()); err != nil {
		c.cfg.Log.Error("wake the outbox", "error", err)
	}
	c.Wake()
	c.cfg.Cards.Raise()
}

// Probe tries what waits for a chat, whose person is there: if Telegram takes
// it, all the others follow. Not more often than every few seconds, whoever is
// there: while Telegram takes nothing, the pauses between attempts should last.
func (c *Courier) Probe(ctx context.Context, chat int64) {
	if !c.probed.Pass(5 * time.Second) {
		return
	}
	c.wakeChat(ctx, chat)
}

func (c *Courier) wakeChat(ctx context.Context, chat int64) {
	if err := c.cfg.Store.WakeChat(ctx, chat, c.cfg.Now()); err != nil {
		c.cfg.Log.Error("wake a chat's outbox", "error", err)
	}
	c.Wake()
}

const (
	carryLease = 5 * time.Minute // longer than any wait for the limits and one request
	// carryMost is how many messages are under way at once: more than two
	// seconds take at Telegram's pace, since most of them wait for their chat's.
	carryMost = 64
)

// Run brings out what waits in the outbox for Telegram: of each chat one message
// at a time, different chats side by side. ctx ends the taking up, work what is
// in hand.
func (c *Courier) Run(ctx, work context.Context) {
	var (
		mu    sync.Mutex
		busy  = map[int64]bool{}
		under sync.WaitGroup
	)
	defer under.Wait()
	for {
		mu.Lock()
		var skip []int64
		for chat := range busy {
			skip = append(skip, chat)
		}
		mu.Unlock()
		rows, err := c.cfg.Store.Claim(ctx, outbox.Telegram, c.cfg.Now(), carryLease, skip, carryMost-len(skip))
		if err != nil && ctx.Err() == nil {
			c.cfg.Log.Check(err)
			c.cfg.Log.Complain("claim from the outbox", "error", err)
		}
		for _, row := range rows {
			mu.Lock()
			busy[row.Chat] = true
			mu.Unlock()
			under.Go(func() {
				c.carry(ctx, work, row)
				mu.Lock()
				delete(busy, row.Chat)
				mu.Unlock()
				c.Wake()
			})
		}
		if !loop.Pause(ctx, c.untilDue(ctx, len(skip)+len(rows) > 0), c.wake) {
			return
		}
	}
}

// untilDue is how long nothing is due: at most a second, since the configured
// clock may run differently from the timer. What is due of a chat that is busy
// waits for the signal that it no longer is.
func (c *Courier) untilDue(ctx context.Context, busy bool) time.Duration {
	least := 20 * time.Millisecond
	if busy {
		least = 250 * time.Millisecond
	}
	due, ok, err := c.cfg.Store.NextDue(ctx, outbox.Telegram)
	if err != nil || !ok {
		return time.Second
	}
	return min(max(due.Sub(c.cfg.Now()), least), time.Second)
}

// carry sends one claimed row, with its album, and records what became of all.
// When the bot stops meanwhile, they keep their claim and go out after the next
// start.
func (c *Courier) carry(ctx, work context.Context, row outbox.Claimed) {
	loads := c.unpack(work, row)
	if len(loads) == 0 {
		return
	}
	slot := telegram.Slot{Chat: row.Chat, Rank: int(row.Rank), Items: len(loads)}
	if row.Chat == outbox.DeskChat {
		slot.Chat, slot.Rank = c.cfg.Group.ID(), telegram.RankDesk
		slot.Answer = loads[0].ReplyTo != 0 && !row.ReplyToCard
		if !slot.Answer {
			var stop func()
			ctx, stop = c.yielding(ctx)
			defer stop()
		}
	}
	if row.CardMessageID != 0 && row.CardChat != slot.Chat {
		// The card is in another group: here its id is somebody else's.
		c.recorded(row, "mark the card lost", c.cfg.Store.CardLost(work, row.Number, row.CardMessageID))
		c.giveBack(work, loads, "the card is in another group")
		c.cfg.Cards.Raise()
		return
	}
	ids := make([]int, len(loads))
	r := c.cfg.Client.Deliver(ctx, slot, func() (err error) {
		ids, err = c.send(work, slot.Chat, loads)
		return err
	})
	switch {
	case r.Kind == telegram.NotSent:
		c.giveBack(work, loads, "it gave way")
		return
	case len(loads) > 1 && (r.Kind == telegram.Rejected || r.Kind == telegram.KindForbidden):
		c.separate(work, loads, r.Err)
		return
	}
	for k, l := range loads {
		c.record(work, l, slot.Chat, ids[k], r)
	}
}
