package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Receive stores a batch of updates that came at at; once it returns they may
// be confirmed. An update is known by its id and the hash of its bytes, and
// known ones are passed over, those too that are done. fresh are the chats with
// work to do because of this batch, each once, in order of arrival: a known
// update that still waits counts, since the first attempt to store it may have
// looked like a failure.
func (r *Register) Receive(ctx context.Context, at time.Time, us []outbox.Update) (fresh []int64, err error) {
	fresh, err = write(ctx, r.writer, func(s *session) (fresh []int64, err error) {
		seen := map[int64]bool{}
		n, err := loadNumbering(s)
		if err != nil {
			return nil, err
		}
		for _, u := range us {
			chat, waits, err := receive(s, at, u, &n)
			if err != nil {
				return nil, fmt.Errorf("update %d: %w", u.ID, err)
			}
			if waits && !seen[chat] {
				seen[chat] = true
				fresh = append(fresh, chat)
			}
		}
		return fresh, n.save(s)
	})
	return fresh, failed(err, "store %d updates", len(us))
}

func receive(s *session, at time.Time, u outbox.Update, numbers *numbering) (chat int64, waits bool, err error) {
	hash := sha256.Sum256(u.Raw)
	n, err := s.exec(`INSERT INTO inbox (update_id, hash, chat, received_at, raw) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (update_id, hash) DO NOTHING`, u.ID, hash[:], u.Chat, millis(at), u.Raw)
	if err == nil && n == 1 {
		err = numbers.follow(s, u.ID, at)
	}
	if err != nil || n == 1 {
		return u.Chat, n == 1, err
	}
	err = s.row(`SELECT chat, state = 'waiting' FROM inbox WHERE update_id = ? AND hash = ?`, u.ID, hash[:]).
		Scan(&chat, &waits)
	return chat, waits, err
}

// WaitingChats returns the chats with waiting updates, the one that waits
// longest first: the work to take up after a start.
func (r *Reader) WaitingChats(ctx context.Context) ([]int64, error) {
	chats, err := readAll(ctx, r, single[int64], `SELECT chat FROM inbox WHERE state = 'waiting' GROUP BY chat ORDER BY min(seq)`)
	return chats, failed(err, "read the chats with waiting updates")
}

const selectWaiting = `SELECT seq, update_id, chat, raw, received_at, attempts FROM inbox
	WHERE state = 'waiting' AND chat = ? AND seq > ? ORDER BY seq LIMIT ?`

// WaitingUpdates returns at most limit waiting updates of a chat in order of
// arrival, those after the given sequence number (0: from the first).
func (r *Reader) WaitingUpdates(ctx context.Context, chat int64, after int64, limit int) ([]outbox.Received, error) {
	updates, err := readAll(ctx, r, func(rows *sql.Rows) (w outbox.Received, err error) {
		var at int64
		err = rows.Scan(&w.Seq, &w.UpdateID, &w.Chat, &w.Raw, &at, &w.Attempts)
		w.ReceivedAt = moment(at)
		return w, err
	}, selectWaiting, chat, after, limit)
	return updates, failed(err, "read the waiting updates of %d", chat)
}

// Done marks updates as done, wipes their text and puts posts into the outbox,
// in one transaction. Sequence numbers that do not wait are passed over.
func (r *Register) Done(ctx context.Context, seqs []int64, posts []outbox.Message) error {
	list := asList(seqs)
	err := r.writer.do(ctx, func(s *session) error {
		_, err := s.exec(`UPDATE inbox SET state = 'done', raw = NULL, reason = ''
			WHERE state = 'waiting' AND seq IN (SELECT value FROM json_each(?))`, list)
		if err != nil {
			return err
		}
		return r.put(s, posts)
	})
	return failed(err, "mark %d updates done", len(seqs))
}

// FailUpdate counts a failed attempt at a waiting update; with the limit-th it
// is quarantined: kept with its text, and never tried again. reason is for the
// operator and holds no personal data. ErrNotFound when no such update waits.
func (r *Register) FailUpdate(ctx context.Context, seq int64, reason string, limit int) (quarantined bool, err error) {
	quarantined, err = write(ctx, r.writer, func(s *session) (quarantined bool, err error) {
		err = s.row(`UPDATE inbox SET attempts = attempts + 1, reason = ?,
			state = CASE WHEN attempts + 1 >= ? THEN 'quarantined' ELSE state END
			WHERE seq = ? AND state = 'waiting' RETURNING state = 'quarantined'`, reason, limit, seq).Scan(&quarantined)
		if errors.Is(err, sql.ErrNoRows) {
			err = incident.ErrNotFound
		}
		return quarantined, err
	})
	return quarantined, failed(err, "note the failure of update %d in the inbox", seq)
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
		for query, before := range map[string]int64{
			`DELETE FROM inbox WHERE state = 'done' AND received_at < ?`:                                  ago(doneKept),
			`DELETE FROM inbox WHERE state = 'quarantined' AND received_at < ?`:                           ago(quarantineKept),
			`DELETE FROM gaps WHERE seen_at < ?`:                                                          ago(gapsKept),
			`DELETE FROM outbox WHERE state = 'dead' AND number = '' AND told_at <> 0 AND settled_at < ?`: ago(deadKept),
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
