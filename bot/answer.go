package bot

import (
	"context"
	"fmt"

	"intakebot/conversation"
	"intakebot/outbox"
)

// answer sends the next reply, or marks the rows done when there is none.
func (l *lane) answer(ctx context.Context) error {
	if len(l.replies) == 0 {
		return l.settle(ctx, nil)
	}
	waiting, err := l.cfg.Register.Pending(ctx, l.chat)
	if err != nil {
		return err
	}
	if waiting || l.lanes.isClosed() || len(l.rows) >= laneBatch {
		err := l.settle(ctx, l.replies)
		if waiting {
			l.probe(ctx, l.chat)
		}
		return err
	}
	next := l.replies[0]
	sent, ok := l.turnToSend(ctx, next.Prompt)
	if !ok {
		return nil
	}
	id, err := l.sendMessage(ctx, l.chat, next, 0)
	sent()
	switch f, wait, _ := judge(err); f {
	case delivered:
		l.works(ctx)
		l.replies = l.replies[1:]
		if next.About == "" || id == 0 {
			return nil
		}
		return l.cfg.Register.Said(ctx, outbox.MessageRef{Chat: l.chat, MessageID: id}, next.About)
	case flooded:
		l.pace.hold(l.chat, wait)
		return l.settle(ctx, l.replies)
	case gone:
		l.log.Info("the person cannot be reached", "chat", l.chat, "error", err)
		if err := l.cfg.Register.Unreachable(ctx, l.chat, l.now()); err != nil {
			return err
		}
		return l.settle(ctx, nil)
	case refused:
		// The outbox is refused it too, and has it told what never arrived.
		return l.settle(ctx, l.replies)
	}
	l.failed()
	l.log.Warn("a reply goes to the outbox", "chat", l.chat, "error", err)
	return l.settle(ctx, l.replies)
}

// turnToSend waits for Telegram's limits; it gives up when there is more to
// take in first, and the reply in hand may become needless by it.
func (l *lane) turnToSend(ctx context.Context, prompt bool) (sent func(), ok bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if prompt && len(l.rows) < laneBatch {
		stop, done := make(chan struct{}), make(chan struct{})
		defer func() {
			close(stop)
			<-done // a poke that it took must be back before the lane can retire
		}()
		go func() {
			defer close(done)
			select {
			case <-l.poke:
				l.poke.raise() // for run
				cancel()
			case <-stop:
			}
		}()
	}
	sent, err := l.pace.wait(ctx, l.chat, int(outbox.RankPrompt))
	return sent, err == nil
}

// settle marks the rows done and leaves the rest of the replies to the outbox,
// in one transaction.
func (l *lane) settle(ctx context.Context, replies []conversation.Message) error {
	if len(l.rows) == 0 && len(replies) == 0 {
		l.replies = nil
		return nil
	}
	// The same rows leave the same keys, so a repetition adds nothing.
	batch := l.cfg.NewID()
	if len(l.rows) > 0 {
		batch = fmt.Sprintf("%d-%d", l.rows[0], l.rows[len(l.rows)-1])
	}
	var posts []outbox.Message
	for i, m := range replies {
		rank := outbox.RankNotice
		if m.Prompt {
			rank = outbox.RankPrompt
		}
		posts = append(posts, outbox.Message{
			Key:     fmt.Sprintf("reply:%d:%s:%d", l.chat, batch, i),
			Channel: outbox.Telegram, Chat: l.chat, Rank: rank, Prompt: m.Prompt && m.Refusal == "" && !m.RemoveKeyboard, Number: m.About,
			Body: parcel{Message: &m}.encode(),
		})
	}
	if err := l.cfg.Register.Done(ctx, l.rows, posts); err != nil {
		return err
	}
	l.rows, l.replies = nil, nil
	if len(posts) > 0 {
		l.courier.raise()
	}
	return nil
}
