package bot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// rankDesk is the rank of all that goes to the group. Cards wait for the limits
// with one ticket and the outbox with another, so each has every second turn of
// the group's twenty a minute, whatever the other has to say.
const rankDesk = int(outbox.RankNotice)

// keepCards shows in the group what the register holds: it edits the cards
// whose version differs and sends those that are missing. Ten changes while it
// waits for the limits cost one edit. Changed and missing cards take turns, so
// that a flood of new incidents does not keep old news on the cards.
func (b *Bot) keepCards(ctx context.Context) {
	failures := 0
	for {
		more, err := b.showOne(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			b.fatal(err)
			b.complain("a card is not shown", "error", b.scrub(err))
			pause(ctx, backoff(failures), b.cards)
			failures++
		case more:
			failures = 0
		default:
			failures = 0
			if !pause(ctx, time.Minute, b.cards) {
				return
			}
		}
	}
}

// showOne brings the first stale card up to date, or tells of many in its place;
// more says that there may be others. The incident is read after the wait for
// the limits, not before.
func (b *Bot) showOne(ctx context.Context) (more bool, err error) {
	if err := b.enterDesk(ctx); err != nil {
		return false, err
	}
	if err := b.recordNotice(ctx); err != nil {
		return false, err
	}
	if _, ok, err := b.nextCard(ctx); !ok {
		return false, err
	}
	chat := b.deskChat()
	sent, err := b.pace.wait(ctx, chat, rankDesk)
	if err != nil {
		return false, err
	}
	defer sent()
	if done, err := b.notify(b.work, chat); done || err != nil {
		return true, err
	}
	card, ok, err := b.nextCard(ctx)
	if !ok {
		return false, err
	}
	b.changedNext = card.MessageID == 0
	return b.show(b.work, chat, card)
}

// enterDesk has the open cards posted in a group that is configured anew.
func (b *Bot) enterDesk(ctx context.Context) error {
	chat := b.deskChat()
	if b.entered == chat {
		return nil
	}
	if err := b.cfg.Register.EnterDesk(ctx, chat); err != nil {
		return err
	}
	b.entered = chat
	return nil
}

// nextCard is the next stale card that takes a message; the others are noted.
func (b *Bot) nextCard(ctx context.Context) (card outbox.Card, ok bool, err error) {
	for {
		stale, err := b.cfg.Register.StaleCards(ctx, b.changedNext, 1)
		if err != nil || len(stale) == 0 {
			return card, false, err
		}
		if done, err := b.noted(ctx, stale[0]); err != nil || !done {
			return stale[0], err == nil, err
		}
	}
}

// posted is a card that was sent and is not recorded yet.
type posted struct {
	chat        int64
	id, version int
}

// noted records what needs no sending: a card that was sent when the register
// could not be written, and a change of something that a card does not show.
func (b *Bot) noted(ctx context.Context, c outbox.Card) (done bool, err error) {
	n := c.Incident.Number
	if p, ok := b.posted[n]; ok {
		if err := b.cfg.Register.CardShown(ctx, n, p.version, p.chat, p.id); err != nil {
			return false, err
		}
		delete(b.posted, n)
		return true, nil
	}
	if c.MessageID == 0 || c.Chat != b.deskChat() || b.shown[n] != digest(b.cardMessage(c.Incident)) {
		return false, nil
	}
	return true, b.cfg.Register.CardShown(ctx, n, c.Incident.Version, c.Chat, c.MessageID)
}

func (b *Bot) show(ctx context.Context, chat int64, c outbox.Card) (more bool, err error) {
	m := b.cardMessage(c.Incident)
	id, n := c.MessageID, c.Incident.Number
	if c.Chat != chat {
		id = 0 // a card in another group, and that id is somebody else's here
	}
	fresh := id == 0
	if fresh {
		id, err = b.sendMessage(ctx, chat, m, 0)
	} else {
		err = b.editMessage(ctx, chat, id, m)
	}
	f, wait, to := judge(err)
	b.deskAnswered(f, err)
	switch f {
	case delivered, unchanged:
		b.works(ctx)
		if id == 0 {
			return false, errors.New("the answer to a new card was not understood; it is posted again")
		}
		if c.Incident.Erased() {
			defer b.erasures.raise() // one waits for it
		}
		return b.recordCard(ctx, n, posted{chat, id, c.Incident.Version}, digest(m), fresh)
	case cardLost:
		return true, b.cfg.Register.CardLost(ctx, n, c.MessageID)
	case flooded:
		b.pace.hold(chat, wait)
		return true, nil
	case moved:
		return true, b.deskMoved(ctx, to)
	case refused, badMarkup:
		// One card must not hold up all the others.
		b.log.Error("telegram refuses a card, it stays as it is", "incident", n, "error", err)
		return true, b.cfg.Register.CardShown(ctx, n, c.Incident.Version, c.Chat, c.MessageID)
	}
	return false, err
}

func (b *Bot) recordCard(ctx context.Context, n incident.Number, p posted, shows [8]byte, fresh bool) (more bool, err error) {
	b.shown[n] = shows
	if fresh {
		b.posted[n] = p
	}
	if err := b.cfg.Register.CardShown(ctx, n, p.version, p.chat, p.id); err != nil {
		return false, err
	}
	delete(b.posted, n)
	if fresh {
		b.courier.raise() // what answers the card can go now
	}
	return true, nil
}

// digest tells messages apart.
func digest(m conversation.Message) [8]byte {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings only
	}
	sum := sha256.Sum256(data)
	return [8]byte(sum[:8])
}
