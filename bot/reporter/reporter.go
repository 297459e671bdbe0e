// Package reporter carries one update of a private chat through: load the
// conversation, ask the dialogue (package conversation), register, save, reply.
//
// What must arrive goes through the outbox, written in the transaction that makes
// it true. A reply is sent at once; when Telegram will not take it, it goes to
// the outbox too. An update that was applied and not marked done is answered
// again from the saved conversation, see envelope.
package reporter

import (
	"context"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/inbox"
	"intakebot/bot/notify"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Store is what the dialogue needs of the register (package storage). Every
// write is safe to repeat: one that failed may have been committed.
type Store interface {
	Reporter(ctx context.Context, chat int64) (incident.Reporter, error)
	GiveConsent(ctx context.Context, chat int64, c incident.Consent) error
	Forget(ctx context.Context, chat int64, at time.Time, compose func(before []incident.Incident) []outbox.Message) error
	DraftErased(ctx context.Context, chat int64) error
	Unreachable(ctx context.Context, chat int64, at time.Time) error
	Reachable(ctx context.Context, chat int64) error

	Register(ctx context.Context, r incident.Report, compose Compose) (incident.Incident, bool, error)
	Act(ctx context.Context, a incident.Act, compose Compose) (incident.Incident, bool, error)
	Escalate(ctx context.Context, e incident.Escalation, reporter int64, pause time.Duration,
		messageID func(incident.Number, int) string, compose Compose) (incident.Incident, bool, error)
	Incident(ctx context.Context, n incident.Number) (incident.Incident, error)

	Done(ctx context.Context, seqs []int64, posts []outbox.Message) error
	DoneSoon(seqs []int64)
	Pending(ctx context.Context, chat int64) (bool, error)
	Said(ctx context.Context, where outbox.MessageRef, n incident.Number) error
	About(ctx context.Context, where outbox.MessageRef) (outbox.MessageContext, error)
	PassedOn(ctx context.Context, original outbox.MessageRef) ([]outbox.MessageRef, error)
}

// Compose makes what must be told of a change, inside its transaction.
type Compose = func(incident.Incident) ([]outbox.Message, error)

// Drafts is where live conversations are kept (package storage, Redis).
type Drafts interface {
	Load(ctx context.Context, chat int64) (outbox.SavedDraft, error)
	// Save replaces revision expect; token names the write, so that its
	// repetition is recognised. live says that the person has something to
	// lose in it; renew lets it live for its whole time again.
	Save(ctx context.Context, chat, expect int64, token string, data []byte, live, renew bool) (rev int64, err error)
	// Expiring are the live conversations that end before that time.
	Expiring(ctx context.Context, before time.Time) (map[int64]time.Time, error)
	Forget(ctx context.Context, chat int64) error
	// Ping says whether conversations can be saved.
	Ping(ctx context.Context) error
}

// Reporter answers the people who report. Everything is required.
type Reporter struct {
	Dialogue *conversation.Dialogue
	Client   *telegram.Client
	Group    *telegram.Group
	Store    Store
	Drafts   Drafts
	Notify   notify.Notifier
	Courier  *delivery.Courier
	// Told wakes those who carry what a transaction left in the outbox.
	Told func()
	// Erasures and Bulletins are raised when a person is forgotten.
	Erasures, Bulletins loop.Signal
	// DeskCommand says that a command is the group's, which does nothing
	// outside it.
	DeskCommand func(name string) bool
	Now         func() time.Time
	// NewID makes identifiers never used before.
	NewID func() string
	Log   *loop.Supervisor

	recent recent
}

// Handler is for the private chat of w.
func (r *Reporter) Handler(w *inbox.Worker) inbox.Handler {
	return &person{Reporter: r, worker: w, chat: w.Chat}
}

// person is one private chat at work.
type person struct {
	*Reporter
	worker *inbox.Worker
	chat   int64
	// replies are what is not said yet.
	replies []conversation.Message
	decided *decision // and not carried through yet; nil when nothing is in hand
	goesOn  bool      // another part of the album in hand is here already
	handled bool      // an update was taken in since the last one was marked done
}

// Remind looks for drafts about to expire and has their people reminded by
// nudge.
func (r *Reporter) Remind(ctx context.Context, wake loop.Signal, nudge func(chat int64, n inbox.Nudge)) {
	const ahead = 24 * time.Hour // covers any quiet hours before the end
	for loop.Pause(ctx, time.Minute, wake) {
		expiring, err := r.Drafts.Expiring(ctx, r.Now().Add(ahead))
		if err != nil {
			continue // the workers tell of Redis
		}
		for chat, at := range expiring {
			if r.Dialogue.ReminderDue(at, r.Now()) {
				nudge(chat, inbox.Nudge{RemindAt: at})
			}
		}
	}
}
