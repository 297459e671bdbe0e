// Package desk works on what happens in the support group, and shows there what
// the register holds. What the group reads is package intakebot/desk.
//
// Two kinds of messages are not queued but reconciled with the register: cards,
// of which the keeper edits those whose version differs, and bulletins, which
// tell of a state of affairs as long as it lasts.
package desk

import (
	"context"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/inbox"
	"intakebot/bot/notify"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Store is what the updates of the group need of the register (package storage).
// Every write is safe to repeat: one that failed may have been committed.
type Store interface {
	Put(ctx context.Context, posts ...outbox.Message) error
	Known(ctx context.Context, key string) (bool, error)
	Act(ctx context.Context, a incident.Act, compose func(incident.Incident) ([]outbox.Message, error)) (incident.Incident, bool, error)
	Incident(ctx context.Context, n incident.Number) (incident.Incident, error)
	OpenPage(ctx context.Context, page, size int) (incident.Found, error)
	Search(ctx context.Context, text string, page, size int) (incident.Found, error)
	Each(ctx context.Context, p incident.Period, yield func(incident.Incident) error) error
	About(ctx context.Context, where outbox.MessageRef) (outbox.MessageContext, error)
	PassedOn(ctx context.Context, original outbox.MessageRef) ([]outbox.MessageRef, error)
	Unsent(ctx context.Context, source int) (told outbox.MessageContext, waiting, sending bool, err error)
	Recall(ctx context.Context, source int, posts ...outbox.Message) (ok bool, err error)
	Retry(ctx context.Context, n incident.Number, name string, at time.Time, key string, compose func(outbox.Retried) outbox.Message) error
	Meta(ctx context.Context, key string) (string, error)
	SetMeta(ctx context.Context, key, value string) error
	Done(ctx context.Context, seqs []int64, posts []outbox.Message) error
}

// Desk works on what happens in the support group. Everything is required.
type Desk struct {
	Dialogue *conversation.Dialogue
	Words    desk.Words
	Client   *telegram.Client
	Group    *telegram.Group
	Store    Store
	Notify   notify.Notifier
	Courier  *delivery.Courier
	// Told wakes those who carry what a transaction left in the outbox, Kick
	// everybody.
	Told, Kick func()
	// Forward lets a letter through that came back and is held (bot/mail); nil
	// without a mailbox.
	Forward func(ctx context.Context, mail int64, n incident.Number) (ok bool, err error)
	Now     func() time.Time
	// Started is when this process began to work.
	Started time.Time
	Log     *loop.Supervisor
}

// Handler is for a group: only the support group's updates mean anything.
func (d *Desk) Handler(w *inbox.Worker) inbox.Handler { return handler{d, w.Chat} }

type handler struct {
	*Desk
	chat int64
}

// Handle carries one update through. Everything that it says goes through the
// outbox under keys made of the update's id, so a repetition says nothing twice.
func (h handler) Handle(ctx context.Context, u telegram.Update) error {
	if h.chat != h.Group.ID() {
		return nil
	}
	t := &turn{Desk: h.Desk, chat: h.chat, update: u.ID, goesOn: u.AlbumGoesOn}
	switch {
	case u.Message != nil && u.Message.MigrateTo != 0:
		return h.Group.Follow(ctx, u.Message.MigrateTo)
	case u.Press != nil:
		return t.pressed(ctx, u.Press)
	case u.Edited != nil:
		return t.edited(ctx, u)
	case u.Message != nil && u.Event != nil:
		t.who, t.message = senderOf(&u.Message.Content), u.Message
		return t.said(ctx, u)
	case u.Member != nil: // the bot has other rights now
		h.Courier.Probe(ctx, outbox.DeskChat)
	}
	return nil
}

// SetAside does nothing: nobody in particular waits for an answer.
func (h handler) SetAside() {}

// EraseDraft does nothing: there is none.
func (h handler) EraseDraft(context.Context) {}

// Flush notes that updates are done.
func (h handler) Flush(ctx context.Context, done []int64) (idle bool, err error) {
	if len(done) == 0 {
		return true, nil
	}
	return true, h.Store.Done(ctx, done, nil)
}
