package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"intakebot/incident"
	"intakebot/mailer"
	"intakebot/storage"
)

// The rooms do not know one another; here they are fitted together.

// letters is the outbox as the postman knows it.
type letters struct{ *storage.Register }

func (l letters) ClaimLetters(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]mailer.QueuedLetter, error) {
	rows, err := l.Claim(ctx, incident.Mail, now, lease, nil, limit)
	if err != nil {
		return nil, err
	}
	var queued []mailer.QueuedLetter
	for _, row := range rows {
		q := mailer.QueuedLetter{ID: row.ID, Number: row.Number, Attempts: row.Attempts - 1, FirstAt: row.FirstAt}
		if err := json.Unmarshal(row.Body, &q.Letter); err != nil {
			reason := fmt.Errorf("read the letter of %s: %w", row.Number, err)
			if err := l.Bury(ctx, row.ID, reason.Error(), nil); err != nil {
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

func (l letters) WakeLetters(ctx context.Context, now time.Time) error {
	return l.Wake(ctx, incident.Mail, now)
}

// writing is mailer.Letters as the bot knows it.
type writing struct{ mailer.Letters }

func (w writing) SupportCopy(i incident.Incident) (l incident.Letter, wanted bool, err error) {
	if w.Support == "" {
		return l, false, nil
	}
	l, err = w.Letters.SupportCopy(i)
	return l, true, err
}
