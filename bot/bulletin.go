package bot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"intakebot/conversation"
)

// bulletin is a message in the group about a state of affairs. Like a card it
// is reconciled, not queued: it is edited as things change, found again after a
// restart, and sent anew where it is gone. Its keeper saves it in the register's
// meta.
type bulletin struct {
	Chat      int64     `json:"chat"`
	MessageID int       `json:"message_id"`
	Shows     [8]byte   `json:"shows"`     // digest of its text
	EditedAt  time.Time `json:"edited_at"` // or sent
}

const (
	// bulletinRound is how often the affairs are looked at unasked; what is
	// to be told within a minute has that much less.
	bulletinRound = 5 * time.Second
	// bulletinEvery is the pause between two edits that can wait: the group
	// takes 20 messages a minute, edits included.
	bulletinEvery = time.Minute
	// bulletinJoins is how long what happens anew is told by an edit of the
	// last bulletin. An edit is silent on a phone, so later it is a message of
	// its own.
	bulletinJoins = 10 * time.Minute
)

// keepBulletins tells the desk, at any hour, what does not leave and what did
// not come. It alone uses the bulletins.
func (b *Bot) keepBulletins(ctx context.Context) {
	keepUnkept := func(context.Context) error { return b.keepUnkept() }
	failures := 0
	for {
		failed := false
		for _, tell := range []func(context.Context) error{keepUnkept, b.tellUndelivered, b.tellMail, b.tellGaps} {
			if err := tell(ctx); err != nil && ctx.Err() == nil {
				failed = true
				b.fatal(err)
				b.complain("a bulletin is not shown", "error", b.scrub(err))
			}
		}
		if failures++; !failed {
			failures = 0
		}
		if !pause(ctx, bulletinRound<<min(failures, 3), b.bulletins) {
			return
		}
	}
}

// publish makes the bulletin say html. changed is false when it does so already.
func (b *Bot) publish(ctx context.Context, p *bulletin, html string) (changed bool, err error) {
	m := conversation.Message{HTML: html}
	if p.MessageID != 0 && p.Chat == b.deskChat() && p.Shows == digest(m) {
		return false, nil
	}
	// Rank 0: before whatever else waits for the group.
	sent, err := b.pace.wait(ctx, b.deskChat(), 0)
	if err != nil {
		return false, err
	}
	defer sent()
	chat, id := b.deskChat(), p.MessageID
	if p.Chat != chat {
		id = 0
	}
	if id != 0 {
		err = b.editMessage(b.work, chat, id, m)
		if f, _, _ := judge(err); f == cardLost {
			id = 0
		}
	}
	if id == 0 {
		id, err = b.sendMessage(b.work, chat, m, 0)
	}
	switch f, wait, to := judge(err); f {
	case delivered, unchanged:
		*p = bulletin{chat, id, digest(m), b.now()}
		return true, nil
	case flooded:
		b.pace.hold(chat, wait)
	case moved:
		return false, errors.Join(err, b.deskMoved(b.work, to))
	}
	return false, err
}

// recall reads what is kept of a bulletin; nothing kept leaves v as it is.
func (b *Bot) recall(ctx context.Context, key string, v any) error {
	kept, unsaved := b.unkept[key]
	if !unsaved {
		var err error
		if kept, err = b.cfg.Register.Meta(ctx, key); err != nil || kept == "" {
			return err
		}
	}
	return json.Unmarshal([]byte(kept), v)
}

// keep saves a bulletin for the next start, and until the register takes it, for
// the next look: what the group reads already must not be sent again.
func (b *Bot) keep(key string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b.unkept[key] = string(data)
	return b.keepUnkept()
}

// keepUnkept saves what the register did not take before.
func (b *Bot) keepUnkept() error {
	for key, kept := range b.unkept {
		if err := b.cfg.Register.SetMeta(b.work, key, kept); err != nil {
			return err
		}
		delete(b.unkept, key)
	}
	return nil
}
