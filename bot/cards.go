package bot

import (
	"context"
	"time"

	"intakebot/incident"
)

// rankCard stands between a person's notice and a relay: a card comes before
// what answers it.
const rankCard = int(incident.RankNotice)

// keepCards shows in the group what the register holds: it edits the cards
// whose version differs and sends those that are missing. Ten changes while it
// waits for the limits cost one edit.
func (b *Bot) keepCards(ctx context.Context) {
	failures := 0
	for {
		more, err := b.showOne(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			b.fatal(err)
			b.log.Error("a card is not shown", "error", b.scrub(err))
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

// showOne brings the first stale card up to date; more says that there may be
// others. The incident is read after the wait for the limits, not before.
func (b *Bot) showOne(ctx context.Context) (more bool, err error) {
	stale, err := b.cfg.Register.StaleCards(ctx, 1)
	if err != nil || len(stale) == 0 {
		return false, err
	}
	chat := b.deskChat()
	sent, err := b.pace.wait(ctx, chat, rankCard)
	if err != nil {
		return false, err
	}
	defer sent()
	if stale, err = b.cfg.Register.StaleCards(ctx, 1); err != nil || len(stale) == 0 {
		return false, err
	}
	return b.show(b.work, chat, stale[0])
}

func (b *Bot) show(ctx context.Context, chat int64, c incident.Card) (more bool, err error) {
	m := b.cardMessage(c.Incident)
	id := c.MessageID
	if id == 0 {
		id, err = b.sendMessage(ctx, chat, m, 0)
	} else {
		err = b.editMessage(ctx, chat, id, m)
	}
	n := c.Incident.Number
	switch f, wait, to := judge(err); f {
	case delivered, unchanged:
		if err := b.cfg.Register.CardShown(ctx, n, c.Incident.Version, chat, id); err != nil {
			return false, err
		}
		if c.MessageID == 0 {
			b.courier.raise() // what answers the card can go now
		}
		return true, nil
	case cardLost:
		return true, b.cfg.Register.CardLost(ctx, n)
	case flooded:
		b.pace.hold(chat, wait)
		return true, nil
	case moved:
		return true, b.deskMoved(ctx, to)
	}
	return false, err
}
