package desk

import (
	"context"
	"slices"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// CardStore is what the keeper of the cards needs of the register.
type CardStore interface {
	StaleCards(ctx context.Context, changedFirst bool, limit int) ([]outbox.Card, error)
	CardShown(ctx context.Context, n incident.Number, version int, chat int64, messageID int) error
	CardLost(ctx context.Context, n incident.Number, messageID int) error
	Unannounced(ctx context.Context, limit int) ([]incident.Incident, error)
	Announced(ctx context.Context, numbers []incident.Number) error
	EnterDesk(ctx context.Context, chat int64) error
	Meta(ctx context.Context, key string) (string, error)
	SetMeta(ctx context.Context, key, value string) error
}

// Cards shows in the group what the register holds. Make it with NewCards.
type Cards struct {
	Words  desk.Words
	Client *telegram.Client
	Group  *telegram.Group
	Store  CardStore
	// Wake is raised when a card may be stale, Erasures when one that somebody
	// waits for is shown.
	Wake, Erasures loop.Signal
	Courier        *delivery.Courier
	Now            func() time.Time
	Log            *loop.Supervisor

	// What follows belongs to Run alone.

	// shown is what the cards show since the start, posted are those that
	// are not recorded yet.
	shown  map[incident.Number][8]byte
	posted map[incident.Number]posted
	// refused are cards that Telegram did not take: a version that is shown
	// plainly, and when one that it does not take at all is tried again.
	refused map[incident.Number]refusal
	// changedNext: the next card is one to be changed, if there is one.
	changedNext bool
	news        news
	// entered is the group whose cards are kept since the start.
	entered   int64
	forbidden *forbidden
}

// posted is a card that was sent and is not recorded yet.
type posted struct {
	chat        int64
	id, version int
}

// refusal is what Telegram did not take.
type refusal struct {
	version int
	plain   bool // the plain card neither
	until   time.Time
}

// refusedFor is how long a card that Telegram does not take at all is left.
const refusedFor = time.Hour

// NewCards completes a keeper of cards.
func NewCards(c Cards) *Cards {
	c.shown, c.posted, c.refused = map[incident.Number][8]byte{}, map[incident.Number]posted{}, map[incident.Number]refusal{}
	c.forbidden = &forbidden{}
	return &c
}

// Run edits the cards whose version differs and sends those that are missing.
// Ten changes while it waits for the limits cost one edit. Changed and missing
// cards take turns, so that a flood of new incidents does not keep old news on
// the cards. ctx ends the wait, work what is in hand.
func (c *Cards) Run(ctx, work context.Context) {
	failures := 0
	for {
		more, err := c.showOne(ctx, work)
		if failures++; err == nil {
			failures = 0
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.Log.Check(err)
			c.Log.Complain("a card is not shown", "error", err)
			loop.Pause(ctx, loop.Backoff(failures-1), c.Wake)
		case !more && !loop.Pause(ctx, time.Minute, c.Wake):
			return
		}
	}
}

// attempt is what may be sent to the group: a card, or a notice in the place of
// many.
type attempt interface {
	send(ctx context.Context) error
	// conclude records what came of it; more says that there may be others.
	conclude(ctx context.Context, r telegram.Result) (more bool, err error)
}

// showOne brings the first stale card up to date, or tells of many in its place;
// more says that there may be others. The incident is read after the wait for
// the limits, not before.
func (c *Cards) showOne(ctx, work context.Context) (more bool, err error) {
	if err := c.enter(ctx); err != nil {
		return false, err
	}
	if err := c.recordNews(ctx); err != nil {
		return false, err
	}
	if err := c.noteForbidden(ctx); err != nil {
		return false, err
	}
	if _, ok, err := c.next(ctx); !ok {
		return false, err
	}
	var a attempt
	chat := c.Group.ID()
	r := c.Client.Deliver(ctx, telegram.Slot{Chat: chat, Rank: telegram.RankDesk}, func() error {
		var err error
		if a, err = c.choose(work, chat); a == nil || err != nil {
			return telegram.Unsent(err)
		}
		return a.send(work)
	})
	switch r.Kind {
	case telegram.NotSent:
		return false, r.Err
	case telegram.RateLimited:
		return true, nil
	case telegram.Migrated:
		if c.Group.ID() != chat {
			return true, nil
		}
		return false, r.Err
	}
	return a.conclude(work, r)
}

// choose says what goes now, nil for nothing.
func (c *Cards) choose(ctx context.Context, chat int64) (attempt, error) {
	if n, err := c.notice(ctx, chat); n != nil || err != nil {
		return n, err
	}
	card, ok, err := c.next(ctx)
	if !ok {
		return nil, err
	}
	c.changedNext = card.MessageID == 0
	return c.attempt(chat, card), nil
}

// enter has the open cards posted in a group that is configured anew.
func (c *Cards) enter(ctx context.Context) error {
	chat := c.Group.ID()
	if c.entered == chat {
		return nil
	}
	if err := c.Store.EnterDesk(ctx, chat); err != nil {
		return err
	}
	c.entered = chat
	return nil
}

// next is the next stale card that takes a message; the others are noted.
func (c *Cards) next(ctx context.Context) (card outbox.Card, ok bool, err error) {
	for {
		stale, err := c.Store.StaleCards(ctx, c.changedNext, 1+len(c.refused))
		if err != nil {
			return card, false, err
		}
		k := slices.IndexFunc(stale, c.takes)
		if k < 0 {
			return card, false, nil
		}
		if done, err := c.noted(ctx, stale[k]); err != nil || !done {
			return stale[k], err == nil, err
		}
	}
}

// takes says that Telegram may take a card now.
func (c *Cards) takes(card outbox.Card) bool {
	r, known := c.refused[card.Incident.Number]
	return !known || !r.plain || r.version != card.Incident.Version || !c.Now().Before(r.until)
}

// noted records what needs no sending: a card that was sent when the register
// could not be written, and a change of something that a card does not show.
func (c *Cards) noted(ctx context.Context, card outbox.Card) (done bool, err error) {
	n := card.Incident.Number
	if p, ok := c.posted[n]; ok {
		if err := c.Store.CardShown(ctx, n, p.version, p.chat, p.id); err != nil {
			return false, err
		}
		delete(c.posted, n)
		return true, nil
	}
	if card.MessageID == 0 || card.Chat != c.Group.ID() || c.shown[n] != digest(c.message(card.Incident)) {
		return false, nil
	}
	return true, c.Store.CardShown(ctx, n, card.Incident.Version, card.Chat, card.MessageID)
}

// message is what the card of an incident shows now.
func (c *Cards) message(i incident.Incident) conversation.Message {
	if r, refused := c.refused[i.Number]; refused && r.version == i.Version {
		return c.Words.PlainCard(i, c.Now())
	}
	return c.Words.Card(i, c.Now(), c.forbidden.kinds[i.Number])
}
