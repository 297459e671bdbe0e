package mailer

import (
	"context"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Compose makes what people are told of a letter's end, in the transaction
// that records it, from the incident as it is then.
type Compose = func(incident.Incident) ([]outbox.Message, error)

// Outbox is what the worker needs of the register. Every method is safe to
// repeat: a call that failed may have been committed.
type Outbox interface {
	// Claim returns at most limit letters (ch is outbox.Mail, busy nil) that
	// are due at now and claimed by nobody, and claims them until now plus
	// lease: what is neither postponed nor finished by then is due again.
	Claim(ctx context.Context, ch outbox.Channel, now time.Time, lease time.Duration, busy []int64, limit int) ([]outbox.Claimed, error)
	// Postpone gives a claim up and makes the letter due at until. reason is
	// the server's answer or a sentence. counts says that it was an attempt:
	// one that our own stop cut short is none.
	Postpone(ctx context.Context, id int64, until time.Time, reason string, counts bool) error
	// FinishLetter takes the letter out of the outbox, records what became
	// of it (sent or refused; problem is "" when sent) and puts what compose
	// returns into the outbox, in one transaction. n is "" for a letter about
	// no incident; compose, which may be nil, is not called then.
	FinishLetter(ctx context.Context, id int64, l outbox.Letter, n incident.Number, state incident.LetterState,
		at time.Time, problem string, compose Compose) error
	// MarkDead ends a row that can never be sent and tells nobody (posts nil).
	MarkDead(ctx context.Context, id int64, why outbox.Failure, reason string, posts []outbox.Message) error
	// Wake makes every letter due at now that nobody has claimed.
	Wake(ctx context.Context, ch outbox.Channel, now time.Time) error
}

// nextAttempt returns when a letter that failed at now is tried again; ok is
// false when its time is up. The last attempt is made just before that.
func nextAttempt(row outbox.Claimed, now time.Time) (until time.Time, ok bool) {
	end := row.FirstAt.Add(outbox.KeepTrying)
	if !now.Before(end) {
		return time.Time{}, false
	}
	until = now.Add(outbox.PauseAfter(row.Attempts - 1)) // Attempts counts this one
	if until.After(end) {
		until = end
	}
	return until, true
}
