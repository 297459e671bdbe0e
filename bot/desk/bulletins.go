package desk

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// BulletinStore is what the keeper of the bulletins needs of the register.
type BulletinStore interface {
	Put(ctx context.Context, posts ...outbox.Message) error
	NewlyDead(ctx context.Context, limit int) ([]outbox.Undelivered, error)
	DeadTold(ctx context.Context, ids []int64, at time.Time) error
	States(ctx context.Context, ids []int64) (map[int64]outbox.State, error)
	Mail(ctx context.Context, since time.Time) (outbox.MailQueue, error)
	QueuedEscalations(ctx context.Context) ([]incident.Incident, error)
	Gaps(ctx context.Context, seenBefore time.Time) ([]outbox.Gap, error)
	TellGaps(ctx context.Context, ids []int64, at time.Time, posts ...outbox.Message) error
	Meta(ctx context.Context, key string) (string, error)
	SetMeta(ctx context.Context, key, value string) error
}

// Bulletins tells the desk, at any hour, what does not leave and what did not
// come. Everything is required.
type Bulletins struct {
	Dialogue *conversation.Dialogue
	Words    desk.Words
	Client   *telegram.Client
	Group    *telegram.Group
	Store    BulletinStore
	Courier  *delivery.Courier
	Wake     loop.Signal
	Now      func() time.Time
	Log      *loop.Supervisor

	mail mailState
	// unsaved are bulletins that the register has not taken yet; Run alone
	// uses them.
	unsaved map[string]string
	work    context.Context
}

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

// Run keeps the bulletins. ctx ends the wait, work what is in hand.
func (b *Bulletins) Run(ctx, work context.Context) {
	b.work = work
	b.Log.Every(ctx, "a bulletin is not shown", bulletinRound, b.Wake, func(ctx context.Context) error {
		return errors.Join(b.saveUnsaved(), b.tellUndelivered(ctx), b.tellMail(ctx), b.tellGaps(ctx))
	})
}

// publish makes the bulletin say html. changed is false when it does so already.
func (b *Bulletins) publish(ctx context.Context, p *bulletin, html string) (changed bool, err error) {
	m := conversation.Message{HTML: html}
	chat, id := b.Group.ID(), p.MessageID
	if id != 0 && p.Chat == chat && p.Shows == digest(m) {
		return false, nil
	}
	if p.Chat != chat {
		id = 0
	}
	// Rank 0: before whatever else waits for the group.
	r := b.Client.Deliver(ctx, telegram.Slot{Chat: chat}, func() (err error) {
		if id != 0 {
			err = b.Client.EditMessage(b.work, chat, id, m)
			if telegram.Classify(chat, err).Kind != telegram.MessageNotFound {
				return err
			}
		}
		id, err = b.Client.SendMessage(b.work, chat, m, 0)
		return err
	})
	switch r.Kind {
	case telegram.Deleted:
		id = gone
		fallthrough
	case telegram.Delivered:
		*p = bulletin{chat, id, digest(m), b.Now()}
		return true, nil
	}
	return false, r.Err
}

// gone is the id of a message that somebody deleted at once: an edit finds out.
const gone = -1

// recall reads what is kept of a bulletin; nothing kept leaves v as it is.
func (b *Bulletins) recall(ctx context.Context, key string, v any) error {
	kept, unsaved := b.unsaved[key]
	if !unsaved {
		var err error
		if kept, err = b.Store.Meta(ctx, key); err != nil || kept == "" {
			return err
		}
	}
	return json.Unmarshal([]byte(kept), v)
}

// keep saves a bulletin for the next start, and until the register takes it, for
// the next look: what the group reads already must not be sent again.
func (b *Bulletins) keep(key string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if b.unsaved == nil {
		b.unsaved = map[string]string{}
	}
	b.unsaved[key] = string(data)
	return b.saveUnsaved()
}

// saveUnsaved saves what the register did not take before.
func (b *Bulletins) saveUnsaved() error {
	for key, kept := range b.unsaved {
		if err := b.Store.SetMeta(b.work, key, kept); err != nil {
			return err
		}
		delete(b.unsaved, key)
	}
	return nil
}
