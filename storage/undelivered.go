package storage

import (
	"context"
	"database/sql"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// NewlyDead returns at most limit dead rows that alarm and of which the desk was
// not told, the oldest first.
func (r *Reader) NewlyDead(ctx context.Context, limit int) ([]outbox.Undelivered, error) {
	rows, err := readAll(ctx, r, func(rows *sql.Rows) (u outbox.Undelivered, err error) {
		err = rows.Scan(&u.ID, &u.Key, &u.Channel, &u.Number, &u.Chat, &u.Rank, &u.Body, &u.Failure, &u.Problem)
		return u, err
	}, `SELECT id, key, channel, number, chat, rank, body, ending, problem FROM outbox
		WHERE state = 'dead' AND told_at = 0 ORDER BY id LIMIT ?`, limit)
	return rows, failed(err, "read the dead rows of the outbox")
}

// DeadTold notes that the desk knows of dead rows.
func (r *Register) DeadTold(ctx context.Context, ids []int64, at time.Time) error {
	err := r.change(ctx, `UPDATE outbox SET told_at = ? WHERE state = 'dead' AND id IN (SELECT value FROM json_each(?))`, millis(at), asList(ids))
	return failed(err, "note that %d dead rows of the outbox are told", len(ids))
}

// Fates returns where rows of the outbox stand.
func (r *Reader) States(ctx context.Context, ids []int64) (map[int64]outbox.State, error) {
	fates, err := read(ctx, r, func(s *session) (map[int64]outbox.State, error) {
		fates := make(map[int64]outbox.State, len(ids))
		err := s.each(func(rows *sql.Rows) error {
			var id int64
			var f outbox.State
			err := rows.Scan(&id, &f)
			fates[id] = f
			return err
		}, `SELECT id, state FROM outbox WHERE id IN (SELECT value FROM json_each(?))`, asList(ids))
		return fates, err
	})
	return fates, failed(err, "read where %d rows of the outbox stand", len(ids))
}

// Mail returns the figures of the letters; those sent count from since.
func (r *Reader) Mail(ctx context.Context, since time.Time) (outbox.MailQueue, error) {
	q, err := read(ctx, r, func(s *session) (q outbox.MailQueue, err error) {
		var next int64
		err = s.row(`SELECT
			(SELECT count(*) FROM outbox WHERE state = 'pending' AND channel = 'mail'),
			(SELECT coalesce(min(next_at), 0) FROM outbox WHERE state = 'pending' AND channel = 'mail' AND leased = 0),
			(SELECT count(*) FROM outbox WHERE state = 'sent' AND channel = 'mail' AND settled_at >= ?)`, millis(since)).
			Scan(&q.Waiting, &next, &q.Sent)
		q.NextAt = moment(next)
		return q, err
	})
	return q, failed(err, "count the letters")
}

// QueuedEscalations returns the incidents with a letter to УИТ that waits, of
// people who are not forgotten.
func (r *Reader) QueuedEscalations(ctx context.Context) ([]incident.Incident, error) {
	all, err := read(ctx, r, func(s *session) ([]incident.Incident, error) {
		return loadAll(s, `WHERE i.erased_at = 0 AND i.id IN (SELECT incident FROM escalations WHERE letter = ?) ORDER BY i.id`, string(incident.LetterQueued))
	})
	return all, failed(err, "read the escalations whose letter waits")
}

// Retry makes everything of an incident due at once that is dead or waits for
// another attempt, with the bytes that it has; what is under way is left
// alone. name is who asked for it. A letter to УИТ is queued again, the
// history tells of it, unless a later one stands in for it. compose makes the
// answer, whose outbox key is key: when that is known, all this has happened
// already. ErrNotFound when the incident is unknown.
func (r *Register) Retry(ctx context.Context, n incident.Number, name string, at time.Time,
	key string, compose func(outbox.Retried) outbox.Message) error {
	err := r.writer.do(ctx, func(s *session) error {
		i, err := loadOne(s, n)
		if err != nil {
			return err
		}
		var known bool
		if err := s.row(`SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ?)`, key).Scan(&known); err != nil || known {
			return err
		}
		found, err := retry(s, i, name, at)
		if err != nil {
			return err
		}
		for _, m := range found.Revived {
			r.unsent.add(m)
		}
		return r.put(s, []outbox.Message{compose(found)})
	})
	return failed(err, "try again what was not delivered of incident %s", n)
}

// unsentRow is a row that may be tried again.
type unsentRow struct {
	id int64
	outbox.Message
	dead, leased, began bool
	nextAt              int64
}

func retry(s *session, i record, name string, at time.Time) (found outbox.Retried, err error) {
	found.Incident = i.Incident
	rows, err := unsentOf(s, i.Number)
	if err != nil {
		return found, err
	}
	var revive, hurry []int64
	for _, row := range rows {
		switch {
		case row.dead && row.Channel == outbox.Mail && outdated(&found, row):
		case row.dead:
			if err := requeued(s, i, row, name, at); err != nil {
				return found, err
			}
			revive, found.Revived = append(revive, row.id), append(found.Revived, row.Message)
		case row.leased || !row.began || row.nextAt <= millis(at):
			found.Sending++
		default:
			hurry, found.Hurried = append(hurry, row.id), append(found.Hurried, row.Message)
		}
	}
	_, err = s.exec(`UPDATE outbox SET state = 'pending', leased = 0, attempts = 0, next_at = 0, first_at = 0, settled_at = 0,
		problem = '', ending = '', told_at = 0, round = round + 1
		WHERE state = 'dead' AND id IN (SELECT value FROM json_each(?))`, asList(revive))
	if err != nil {
		return found, err
	}
	_, err = s.exec(`UPDATE outbox SET next_at = ? WHERE state = 'pending' AND leased = 0 AND id IN (SELECT value FROM json_each(?))`,
		millis(at), asList(hurry))
	return found, err
}

// unsentOf are an incident's rows that wait or are dead, in order; those whose
// body was erased cannot be tried again.
func unsentOf(s *session, n incident.Number) ([]unsentRow, error) {
	return query(s, func(rows *sql.Rows) (u unsentRow, err error) {
		err = rows.Scan(&u.id, &u.Key, &u.Channel, &u.Number, &u.Chat, &u.Rank, &u.Body, &u.dead, &u.leased, &u.began, &u.nextAt)
		return u, err
	}, `SELECT id, key, channel, number, chat, rank, body, state = 'dead', leased, first_at > 0, next_at FROM outbox
		WHERE state IN ('pending', 'dead') AND number <> '' AND number = ? AND body IS NOT NULL ORDER BY id`, string(n))
}

// outdated says that a later letter to УИТ was sent or waits, and notes it.
func outdated(found *outbox.Retried, row unsentRow) bool {
	l, ok := escalationIn(row)
	if !ok {
		return false
	}
	for _, e := range found.Incident.Escalations {
		if e.Seq > l.Seq {
			found.Outdated = append(found.Outdated, l.Seq)
			return true
		}
	}
	return false
}

// requeued makes an escalation's letter queued again.
func requeued(s *session, i record, row unsentRow, name string, at time.Time) error {
	l, ok := escalationIn(row)
	if !ok {
		return nil
	}
	_, err := s.exec(`UPDATE escalations SET letter = ?, settled_at = 0, problem = '' WHERE incident = ? AND seq = ?`,
		string(incident.LetterQueued), i.id, l.Seq)
	if err != nil {
		return err
	}
	err = enter(s, i.id, "", incident.Entry{At: at, Kind: incident.KindLetterRetried, By: incident.ByDesk, Name: name, Text: recipients[l.Kind]})
	if err != nil {
		return err
	}
	return touch(s, i.id)
}

// escalationIn reads the letter to УИТ that a row is.
func escalationIn(row unsentRow) (l outbox.Letter, ok bool) {
	if row.Channel != outbox.Mail {
		return l, false
	}
	l, err := outbox.DecodeLetter(row.Body)
	return l, err == nil && l.Kind == outbox.EscalationLetter
}
