package reporter

import (
	"context"
	"fmt"
	"slices"

	"intakebot/bot/delivery"
	"intakebot/bot/inbox"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/outbox"
)

// Flush sends the next reply, or marks the rows done when there is none.
func (p *person) Flush(ctx context.Context, done []int64) (idle bool, err error) {
	if len(p.replies) == 0 {
		return true, p.finish(ctx, done, nil)
	}
	waiting, err := p.Store.Pending(ctx, p.chat)
	if err != nil {
		return false, err
	}
	if waiting || p.worker.Stopping() || len(done) >= inbox.Batch {
		err := p.finish(ctx, done, p.replies)
		if waiting {
			p.Courier.Probe(ctx, p.chat)
		}
		return true, err
	}
	next := p.replies[0]
	id, r := p.send(ctx, next, next.Prompt && len(done) < inbox.Batch)
	switch r.Kind {
	case telegram.NotSent:
		return false, nil // there is more to take in first
	case telegram.Delivered, telegram.Deleted:
		p.replies = p.replies[1:]
		if next.About == "" || id == 0 {
			return false, nil
		}
		return false, p.Store.Said(ctx, outbox.MessageRef{Chat: p.chat, MessageID: id}, next.About)
	case telegram.ChatUnavailable:
		p.Log.Info("the person cannot be reached", "chat", p.chat, "error", r.Err)
		if err := p.Store.Unreachable(ctx, p.chat, p.Now()); err != nil {
			return false, err
		}
		return true, p.finish(ctx, done, nil)
	case telegram.RateLimited, telegram.Rejected:
		// What is refused, the outbox is refused too, and has it told.
	default:
		p.Log.Warn("a reply goes to the outbox", "chat", p.chat, "error", r.Err)
	}
	return true, p.finish(ctx, done, p.replies)
}

// send says one thing; yielding gives the wait for Telegram's limits up when
// there is more to take in, by which the reply in hand may become needless.
func (p *person) send(ctx context.Context, m conversation.Message, yielding bool) (id int, r telegram.Result) {
	wait, stop := ctx, func() {}
	if yielding {
		wait, stop = p.worker.UntilMore(ctx)
	}
	defer stop()
	r = p.Client.Deliver(wait, telegram.Slot{Chat: p.chat, Rank: int(outbox.RankPrompt)}, func() (err error) {
		stop()
		id, err = p.Client.SendMessage(ctx, p.chat, m, 0)
		return err
	})
	return id, r
}

// finish marks the rows done and leaves the rest of the replies to the outbox,
// in one transaction.
func (p *person) finish(ctx context.Context, done []int64, replies []conversation.Message) error {
	if len(done) == 0 && len(replies) == 0 {
		p.replies, p.handled = nil, false
		return nil
	}
	// The same rows leave the same keys, so a repetition adds nothing.
	batch := p.NewID()
	if len(done) > 0 {
		batch = fmt.Sprintf("%d-%d", done[0], done[len(done)-1])
	}
	var posts []outbox.Message
	for i, m := range replies {
		post := delivery.ToPerson(fmt.Sprintf("reply:%d:%s:%d", p.chat, batch, i), p.chat, m.About, delivery.Say(m))
		if m.Prompt {
			post.Rank = outbox.RankPrompt
		}
		post.Prompt = m.Prompt && m.Refusal == "" && !m.RemoveKeyboard
		posts = append(posts, post)
	}
	if len(posts) == 0 {
		// After a crash they come again, and are known by the conversation.
		p.Store.DoneSoon(done)
		p.replies, p.handled = nil, false
		return nil
	}
	if err := p.Store.Done(ctx, done, posts); err != nil {
		return err
	}
	p.replies, p.handled = nil, false
	p.Courier.Wake()
	return nil
}

// refusalsKept is how many refusals of questions that became needless are told.
const refusalsKept = 3

// say adds replies.
func (p *person) say(more []conversation.Message) { p.replies = joinReplies(p.replies, more) }

// joinReplies adds to what is unsent. A new question makes older ones needless,
// but not that they refused something; what is said again is said once. So a
// flood of messages is answered, and not each of them.
func joinReplies(old, more []conversation.Message) []conversation.Message {
	asks := slices.ContainsFunc(more, func(m conversation.Message) bool { return m.Prompt })
	var kept []conversation.Message
	refusals := 0
	for _, m := range slices.Backward(old) {
		if asks && m.Prompt && !keyboard(m) {
			m = conversation.Message{HTML: m.Refusal, Refusal: m.Refusal}
		}
		if !m.Prompt && m.Refusal != "" {
			refusals++
		}
		if m.HTML != "" && !(refusals > refusalsKept && m.Refusal != "") && !repeated(m, more) && !repeated(m, kept) {
			kept = append(kept, m)
		}
	}
	slices.Reverse(kept)
	return slices.Concat(kept, more)
}

// keyboard says that a message changes the reply keyboard, so it must arrive.
func keyboard(m conversation.Message) bool { return m.Contact || m.RemoveKeyboard }

// repeated says that what m says stands in others too.
func repeated(m conversation.Message, others []conversation.Message) bool {
	return !keyboard(m) && slices.ContainsFunc(others, func(o conversation.Message) bool {
		return o.HTML == m.HTML && len(o.Buttons) == len(m.Buttons) || o.Refusal != "" && o.Refusal == m.HTML
	})
}
