package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Counts are the figures that show how the bot is doing.
type Counts struct {
	Waiting     int // updates to be worked on
	Quarantined int // updates given up
	// OldestWaitingAt is when the update that waits longest came; zero: none.
	OldestWaitingAt time.Time
	Outbox          map[outbox.Channel]OutboxCounts
	Incidents       map[incident.Status]int
	StaleCards      int
	// OldestStaleAt is when the incident was changed last whose stale card waits
	// longest; zero: none.
	OldestStaleAt time.Time
	// Missing are the updates that never came, of those that the desk was
	// told of and that are still remembered.
	Missing     int
	Unreachable int // people who blocked the bot
}

// OutboxCounts are the figures of one channel.
type OutboxCounts struct {
	Pending int
	// Dead are the rows that should have arrived and will not, Unreachable
	// those for people who do not take the bot's messages.
	Dead, Unreachable int
	// OldestAt is when the row that waits longest was put; zero: none.
	OldestAt time.Time
}

// Counts counts.
func (r *Reader) Counts(ctx context.Context) (Counts, error) {
	counts, err := read(ctx, r, count)
	return counts, failed(err, "count")
}

func count(s *session) (Counts, error) {
	c := Counts{Outbox: map[outbox.Channel]OutboxCounts{}, Incidents: map[incident.Status]int{}}
	var oldest, stale int64
	err := s.row(`SELECT
		(SELECT count(*) FROM inbox WHERE state = 'waiting'),
		(SELECT coalesce(min(received_at), 0) FROM inbox WHERE state = 'waiting'),
		(SELECT count(*) FROM inbox WHERE state = 'quarantined'),
		(SELECT count(*) FROM incidents WHERE version <> card_version),
		(SELECT coalesce(min((SELECT at FROM history WHERE incident = i.id ORDER BY id DESC LIMIT 1)), 0) FROM incidents i INDEXED BY incidents_stale
			WHERE i.version <> i.card_version),
		(SELECT count(*) FROM people WHERE unreachable_at <> 0),
		(SELECT coalesce(sum(last - first + 1), 0) FROM gaps WHERE told_at <> 0)`).
		Scan(&c.Waiting, &oldest, &c.Quarantined, &c.StaleCards, &stale, &c.Unreachable, &c.Missing)
	if err != nil {
		return c, err
	}
	c.OldestWaitingAt, c.OldestStaleAt = moment(oldest), moment(stale)
	for _, ch := range []outbox.Channel{outbox.Telegram, outbox.Mail} {
		var o OutboxCounts
		err := s.row(`SELECT
			(SELECT count(*) FROM outbox WHERE state = 'pending' AND channel = ?1),
			(SELECT coalesce(min(created_at), 0) FROM outbox WHERE state = 'pending' AND channel = ?1),
			(SELECT count(*) FROM outbox WHERE state = 'dead' AND channel = ?1 AND ending <> ?2),
			(SELECT count(*) FROM outbox WHERE state = 'dead' AND channel = ?1 AND ending = ?2)`, string(ch), string(outbox.Unreachable)).
			Scan(&o.Pending, &oldest, &o.Dead, &o.Unreachable)
		if err != nil {
			return c, err
		}
		o.OldestAt = moment(oldest)
		c.Outbox[ch] = o
	}
	return c, s.each(func(rows *sql.Rows) error {
		var status incident.Status
		var n int
		err := rows.Scan(&status, &n)
		c.Incidents[status] = n
		return err
	}, `SELECT status, count(*) FROM incidents GROUP BY status`)
}

// Ping says whether the register can be read.
func (r *Reader) Ping(ctx context.Context) error {
	_, err := read(ctx, r, func(s *session) (n int, err error) {
		err = s.row(`SELECT count(*) FROM meta`).Scan(&n)
		return n, err
	})
	return failed(err, "ping the register")
}

// pingedKey is when somebody last asked whether the register can be written.
const pingedKey = "pinged_at"

// Ping says whether the register can be read and written: it writes the time, so
// it learns of a full disk and of a lock that somebody else holds.
func (r *Register) Ping(ctx context.Context) error {
	if err := r.Reader.Ping(ctx); err != nil {
		return err
	}
	err := r.SetMark(ctx, pingedKey, r.now())
	if last := r.writer.trouble.Load(); last != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w; the last write: %w", err, *last) // why it takes so long
	}
	return failed(err, "ping the register's writer")
}
