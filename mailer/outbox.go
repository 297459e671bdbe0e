package mailer

import (
	"context"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// QueuedLetter is a letter that waits in the outbox.
type QueuedLetter struct {
	ID     int64
	Number incident.Number
	Letter outbox.Letter
	// Attempts counts the attempts before this one.
	Attempts int
	// FirstAt is when the letter was put in the outbox; the five days count
	// from it.
	FirstAt time.Time
}

// Compose makes what people are told of a letter's end, in the transaction
// that records it, from the incident as it is then.
type Compose func(incident.Incident) ([]outbox.Message, error)

// Outbox is what the postman needs of the register. Every method is safe to
// repeat: a call that failed may have been committed.
type Outbox interface {
	// ClaimLetters returns at most limit letters that are due at now and
	// claimed by nobody, and claims them until now plus lease: a claim that
	// is neither postponed nor settled by then is due again.
	ClaimLetters(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]QueuedLetter, error)
	// PostponeLetter counts the attempt, gives the claim up and makes the
	// letter due at until. reason is the server's answer or a sentence; ""
	// when our own stop cut the attempt short, which does not count as one.
	PostponeLetter(ctx context.Context, id int64, until time.Time, reason string) error
	// SettleLetter takes the letter out of the outbox, records what became
	// of it (sent or refused; problem is "" when sent) and puts what compose
	// returns into the outbox, in one transaction. compose may be nil.
	SettleLetter(ctx context.Context, id int64, l outbox.Letter, n incident.Number, state incident.LetterState,
		at time.Time, problem string, compose func(incident.Incident) ([]outbox.Message, error)) error
	// WakeLetters makes every letter due at now that nobody has claimed.
	WakeLetters(ctx context.Context, now time.Time) error
}

// nextAttempt returns when a letter that failed at now is tried again; ok is
// false when its time is up. The last attempt is made just before that.
func (q QueuedLetter) nextAttempt(now time.Time) (until time.Time, ok bool) {
	end := q.FirstAt.Add(outbox.KeepTrying)
	if !now.Before(end) {
		return time.Time{}, false
	}
	until = now.Add(outbox.PauseAfter(q.Attempts))
	if until.After(end) {
		until = end
	}
	return until, true
}
