package bot

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"intakebot/outbox"
)

const (
	carryLease = 5 * time.Minute // longer than any wait for the limits and one request
	// carryMost is how many messages are under way at once: more than two
	// seconds take at Telegram's pace, since most of them wait for their chat's.
	carryMost = 64
)

// carryAll brings out what waits in the outbox for Telegram: of each chat one
// message at a time, different chats side by side.
func (b *Bot) carryAll(ctx context.Context) {
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
		rows, err := b.cfg.Register.Claim(ctx, outbox.Telegram, b.now(), carryLease, skip, carryMost-len(skip))
		if err != nil && ctx.Err() == nil {
			b.fatal(err)
			b.complain("claim from the outbox", "error", err)
		}
		for _, row := range rows {
			mu.Lock()
			busy[row.Chat] = true
			mu.Unlock()
			under.Go(func() {
				b.carry(ctx, row)
				mu.Lock()
				delete(busy, row.Chat)
				mu.Unlock()
				b.courier.raise()
			})
		}
		if !pause(ctx, b.untilDue(ctx, len(skip)+len(rows) > 0), b.courier) {
			return
		}
	}
}

// untilDue is how long nothing is due: at most a second, since the configured
// clock may run differently from the timer. What is due of a chat that is busy
// waits for the signal that it no longer is.
func (b *Bot) untilDue(ctx context.Context, busy bool) time.Duration {
	least := 20 * time.Millisecond
	if busy {
		least = 250 * time.Millisecond
	}
	due, ok, err := b.cfg.Register.NextDue(ctx, outbox.Telegram)
	if err != nil || !ok {
		return time.Second
	}
	return min(max(due.Sub(b.now()), least), time.Second)
}

// carry sends one claimed row, with its album, and settles all. When the bot
// stops meanwhile, they keep their claim and go out after the next start.
func (b *Bot) carry(ctx context.Context, row outbox.Claimed) {
	loads := b.unpack(row)
	if len(loads) == 0 {
		return
	}
	chat := b.chatOf(row.Chat)
	if row.CardMessageID != 0 && row.CardChat != chat {
		// The card is in another group: here its id is somebody else's.
		b.settled(row, "mark the card lost", b.cfg.Register.CardLost(b.work, row.Number, row.CardMessageID))
		b.giveBack(loads, "the card is in another group")
		b.cards.raise()
		return
	}
	rank := int(row.Rank)
	if row.Chat == outbox.DeskChat {
		rank = rankDesk
	}
	sent, err := b.pace.waitFor(ctx, chat, rank, len(loads))
	if err != nil {
		b.giveBack(loads, "stopped")
		return
	}
	ids, err := b.sendLoads(b.work, chat, loads)
	sent()
	if f, _, _ := judge(err); f == refused && len(loads) > 1 {
		b.separate(loads, err)
		return
	}
	for k, l := range loads {
		b.settle(l.Claimed, chat, ids[k], l.parcel, err)
	}
}

// sourceOf is the chat of the original of what a row passes on.
func (b *Bot) sourceOf(row outbox.Claimed) int64 {
	if row.Source == 0 || row.Chat != outbox.DeskChat {
		return b.deskChat()
	}
	return row.From
}

// replyLost sends without the reply what answers a message that is gone, or in
// reply to the card what was to change it; another edit or a deletion of it is
// done with.
func (b *Bot) replyLost(row outbox.Claimed, p parcel) {
	if p.Edit != 0 && !row.ReplyToCard || p.Delete != 0 || p.Edit == 0 && p.ReplyTo == 0 {
		b.settled(row, "bury", b.cfg.Register.MarkDead(b.work, row.ID, outbox.Obsolete, "the message is gone", nil))
		return
	}
	p.ReplyTo, p.Edit = 0, 0
	again := row.Message
	again.Key, again.Body = row.Key+":alone", p.encode()
	b.settled(row, "send without the reply", b.cfg.Register.MarkDead(b.work, row.ID, outbox.Obsolete, "the message to answer is gone", []outbox.Message{again}))
	b.courier.raise()
}

// chatOf finds the group behind incident.DeskChat.
func (b *Bot) chatOf(chat int64) int64 {
	if chat == outbox.DeskChat {
		return b.deskChat()
	}
	return chat
}

