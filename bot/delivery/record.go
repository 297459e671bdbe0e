package delivery

import (
	"context"
	"errors"
	"strings"
	"time"

	"intakebot/bot/telegram"
	"intakebot/outbox"
)

// record writes down what became of an attempt.
func (c *Courier) record(ctx context.Context, l load, chat int64, id int, r telegram.Result) {
	store, row, p, now := c.cfg.Store, l.Claimed, l.Payload, c.cfg.Now()
	if strings.HasPrefix(row.Key, outbox.ForgetKey) {
		defer c.cfg.Erasures.Raise() // it goes on
	}
	if stays := errors.Is(r.Err, telegram.ErrStays); p.Empty != 0 && (stays || r.Kind == telegram.Delivered) {
		where := outbox.MessageRef{Chat: chat, MessageID: p.Empty}
		c.recorded(row, "mark emptied", store.Emptied(ctx, row.ID, now, where, stays))
		return
	}
	switch r.Kind {
	case telegram.Delivered, telegram.Deleted:
		c.delivered(ctx, l, outbox.MessageRef{Chat: chat, MessageID: id, File: p.File != nil})
	case telegram.RateLimited:
		c.recorded(row, "postpone", store.Postpone(ctx, row.ID, now.Add(r.RetryAfter), "429", false))
	case telegram.Migrated:
		c.recorded(row, "postpone", store.Postpone(ctx, row.ID, now, "the group moved", false))
	case telegram.MessageNotFound:
		if !row.ReplyToCard || p.ReplyTo != 0 || p.Edit != 0 {
			c.replyLost(ctx, row, p)
			return
		}
		c.recorded(row, "mark the card lost", store.CardLost(ctx, row.Number, row.CardMessageID))
		c.recorded(row, "postpone", store.Postpone(ctx, row.ID, now, "the card is gone", true))
		c.cfg.Cards.Raise()
	case telegram.ChatUnavailable:
		c.unreachable(ctx, row, chat, p, r.Err)
	case telegram.KindForbidden:
		c.park(ctx, row, p, r.Err)
	case telegram.Rejected:
		c.cfg.Log.Error("telegram refuses a message for good", "key", row.Key, "incident", row.Number, "error", r.Err)
		c.bury(ctx, row, p, outbox.Rejected, r.Err.Error())
	default:
		c.tryLater(ctx, row, p, r.Err)
	}
}

func (c *Courier) delivered(ctx context.Context, l load, where outbox.MessageRef) {
	row := l.Claimed
	if row.Attempts > 1 {
		c.WakeAll(ctx) // it works again: the others need not wait
	}
	c.recorded(row, "mark sent", c.cfg.Store.Sent(ctx, row.ID, c.cfg.Now(), where, c.sourceOf(row)))
	if row.Rank == outbox.RankParked {
		c.cfg.Forbidden(cardOf(row), l.File.Kind, false)
		c.wakeChat(ctx, outbox.DeskChat)
	}
	if l.Unsign != 0 {
		// What fails leaves a sign that is no longer true, until the next one.
		_ = c.cfg.Client.React(ctx, c.cfg.Group.ID(), l.Unsign, telegram.NoSign)
	}
	if l.ReceiptFor != 0 && l.ReceiptFor == row.Source { // else the group moved meanwhile
		c.receipt(ctx, row, l.ReceiptFor)
	}
}

// NeedsWords says that no reaction tells what it should. Nobody needs to know of
// it who deleted his message.
func NeedsWords(group int64, err error) bool {
	kind := telegram.Classify(group, err).Kind
	return kind != telegram.Delivered && kind != telegram.MessageNotFound
}

// sourceOf is the chat of the original of what a row passes on.
func (c *Courier) sourceOf(row outbox.Claimed) int64 {
	if row.Source == 0 || row.Chat != outbox.DeskChat {
		return c.cfg.Group.ID()
	}
	return row.From
}

// replyLost sends without the reply what answers a message that is gone, or in
// reply to the card what was to change it; another edit or a deletion of it is
// done with.
func (c *Courier) replyLost(ctx context.Context, row outbox.Claimed, p Payload) {
	if p.Edit != 0 && !row.ReplyToCard || p.Delete != 0 || p.Edit == 0 && p.ReplyTo == 0 {
		c.recorded(row, "mark dead", c.cfg.Store.MarkDead(ctx, row.ID, outbox.Obsolete, "the message is gone", nil))
		return
	}
	p.ReplyTo, p.Edit = 0, 0
	again := row.Message
	again.Key, again.Body = row.Key+":alone", p.Encode()
	c.replace(ctx, row, "the message to answer is gone", again)
}

