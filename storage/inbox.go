package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Receive stores a batch of updates that came at at; once it returns they may
// be confirmed. An update is known by its id and the hash of its bytes, and
// known ones are passed over, those too that are done. fresh are the updates to
// be worked on because of this batch, as WaitingUpdates would return them, in
// order of arrival: a known one that still waits is among them, since the first
// attempt to store it may have looked like a failure.
func (r *Register) Receive(ctx context.Context, at time.Time, us []outbox.Update) (fresh []outbox.Received, err error) {
	fresh, err = write(ctx, r.writer, func(s *session) (fresh []outbox.Received, err error) {
		if err := r.intake.load(s); err != nil {
			return nil, err
		}
		seen := map[int64]bool{}
		for _, u := range us {
			one, waits, err := r.intake.receive(s, at, u)
			if err != nil {
				return nil, fmt.Errorf("update %d: %w", u.ID, err)
			}
			if waits && !seen[one.Seq] {
				seen[one.Seq] = true
				fresh = append(fresh, one)
			}
		}
		return fresh, nil
	})
	return fresh, failed(err, "store %d updates", len(us))
}

// hashed is how much of an update's hash is kept.
const hashed = 16

func (n *intake) receive(s *session, at time.Time, u outbox.Update) (one outbox.Received, waits bool, err error) {
	hash := sha256.Sum256(u.Raw)
	isNew, err := s.exec(`INSERT INTO received (update_id, hash, seq, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		u.ID, hash[:hashed], n.seq+1, millis(at))
	if err != nil {
		return one, false, err
	}
	if isNew == 0 {
		known, err := query(s, scanReceived, selectReceived+`WHERE state = 'waiting' AND seq =
			(SELECT seq FROM received WHERE update_id = ? AND hash = ?)`, u.ID, hash[:hashed])
		if err != nil || len(known) == 0 {
			return one, false, err
		}
		return known[0], true, nil
	}
	if n.seq, err = n.seq+1, n.reserve(s, n.seq+1); err != nil {
		return one, false, err
	}
	_, err = s.exec(`INSERT INTO inbox (seq, update_id, chat, received_at, raw) VALUES (?, ?, ?, ?, ?)`,
		n.seq, u.ID, u.Chat, millis(at), slices.Concat([]byte{}, u.Raw))
	if err != nil {
		return one, false, err
	}
	one = outbox.Received{Seq: n.seq, UpdateID: u.ID, Chat: u.Chat, Raw: u.Raw, ReceivedAt: moment(millis(at))}
	return one, true, n.follow(s, u.ID, at)
}

// WaitingChats returns the chats with waiting updates, the one that waits
// longest first: the work to take up after a start.
func (r *Reader) WaitingChats(ctx context.Context) ([]int64, error) {
	chats, err := readAll(ctx, r, single[int64], `SELECT chat FROM inbox WHERE state = 'waiting' GROUP BY chat ORDER BY min(seq)`)
	return chats, failed(err, "read the chats with waiting updates")
}

const (
	selectReceived = `SELECT seq, update_id, chat, raw, received_at, attempts FROM inbox `
	waitingOfChat  = `WHERE state = 'waiting' AND chat = ? AND seq > ? ORDER BY seq LIMIT ?`
)

func scanReceived(rows *sql.Rows) (w outbox.Received, err error) {
	var at int64
	err = rows.Scan(&w.Seq, &w.UpdateID, &w.Chat, &w.Raw, &at, &w.Attempts)
	w.ReceivedAt = moment(at)
	return w, err
}

// WaitingUpdates returns at most limit waiting updates of a chat in order of
// arrival, those after the given sequence number (0: from the first).
func (r *Reader) WaitingUpdates(ctx context.Context, chat int64, after int64, limit int) ([]outbox.Received, error) {
	updates, err := readAll(ctx, r, scanReceived, selectReceived+waitingOfChat, chat, after, limit)
	return updates, failed(err, "read the waiting updates of %d", chat)
}

// Done ends updates: they leave the inbox with their text, and posts are put
// into the outbox, in one transaction. Sequence numbers that do not wait are
// passed over.
func (r *Register) Done(ctx context.Context, seqs []int64, posts []outbox.Message) error {
	list := slices.Clone(seqs)
	err := r.writer.do(ctx, func(s *session) error {
		if err := remove(s, list); err != nil {
			return err
		}
		return r.put(s, posts)
	})
	return failed(err, "mark %d updates done", len(seqs))
}

// DoneSoon is Done without posts that waits for nothing: the updates are ended
// together with the next write, whatever it is, or within a second. A crash
// before brings them again.
func (r *Register) DoneSoon(seqs []int64) { r.writer.soon(seqs) }

// WaitingChats is that of Reader, without what DoneSoon has ended.
func (r *Register) WaitingChats(ctx context.Context) ([]int64, error) {
	if err := r.writer.end(ctx); err != nil {
		return nil, failed(err, "read the chats with waiting updates")
	}
	return r.Reader.WaitingChats(ctx)
}

// WaitingUpdates is that of Reader, without what DoneSoon has ended.
func (r *Register) WaitingUpdates(ctx context.Context, chat, after int64, limit int) ([]outbox.Received, error) {
	if err := r.writer.end(ctx); err != nil {
		return nil, failed(err, "read the waiting updates of %d", chat)
	}
	return r.Reader.WaitingUpdates(ctx, chat, after, limit)
}

func remove(s *session, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	_, err := s.exec(`DELETE FROM inbox WHERE state = 'waiting' AND seq IN (SELECT value FROM json_each(?))`, asList(seqs))
	return err
}

// BeginAttempt counts an attempt at a waiting update before it is made, for an
// update that may have ended a process: one that was found in the inbox at the
// start. The attempt that would be one more than limit is not to be made: the
// update is quarantined. An attempt that ends otherwise than with FailUpdate,
// Done or the process is taken back by EndAttempt. ErrNotFound when no such
// update waits.
func (r *Register) BeginAttempt(ctx context.Context, seq int64, limit int) (quarantined bool, err error) {
	quarantined, err = r.attempt(ctx, `UPDATE inbox SET attempts = attempts + iif(attempts < ?1, 1, 0), begun = 1,
		reason = iif(attempts < ?1, reason, 'the process ended while it was worked on'),
		state = iif(attempts < ?1, state, 'quarantined')
		WHERE seq = ?2 AND state = 'waiting' RETURNING state = 'quarantined'`, limit, seq)
	return quarantined, failed(err, "begin an attempt at update %d in the inbox", seq)
}

// EndAttempt takes back the attempt that BeginAttempt counted: the update was
// not at fault.
func (r *Register) EndAttempt(ctx context.Context, seq int64) error {
	return failed(r.change(ctx, `UPDATE inbox SET attempts = attempts - begun, begun = 0 WHERE seq = ?`, seq),
		"end an attempt at update %d in the inbox", seq)
}

// FailUpdate counts a failed attempt at a waiting update, unless BeginAttempt has
// counted it; with the limit-th it is quarantined: kept with its text, and never
// tried again. reason is for the operator and holds no personal data.
// ErrNotFound when no such update waits.
func (r *Register) FailUpdate(ctx context.Context, seq int64, reason string, limit int) (quarantined bool, err error) {
	quarantined, err = r.attempt(ctx, `UPDATE inbox SET attempts = attempts + 1 - begun, begun = 0, reason = ?,
		state = CASE WHEN attempts + 1 - begun >= ? THEN 'quarantined' ELSE state END
		WHERE seq = ? AND state = 'waiting' RETURNING state = 'quarantined'`, reason, limit, seq)
	return quarantined, failed(err, "note the failure of update %d in the inbox", seq)
}

func (r *Register) attempt(ctx context.Context, statement string, args ...any) (quarantined bool, err error) {
	return write(ctx, r.writer, func(s *session) (quarantined bool, err error) {
		err = s.row(statement, args...).Scan(&quarantined)
		if errors.Is(err, sql.ErrNoRows) {
			err = incident.ErrNotFound
		}
		return quarantined, err
	})
}

// The times that keep what nobody needs any more: Telegram repeats an update
// for a day at most; an operator may want to look into the quarantine; and the
// key of a message guards against its repetition while its incident lives. What
// died is kept with its incident, for /retry; about none (a letter to ALERT_EMAIL,
// a question to somebody who blocked the bot) nothing can be done any more once it
// is told, and it may hold a person's words.
const (
	doneKept       = 3 * 24 * time.Hour
	quarantineKept = 30 * 24 * time.Hour
	sentKept       = 30 * 24 * time.Hour
	deadKept       = 3 * 24 * time.Hour
)

// Prune removes, as of now, what is left of updates done and messages sent long
// ago, what waited in quarantine for a month, gaps seen a month ago, and what was
// given up days ago and is about no incident.
func (r *Register) Prune(ctx context.Context, now time.Time) error {
	ago := func(d time.Duration) int64 { return millis(now.Add(-d)) }
	err := r.writer.do(ctx, func(s *session) error {
		if err := r.intake.save(s); err != nil {
			return err
		}
		for query, before := range map[string]int64{
			`DELETE FROM received WHERE at < ? AND seq NOT IN (SELECT seq FROM inbox)`:                                           ago(doneKept),
			`DELETE FROM inbox WHERE state = 'quarantined' AND received_at < ?`:                                                  ago(quarantineKept),
			`UPDATE mail SET state = 'done', number = '', raw = NULL WHERE state IN ('held', 'quarantined') AND received_at < ?`: ago(mailHeld),
			// A moment before the letters themselves: the order is nobody's.
			`DELETE FROM messages WHERE number = '' AND substr(memo, 1, 5) = 'mail:' AND CAST(substr(memo, 6) AS INTEGER) IN
				(SELECT id FROM mail WHERE state = 'done' AND received_at < ?)`: ago(mailKnown - 24*time.Hour),
			`DELETE FROM mail_places WHERE mail IN (SELECT id FROM mail WHERE state = 'done' AND received_at < ?)`:            ago(mailKnown),
			`DELETE FROM mail WHERE state = 'done' AND received_at < ?`:                                                       ago(mailKnown),
			`UPDATE outbox SET body = NULL WHERE state = 'sent' AND channel = 'mail' AND body IS NOT NULL AND settled_at < ?`: ago(lettersKept),
			`DELETE FROM gaps WHERE seen_at < ?`:                                                                              ago(gapsKept),
			`DELETE FROM outbox WHERE state = 'dead' AND number = '' AND told_at <> 0 AND settled_at < ?`:                     ago(deadKept),
			`DELETE FROM outbox WHERE state IN ('sent', 'superseded') AND settled_at < ? AND NOT EXISTS
				(SELECT 1 FROM incidents i WHERE i.number = outbox.number AND i.status NOT IN ('closed', 'cancelled'))`: ago(sentKept),
		} {
			if _, err := s.exec(query, before); err != nil {
				return err
			}
		}
		return nil
	})
	return failed(err, "prune inbox and outbox")
}
