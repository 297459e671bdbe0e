package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Escalate enters a letter to УИТ into the incident e.Number of the reporter:
// e's ID, State and At are taken, its Seq is the next one, its Letter is queued
// and its MessageID is what messageID makes of number and sequence (e.MessageID
// when messageID is nil). compose renders the letter and the messages; the
// escalation is the last one of the incident that it gets.
//
// The same e.ID again gives the incident and false, and compose is not called.
// ErrNotFound when the number is unknown or another person's; *NotAllowed when
// incident.EscalationAllowed with that pause says no at e.At.
func (r *Register) Escalate(ctx context.Context, e incident.Escalation, reporter int64, pause time.Duration,
	messageID func(n incident.Number, seq int) string, compose Compose) (incident.Incident, bool, error) {
	if e.ID == "" {
		return incident.Incident{}, false, fmt.Errorf("escalate incident %s: the escalation has no id", e.Number)
	}
	o, err := write(ctx, r.writer, func(s *session) (outcome, error) {
		i, err := own(s, e.Number, reporter)
		if err != nil {
			return outcome{}, err
		}
		for _, known := range i.Escalations {
			if known.ID == e.ID {
				return outcome{incident: i.Incident}, nil
			}
		}
		if refusal, from := i.EscalationAllowed(e.At, pause); refusal != incident.MayEscalate {
			return outcome{}, &incident.NotAllowed{Refusal: refusal, From: from, Incident: i.Incident}
		}
		e := e // the caller's stays as it is
		e.Seq = len(i.Escalations) + 1
		if messageID != nil {
			e.MessageID = messageID(e.Number, e.Seq)
		}
		if err := escalated(s, i.id, e); err != nil {
			return outcome{}, err
		}
		return r.told(s, i.id, compose)
	})
	return o.incident, o.changed, failed(err, "escalation %s of incident %s by %d", e.ID, e.Number, reporter)
}

// escalated makes the rows of a new escalation.
func escalated(s *session, id int64, e incident.Escalation) error {
	_, err := s.exec(`INSERT INTO escalations (id, incident, seq, state, at, message_id, letter)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.ID, id, e.Seq, e.State, millis(e.At), e.MessageID, string(incident.LetterQueued))
	if err != nil {
		return err
	}
	err = enter(s, id, "escalated:"+e.ID, incident.Entry{At: e.At, Kind: incident.KindEscalated, By: incident.ByReporter, Text: e.State})
	if err != nil {
		return err
	}
	return touch(s, id)
}

// FinishLetter ends the outbox row id of the letter l about incident n, sent or
// refused at at; problem is the mail server's answer when it was refused (or
// why it was given up). An escalation's row takes over the state, the history
// tells of it, and what compose makes of the incident is put into the outbox; a
// copy to support or a closing letter leaves a trace in the incident only when
// it was refused. n "" is a letter about no incident: its row ends, and compose
// is not called. Neither is it for a row that is finished already, which stays
// as it is. ErrNotFound when the incident is unknown.
func (r *Register) FinishLetter(ctx context.Context, id int64, l outbox.Letter, n incident.Number,
	state incident.LetterState, at time.Time, problem string, compose Compose) error {
	if state != incident.LetterSent && state != incident.LetterRefused {
		return fmt.Errorf("settle the letter %d about %s: %q is no end", id, n, state)
	}
	_, err := write(ctx, r.writer, func(s *session) (o outcome, err error) {
		end := outbox.Rejected
		if n == "" {
			return o, unlessSettled(r.finished(s, id, state, at, end, problem))
		}
		i, err := loadOne(s, n)
		if err != nil {
			return o, err
		}
		if i.Erased() { // nobody can try it again, and the answer may quote an address
			end, problem = outbox.Obsolete, ""
		}
		err = r.finished(s, id, state, at, end, problem)
		if errors.Is(err, errSettled) {
			return o, nil
		}
		if err != nil {
			return o, err
		}
		if err := letterFinished(s, i.id, l, state, at, problem); err != nil {
			return o, err
		}
		return r.told(s, i.id, func(i incident.Incident) ([]outbox.Message, error) {
			if compose == nil {
				return nil, nil
			}
			posts, err := compose(i)
			if err == nil && tellsDesk(posts) {
				_, err = s.exec(`UPDATE outbox SET told_at = ? WHERE id = ? AND state = 'dead'`, millis(at), id)
			}
			return posts, err
		})
	})
	return failed(err, "settle the %s letter %d about incident %s", l.Kind, id, n)
}

// finished ends the row of a letter.
func (r *Register) finished(s *session, id int64, state incident.LetterState, at time.Time, end outbox.Failure, problem string) error {
	switch {
	case state == incident.LetterSent && r.keepLetters && end != outbox.Obsolete:
		return ended(s, id)(s.exec(`UPDATE outbox SET state = 'sent', leased = 0, settled_at = ?, problem = '',
			body = iif(number = '', NULL, body) WHERE id = ? AND state = 'pending'`, millis(at), id))
	case state == incident.LetterSent:
		return sent(s, id, at)
	}
	return buried(s, id, at, end, problem, false)
}

// recipients say in the history which letter it was; the second line has another
// name in another town.
var recipients = map[outbox.LetterKind]string{
	outbox.SupportCopy:      "в техподдержку",
	outbox.EscalationLetter: "эскалация",
	outbox.ClosingLetter:    "эскалация, о решении",
}

// letterFinished notes the end of a letter in its incident.
func letterFinished(s *session, id int64, l outbox.Letter, state incident.LetterState, at time.Time, problem string) error {
	entry := incident.Entry{At: at, Kind: incident.KindLetterSent, By: incident.BySystem, Text: recipients[l.Kind]}
	if state == incident.LetterRefused {
		entry.Kind = incident.KindLetterRefused
	}
	if l.Kind == outbox.EscalationLetter {
		_, err := s.exec(`UPDATE escalations SET letter = ?, settled_at = ?, problem = ? WHERE incident = ? AND seq = ?`,
			string(state), millis(at), problem, id, l.Seq)
		if err != nil {
			return err
		}
	} else if state == incident.LetterSent {
		return nil // as it should be: no line for it, and the card stays as it is
	}
	if problem != "" {
		entry.Text += ": " + problem
	}
	if err := enter(s, id, "", entry); err != nil {
		return err
	}
	return touch(s, id)
}
