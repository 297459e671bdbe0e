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

// numberingKey is where the numbering is kept in meta.
const numberingKey = "inbox:numbering"

// numbering is how far Telegram's numbering has come.
type numbering struct {
	head    int64 // the highest id of it; 0 before the first update
	at      int64 // when that one came
	changed bool
}

func loadNumbering(s *session) (n numbering, err error) {
	value, err := meta(s, numberingKey)
	if err == nil && value != "" {
		_, err = fmt.Sscan(value, &n.head, &n.at)
	}
	return n, err
}

func (n numbering) save(s *session) error {
	if !n.changed {
		return nil
	}
	return setMeta(s, numberingKey, fmt.Sprint(n.head, " ", n.at))
}

// follow takes in the id of a new update: the next one, one that leaves a gap
// behind it, one that comes late, or the first of another numbering. With a
// webhook they come out of order.
func (n *numbering) follow(s *session, id int64, at time.Time) error {
	ahead := id - n.head
	restarted := n.head == 0 || millis(at)-n.at >= renumberedAfter.Milliseconds() || ahead > farthest || ahead < -farthest
	if !restarted && ahead <= 0 {
		return closeGap(s, id)
	}
	if !restarted && ahead > 1 {
		_, err := s.exec(`INSERT INTO gaps (first, last, from_at, seen_at) VALUES (?, ?, ?, ?)`, n.head+1, id-1, n.at, millis(at))
		if err != nil {
			return err
		}
	}
	n.head, n.at, n.changed = id, millis(at), true
	return nil
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
