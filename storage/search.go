package storage

import (
	"context"
	"database/sql"
	"time"

	"intakebot/incident"
)

const (
	// foundMost is how many of what was found are counted.
	foundMost = 1000
	// searchWithin is how long a search may take.
	searchWithin = 2 * time.Second
)

// searchTermsMost is how many words a search takes.
const searchTermsMost = 20

// Search returns the incidents in which every word of text is found, in any of its
// forms, or begins a word; or, of digits, a part of the number or of the phone,
// however they are written. page counts from 0 and holds size incidents. It
// takes two seconds at most: context.DeadlineExceeded when those were too few,
// incident.ErrSearchWords when there is nothing to look for.
func (r *Register) Search(ctx context.Context, text string, page, size int) (incident.Found, error) {
	all := terms(text)
	if len(all) == 0 || len(all) > searchTermsMost {
		return incident.Found{}, incident.ErrSearchWords
	}
	ctx, cancel := context.WithTimeout(ctx, searchWithin)
	defer cancel()
	// What was said a moment ago is found too; after a migration the rest comes
	// by and by.
	for k, all := 0, false; !all && k < 4; k++ {
		var err error
		if all, err = r.indexSome(ctx, indexPortion); err != nil && ctx.Err() == nil {
			return incident.Found{}, failed(err, "search")
		}
	}
	found, err := read(ctx, r.Reader, func(s *session) (incident.Found, error) { return search(ctx, s, all, page, size) })
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return found, failed(err, "search")
}

// search looks for whole words first: of those that most incidents hold, there
// are enough, and only the page that is shown is read. Else a word that few hold
// whole is looked for as a beginning too.
func search(ctx context.Context, s *session, all []term, page, size int) (found incident.Found, err error) {
	expression := matching(all)
	if found.Total, err = countFound(ctx, s, expression); err != nil {
		return found, err
	}
	if found.Total <= foundMost {
		for k, t := range all {
			n, err := countFound(ctx, s, t.whole)
			if err != nil {
				return found, err
			}
			if n <= foundMost {
				all[k].whole = t.begun
			}
		}
		expression = matching(all)
		if found.Total, err = countFound(ctx, s, expression); err != nil {
			return found, err
		}
	}
	if found.Total > foundMost {
		found.Total, found.Many = foundMost, true
	}
	ids, err := withContext(ctx, s, single[int64],
		`SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ? OFFSET ?`, expression, size, page*size)
	if err != nil || len(ids) == 0 {
		return found, err
	}
	found.Incidents, err = loadAll(s, `WHERE i.id IN (SELECT value FROM json_each(?)) ORDER BY i.id DESC`, asList(ids))
	return found, err
}

// countFound counts, one past foundMost at most.
func countFound(ctx context.Context, s *session, expression string) (int, error) {
	counts, err := withContext(ctx, s, single[int],
		`SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)`, expression, foundMost+1)
	if err != nil {
		return 0, err
	}
	return counts[0], nil
}

// withContext is query for what may take long: ctx ends it.
func withContext[T any](ctx context.Context, s *session, scan func(*sql.Rows) (T, error), text string, args ...any) (all []T, err error) {
	rows, err := s.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

const (
	// indexPortion is how many incidents one write takes into the index.
	indexPortion = 50
	// indexPause lets changes gather before they are taken in.
	indexPause = 500 * time.Millisecond
)

const unindexed = ` INDEXED BY incidents_unindexed WHERE i.indexed_version <> i.version ORDER BY i.id DESC LIMIT ?`

// indexSome takes a portion of what has changed into the index, the newest first;
// all says that nothing is left.
func (r *Register) indexSome(ctx context.Context, portion int) (all bool, err error) {
	left, err := look(ctx, r.Reader, func(s *session) (left bool, err error) {
		err = s.row(`SELECT EXISTS (SELECT 1 FROM incidents WHERE indexed_version <> version)`).Scan(&left)
		return left, err
	})
	if err != nil || !left {
		return err == nil, err
	}
	return write(ctx, r.writer, func(s *session) (bool, error) {
		records, err := load(s, selectIncidents+unindexed, portion)
		if err != nil {
			return false, err
		}
		for _, one := range records {
			if err := index(s, one); err != nil {
				return false, err
			}
		}
		return len(records) < portion, nil
	})
}

// Reindex brings the index up to date, as a register that others filled needs it.
func (r *Register) Reindex(ctx context.Context) error {
	for all := false; !all; {
		var err error
		if all, err = r.indexSome(ctx, 20*indexPortion); err != nil {
			return failed(err, "index the incidents")
		}
	}
	return nil
}

// index makes the index hold an incident as it is.
func index(s *session, one record) error {
	if err := unindex(s, one.id); err != nil {
		return err
	}
	if _, err := s.exec(`INSERT INTO search (rowid, words) VALUES (?, ?)`, one.id, wordsOf(one.Incident)); err != nil {
		return err
	}
	_, err := s.exec(`UPDATE incidents SET indexed_version = version WHERE id = ?`, one.id)
	return err
}

// unindex takes an incident out of the index with all its words.
func unindex(s *session, id int64) error {
	_, err := s.exec(`DELETE FROM search WHERE rowid = ?`, id)
	return err
}

// keepIndex takes changes in until the register is closed. After a migration it
// works half of the time, so that nobody waits long for the writer.
func (r *Register) keepIndex() {
	defer close(r.indexed)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pause := time.NewTimer(indexPause)
	defer pause.Stop()
	for {
		select {
		case <-r.stopping:
			return
		case <-pause.C:
		}
		began := time.Now()
		all, err := r.indexSome(ctx, indexPortion)
		switch {
		case err != nil:
			pause.Reset(10 * time.Second) // the disk is full, or the like
		case !all:
			pause.Reset(time.Since(began))
		default:
			select {
			case <-r.stopping:
				return
			case <-r.changed:
				pause.Reset(indexPause)
			}
		}
	}
}

// wakeIndex tells keepIndex that something has changed.
func (r *Register) wakeIndex() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}
