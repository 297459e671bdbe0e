package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"intakebot/incident"
	"intakebot/mailer"
	"intakebot/outbox"
	"intakebot/storage"
)

// The rooms do not know one another; here they are fitted together.

// letters is the outbox as the postman knows it.
type letters struct {
	*storage.Register
	// settled is told when a letter came to its end: the card shows it, and
	// there is something to tell.
	settled func()
}

func (l letters) ClaimLetters(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]mailer.QueuedLetter, error) {
	rows, err := l.Claim(ctx, outbox.Mail, now, lease, nil, limit)
	if err != nil {
		return nil, err
	}
	var queued []mailer.QueuedLetter
	for _, row := range rows {
		q := mailer.QueuedLetter{ID: row.ID, Number: row.Number, Attempts: row.Attempts - 1, FirstAt: row.FirstAt}
		if err := json.Unmarshal(row.Body, &q.Letter); err != nil {
			reason := fmt.Errorf("read the letter of %s: %w", row.Number, err)
			if err := l.MarkDead(ctx, row.ID, outbox.Unreadable, reason.Error(), nil); err != nil {
				return nil, err
			}
			continue
		}
		queued = append(queued, q)
	}
	return queued, nil
}

// PostponeLetter: without a reason our own stop cut the attempt short, and it
// does not count.
func (l letters) PostponeLetter(ctx context.Context, id int64, until time.Time, reason string) error {
	return l.Postpone(ctx, id, until, reason, reason != "")
}

func (l letters) SettleLetter(ctx context.Context, id int64, letter outbox.Letter, n incident.Number,
	state incident.LetterState, at time.Time, problem string, compose func(incident.Incident) ([]outbox.Message, error)) error {
	switch {
	case n == "" && state == incident.LetterSent: // an alarm: it is about no incident
		return l.Sent(ctx, id, at, outbox.MessageRef{}, 0)
	case n == "":
		return l.MarkDead(ctx, id, outbox.Rejected, problem, nil)
	}
	err := l.Register.SettleLetter(ctx, id, letter, n, state, at, problem, compose)
	if err == nil {
		l.settled()
	}
	return err
}

func (l letters) WakeLetters(ctx context.Context, now time.Time) error {
	return l.Wake(ctx, outbox.Mail, now)
}

// writing is mailer.Letters as the bot knows it.
type writing struct {
	mailer.Letters
	closing bool // УИТ is told of solutions
}

func (w writing) SupportCopy(i incident.Incident) (l outbox.Letter, wanted bool, err error) {
	if w.Support == "" {
		return l, false, nil
	}
	l, err = w.Letters.SupportCopy(i)
	return l, true, err
}

func (w writing) Closing(i incident.Incident) (l outbox.Letter, wanted bool, err error) {
	if !w.closing {
		return l, false, nil
	}
	l, err = w.Letters.Closing(i)
	return l, true, err
}
