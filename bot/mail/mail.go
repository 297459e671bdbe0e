// Package mail works on letters that came back (package mailbox): it finds the
// incident of each, enters what the letter says into it, and has that told.
//
// Mail never answers mail and never changes a status, so no loop can come of it.
package mail

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"intakebot/bot/notify"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/mailer/mailbox"
	"intakebot/outbox"
)

// Store is what the work on letters needs of the register (package storage). Every
// write is safe to repeat: one that failed may have been committed.
type Store interface {
	NextMail(ctx context.Context, now time.Time) (m outbox.ReceivedMail, ok bool, err error)
	HeldMail(ctx context.Context, id int64) (m outbox.ReceivedMail, ok bool, err error)
	Incident(ctx context.Context, n incident.Number) (incident.Incident, error)
	IncidentOfTheirs(ctx context.Context, theirs, domain string) (n incident.Number, ok bool, err error)

	AnswerMail(ctx context.Context, a outbox.MailAnswer, compose func(incident.Incident) ([]outbox.Message, error)) error
	ReportMail(ctx context.Context, m outbox.MailReport, compose func(incident.Incident, *outbox.Letter) ([]outbox.Message, error)) error
	HoldMail(ctx context.Context, id int64, n incident.Number, posts []outbox.Message) error
	FinishMail(ctx context.Context, id int64, posts []outbox.Message) error
	FailMail(ctx context.Context, id int64, reason string, limit int, until time.Time, posts []outbox.Message) (quarantined bool, err error)
}

// Worker works on letters. Everything is required.
type Worker struct {
	Store  Store
	Notify notify.Notifier
	// Own recognises our letters by their Message-IDs.
	Own mailbox.Recognise
	// Senders are those who may write to a person; UIT and Support the boxes
	// that our letters go to.
	Senders      mailbox.Senders
	UIT, Support string
	// Told wakes those who carry what a transaction left in the outbox.
	Told func()
	// Wake is raised when a letter came.
	Wake loop.Signal
	Now  func() time.Time
	Log  *loop.Supervisor
}

const (
	// pollEvery is how often letters are looked for unasked: those whose pause
	// after a failure is over.
	pollEvery = 10 * time.Second
	// attempts are how often a letter is tried that fails for a reason of ours.
	attempts = 3
)

// Run works on what comes until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	w.Log.Every(ctx, "letters cannot be worked on", pollEvery, w.Wake, w.drain)
}

// drain works on every letter that is due.
func (w *Worker) drain(ctx context.Context) error {
	for ctx.Err() == nil {
		m, ok, err := w.Store.NextMail(ctx, w.Now())
		if err != nil || !ok {
			return err
		}
		if err := w.contained(ctx, m); err != nil {
			if err := w.failed(ctx, m, err); err != nil {
				return err
			}
		}
		w.Told()
	}
	return nil
}

// contained works on a letter and makes an error of a panic.
func (w *Worker) contained(ctx context.Context, m outbox.ReceivedMail) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error("panic at a letter", "letter", m.ID, "panic", p, "stack", string(debug.Stack()))
			err = &loop.Fault{Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return w.work(ctx, m)
}

// failed counts a failure of our own, and sets the letter aside, for the group to
// read, when a repetition does not mend it. Where a store is away, nothing is
// counted: its error comes back.
func (w *Worker) failed(ctx context.Context, m outbox.ReceivedMail, problem error) error {
	fault, early := (*loop.Fault)(nil), errors.Is(problem, incident.ErrLetterOnItsWay)
	if !errors.As(problem, &fault) && !early {
		return problem
	}
	limit := attempts
	if early {
		limit = 1 << 30
	}
	aside, err := w.Store.FailMail(ctx, m.ID, "cannot be worked on", limit, w.Now().Add(outbox.PauseAfter(m.Attempts)),
		w.Notify.MailUnreadable(key(m.ID), m.Raw))
	if err == nil {
		w.Log.Error("a letter cannot be worked on", "letter", m.ID, "attempt", m.Attempts+1, "set_aside", aside, "error", problem)
	}
	return err
}

// key begins the outbox keys of what is told of a letter.
func key(id int64) string { return fmt.Sprintf("mail:%d", id) }
