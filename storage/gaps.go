package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"intakebot/outbox"
)

// Telegram numbers the updates of a bot one by one; after a week without any it
// begins anew with a random number (Bot API, Update, update_id).
const (
	// renumberedAfter is when that may have happened. It counts from the
	// receipt of the last update, which can be a day later than the update.
	renumberedAfter = 6 * 24 * time.Hour
	// farthest is the widest gap: what lies further away is another numbering
	// (a random one, or another bot's).
	farthest = 10_000
	// gapsKept is how long gaps are remembered.
	gapsKept = 30 * 24 * time.Hour
)

// Where meta keeps the numbering, and up to which sequence number the inbox may
// have given them.
const (
	numberingKey = "inbox:numbering"
	sequenceKey  = "inbox:seq"
)

// reservedAtOnce is how many sequence numbers are noted as given before they are,
// so that not every update writes how far they have come.
const reservedAtOnce = 1 << 16

// intake is how far the inbox has come. The writer's goroutine alone uses it; it
// is read anew after a write that was taken back.
type intake struct {
	loaded        bool
	seq, reserved int64 // the last sequence number given, the last noted
	head          int64 // the highest id of Telegram's numbering; 0 before the first update
	at            int64 // when that one came
	changed       bool  // since it was saved
}

// load reads what was saved and goes on from there with the updates that came
// after it.
func (n *intake) load(s *session) error {
	if n.loaded {
		return nil
	}
	*n = intake{}
	for key, into := range map[string][]any{numberingKey: {&n.head, &n.at}, sequenceKey: {&n.reserved}} {
		value, err := meta(s, key)
		if err == nil && value != "" {
			_, err = fmt.Sscan(value, into...)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", key, err)
		}
	}
	n.seq = n.reserved
	err := s.each(func(rows *sql.Rows) error {
		var id, at int64
		err := rows.Scan(&id, &at)
		n.advance(id, at)
		return err
	}, `SELECT update_id, at FROM received WHERE at >= ? ORDER BY at, update_id`, n.at)
	n.loaded = err == nil
	return err
}

// save keeps the numbering past the time for which updates are remembered.
func (n *intake) save(s *session) error {
	if err := n.load(s); err != nil || !n.changed {
		return err
	}
	n.changed = false
	return setMeta(s, numberingKey, fmt.Sprint(n.head, " ", n.at))
}

// reserve notes that sequence numbers up to seq, and more, may have been given.
func (n *intake) reserve(s *session, seq int64) error {
	if seq <= n.reserved {
		return nil
	}
	n.reserved += reservedAtOnce
	return setMeta(s, sequenceKey, fmt.Sprint(n.reserved))
}

// advance moves the head to the id of an update that came at at, unless that one
// is late.
func (n *intake) advance(id, at int64) (ahead int64, restarted bool) {
	ahead = id - n.head
	restarted = n.head == 0 || at-n.at >= renumberedAfter.Milliseconds() || ahead > farthest || ahead < -farthest
	if restarted || ahead > 0 {
		n.head, n.at, n.changed = id, at, true
	}
	return ahead, restarted
}

// follow takes in the id of a new update: the next one, one that leaves a gap
// behind it, one that comes late, or the first of another numbering. With a
// webhook they come out of order.
func (n *intake) follow(s *session, id int64, at time.Time) error {
	last, from := n.head, n.at
	ahead, restarted := n.advance(id, millis(at))
	switch {
	case restarted || ahead == 1:
		return nil
	case ahead <= 0:
		return closeGap(s, id)
	}
	_, err := s.exec(`INSERT INTO gaps (first, last, from_at, seen_at) VALUES (?, ?, ?, ?)`, last+1, id-1, from, millis(at))
	return err
}

// closeGap takes the id of a late update out of the gap in which it was missed.
func closeGap(s *session, id int64) error {
	steps := []string{
		`INSERT INTO gaps (first, last, from_at, seen_at, told_at)
			SELECT ?1 + 1, last, from_at, seen_at, told_at FROM gaps WHERE first < ?1 AND ?1 < last`,
		`DELETE FROM gaps WHERE first = ?1 AND last = ?1`,
		`UPDATE gaps SET first = ?1 + 1 WHERE first = ?1`,
		`UPDATE gaps SET last = ?1 - 1 WHERE first < ?1 AND ?1 <= last`,
	}
	for _, step := range steps {
		if _, err := s.exec(step, id); err != nil {
			return err
		}
	}
	return nil
}

// Gaps returns the gaps seen before the given time of which nobody was told:
// their updates expired at Telegram, or went to somebody else who polls.
func (r *Reader) Gaps(ctx context.Context, seenBefore time.Time) ([]outbox.Gap, error) {
	gaps, err := readAll(ctx, r, func(rows *sql.Rows) (g outbox.Gap, err error) {
		var from, seen int64
		err = rows.Scan(&g.ID, &g.First, &g.Last, &from, &seen)
		g.FromAt, g.SeenAt = moment(from), moment(seen)
		return g, err
	}, `SELECT id, first, last, from_at, seen_at FROM gaps WHERE told_at = 0 AND seen_at < ? ORDER BY id`, millis(seenBefore))
	return gaps, failed(err, "read the gaps in the inbox")
}

// TellGaps notes that the desk is told of gaps, by posts in the outbox, in one
// transaction.
func (r *Register) TellGaps(ctx context.Context, ids []int64, at time.Time, posts ...outbox.Message) error {
	list := asList(ids)
	err := r.writer.do(ctx, func(s *session) error {
		_, err := s.exec(`UPDATE gaps SET told_at = ? WHERE told_at = 0 AND id IN (SELECT value FROM json_each(?))`, millis(at), list)
		if err != nil {
			return err
		}
		return r.put(s, posts)
	})
	return failed(err, "note that %d gaps are told", len(ids))
}