// settle records what became of an attempt.
func (b *Bot) settle(row outbox.Claimed, chat int64, id int, p parcel, err error) {
	ctx, r, now := b.work, b.cfg.Register, b.now()
	if strings.HasPrefix(row.Key, outbox.ForgetKey) {
		defer b.erasures.raise() // it goes on
	}
	if b.emptied(row, chat, p, err) {
		return
	}
	f, wait, to := judge(err)
	if row.Chat == outbox.DeskChat {
		b.deskAnswered(f, err)
	}
	switch f {
	case delivered, unchanged:
		if row.Attempts > 1 {
			b.wakeOutbox(ctx) // it works again: the others need not wait
		}
		b.works(ctx)
		b.settled(row, "mark sent", r.Sent(ctx, row.ID, now, outbox.MessageRef{Chat: chat, MessageID: id, File: p.File != nil}, b.sourceOf(row)))
		if p.ReceiptFor != 0 && p.ReceiptFor == row.Source { // else the group moved meanwhile
			b.receipt(ctx, row, p.ReceiptFor)
		}
	case flooded:
		b.pace.hold(chat, wait)
		b.settled(row, "postpone", r.Postpone(ctx, row.ID, now.Add(wait), "429", false))
	case moved:
		b.settled(row, "follow the group", b.deskMoved(ctx, to))
		b.settled(row, "postpone", r.Postpone(ctx, row.ID, now, "the group moved", false))
	case cardLost:
		if !row.ReplyToCard || p.ReplyTo != 0 || p.Edit != 0 {
			b.replyLost(row, p)
			return
		}
		b.settled(row, "mark the card lost", r.CardLost(ctx, row.Number, row.CardMessageID))
		b.settled(row, "postpone", r.Postpone(ctx, row.ID, now, "the card is gone", true))
		b.cards.raise()
	case gone:
		b.unreachable(row, chat, p, err)
	case refused, badMarkup:
		b.log.Error("telegram refuses a message for good", "key", row.Key, "incident", row.Number, "error", err)
		b.bury(row, p, outbox.Rejected, err.Error())
	default:
		b.tryLater(row, p, err)
	}
}

// unreachable gives a message to a person up; one to the desk is tried until
// the bot is back in the group.
func (b *Bot) unreachable(row outbox.Claimed, chat int64, p parcel, err error) {
	if row.Chat == outbox.DeskChat {
		b.log.Error("the support group does not take messages: is the bot in it, and SUPPORT_CHAT_ID right?", "chat", chat, "error", err)
		b.tryLater(row, p, err)
		return
	}
	b.log.Warn("the person cannot be reached", "chat", chat, "incident", row.Number, "error", err)
	b.settled(row, "mark unreachable", b.cfg.Register.Unreachable(b.work, chat, b.now()))
	var posts []outbox.Message
	switch {
	case row.Number == "":
	case p.ReceiptFor != 0:
		// Several parts of one message, or of one album, are told of once.
		key := cmp.Or(row.Album, fmt.Sprintf("%d:%d", b.deskChat(), p.ReceiptFor))
		posts = append(posts, deskAnswer(inRound("unreachable:"+key, row), row.Number, unreachableNotice(row.Number), p.ReceiptFor))
	default:
		posts = append(posts, toDesk(inRound("unreachable:"+cmp.Or(row.Album, row.Key), row), row.Number, unreachableNotice(row.Number)))
	}
	b.settled(row, "bury", b.cfg.Register.MarkDead(b.work, row.ID, outbox.Unreachable, err.Error(), posts))
}

// bury ends a row that will never arrive, and has that told: to a member whose
// words were to go to a person, else by the bulletin of what is undelivered.
// Nobody misses a question that is out of date, or the change of a message.
func (b *Bot) bury(row outbox.Claimed, p parcel, end outbox.Failure, reason string) {
	posts := notPassedOn(row, p, end)
	if len(posts) == 0 && (row.Prompt || p.Edit != 0 || p.Delete != 0) {
		end = outbox.Obsolete
	}
	b.settled(row, "bury", b.cfg.Register.MarkDead(b.work, row.ID, end, reason, posts))
	b.bulletins.raise()
}

func (b *Bot) tryLater(row outbox.Claimed, p parcel, err error) {
	now := b.now()
	reason := b.scrub(err).Error()
	if now.Sub(row.FirstAt) > outbox.KeepTrying {
		b.log.Error("a message is given up", "key", row.Key, "incident", row.Number, "error", reason)
		b.bury(row, p, outbox.GivenUp, reason)
		return
	}
	b.failed()
	wait := outbox.PauseAfter(row.Attempts - 1)
	b.log.Warn("a message waits", "key", row.Key, "incident", row.Number, "attempt", row.Attempts, "again", wait, "error", reason)
	b.settled(row, "postpone", b.cfg.Register.Postpone(b.work, row.ID, now.Add(wait), reason, true))
}

// settled logs a failure to record; the claim runs out by itself then, and
// the row is sent again.
func (b *Bot) settled(row outbox.Claimed, what string, err error) {
	if err != nil {
		b.fatal(err)
		b.log.Error("the outbox cannot be written", "what", what, "key", row.Key, "error", err)
	}
}