// replace puts another row in the place of one.
func (c *Courier) replace(ctx context.Context, row outbox.Claimed, why string, again outbox.Message) {
	c.recorded(row, "replace", c.cfg.Store.MarkDead(ctx, row.ID, outbox.Obsolete, why, []outbox.Message{again}))
	c.Wake()
}

// parkedFor is the pause between two attempts at files of a kind that the group
// does not take.
const parkedFor = 30 * time.Minute

// park sets a file aside that the group does not take for its kind: it holds
// back nothing, is tried now and then, and the card says where it is.
func (c *Courier) park(ctx context.Context, row outbox.Claimed, p Payload, problem error) {
	now := c.cfg.Now()
	switch {
	case p.File == nil: // a file of our own making, which the words can do without
		c.bury(ctx, row, p, outbox.Rejected, problem.Error())
	case !row.ReplyToCard:
		c.replace(ctx, row, problem.Error(), c.cfg.Notices.NotInGroup(row, p))
	case row.Rank != outbox.RankParked:
		c.cfg.Log.Warn("the group does not take a kind of files", "key", row.Key, "incident", row.Number, "error", problem)
		again := row.Message
		again.Key, again.Album, again.Rank, again.Hold = row.Key+":parked", "", outbox.RankParked, parkedFor
		c.replace(ctx, row, problem.Error(), again)
		c.cfg.Forbidden(cardOf(row), p.File.Kind, true)
	case now.Sub(row.FirstAt) > outbox.KeepTrying:
		c.bury(ctx, row, p, outbox.GivenUp, problem.Error())
	default:
		c.recorded(row, "postpone", c.cfg.Store.Postpone(ctx, row.ID, now.Add(parkedFor), problem.Error(), true))
	}
}

// cardOf is the card that a row answers.
func cardOf(row outbox.Claimed) outbox.Card {
	card := outbox.Card{Chat: row.CardChat, MessageID: row.CardMessageID}
	card.Incident.Number = row.Number
	return card
}

// unreachable gives a message to a person up; one to the desk is tried until
// the bot is back in the group.
func (c *Courier) unreachable(ctx context.Context, row outbox.Claimed, chat int64, p Payload, problem error) {
	if row.Chat == outbox.DeskChat {
		c.cfg.Log.Error("the support group does not take messages: is the bot in it, and SUPPORT_CHAT_ID right?", "chat", chat, "error", problem)
		c.tryLater(ctx, row, p, problem)
		return
	}
	c.cfg.Log.Warn("the person cannot be reached", "chat", chat, "incident", row.Number, "error", problem)
	c.recorded(row, "mark unreachable", c.cfg.Store.Unreachable(ctx, chat, c.cfg.Now()))
	c.recorded(row, "mark dead", c.cfg.Store.MarkDead(ctx, row.ID, outbox.Unreachable, problem.Error(),
		c.cfg.Notices.Unreachable(row, p, c.cfg.Group.ID())))
}

// bury ends a row that will never arrive, and has that told: to a member whose
// words were to go to a person, else by the bulletin of what is undelivered.
// Nobody misses a question that is out of date, or the change of a message.
func (c *Courier) bury(ctx context.Context, row outbox.Claimed, p Payload, end outbox.Failure, reason string) {
	posts := c.cfg.Notices.NotPassedOn(row, p, end)
	if len(posts) == 0 && (row.Prompt || p.Edit != 0 || p.Delete != 0) {
		end = outbox.Obsolete
	}
	c.recorded(row, "mark dead", c.cfg.Store.MarkDead(ctx, row.ID, end, reason, posts))
	c.cfg.Bulletins.Raise()
}

func (c *Courier) tryLater(ctx context.Context, row outbox.Claimed, p Payload, problem error) {
	now, reason := c.cfg.Now(), problem.Error()
	if now.Sub(row.FirstAt) > outbox.KeepTrying {
		c.cfg.Log.Error("a message is given up", "key", row.Key, "incident", row.Number, "error", reason)
		c.bury(ctx, row, p, outbox.GivenUp, reason)
		return
	}
	wait := outbox.PauseForPerson(row.Attempts - 1)
	if row.Chat == outbox.DeskChat {
		wait = outbox.PauseAfter(row.Attempts - 1)
	}
	c.cfg.Log.Warn("a message waits", "key", row.Key, "incident", row.Number, "attempt", row.Attempts, "again", wait, "error", reason)
	c.recorded(row, "postpone", c.cfg.Store.Postpone(ctx, row.ID, now.Add(wait), reason, true))
}

// recorded logs a failure to record; the claim runs out by itself then, and
// the row is sent again.
func (c *Courier) recorded(row outbox.Claimed, what string, err error) {
	if err != nil {
		c.cfg.Log.Check(err)
		c.cfg.Log.Error("the outbox cannot be written", "what", what, "key", row.Key, "error", err)
	}
}
