package storage

import (
	"context"
	"errors"
	"fmt"

	"intakebot/incident"
)

// inMemory is the size in bytes up to which VACUUM builds its copy in memory; a
// larger one needs a folder with room for it: the first that may be written to of
// SQLITE_TMPDIR, TMPDIR, /var/tmp, /usr/tmp and /tmp (SQLite, «Temporary Files»).
const inMemory = 64 << 20

// What an erasure's column dirty says of the files.
const (
	clean     = 0
	inTheLog  = 1 // the write-ahead log holds older pages
	inTheFile = 2 // and the file may hold older copies of rows
)

// Scrub leaves no byte of erased rows in the files of the database. Deleted
// rows are overwritten at once (secure_delete), but a row that SQLite has moved
// between pages before may have left a copy in the slack of the old one, so
// the file is rebuilt; and the write-ahead log is emptied. All erasures are
// noted to be clean then. The writer stands still meanwhile, about a second for
// each 100 MB; when ctx ends, the rebuilding is given up.
//
// incident.ErrReadElsewhere while somebody reads an older state, a copy being
// made for one: the next try has only the log left to do. Any other error is
// for the operator: there is no room, or no folder for temporary files.
func (r *Register) Scrub(ctx context.Context) error {
	err := r.writer.outside(ctx, func(s *session) error { return scrub(ctx, s) })
	return failed(err, "clean the database of what was erased")
}

func scrub(ctx context.Context, s *session) error {
	var worst int
	if err := s.row(`SELECT coalesce(max(dirty), 0) FROM erasures`).Scan(&worst); err != nil {
		return err
	}
	if worst == inTheFile {
		if err := rebuild(ctx, s); err != nil {
			return err
		}
		if _, err := s.exec(`UPDATE erasures SET dirty = ?1 WHERE dirty > ?1`, inTheLog); err != nil {
			return err
		}
	}
	if err := emptyLog(s); err != nil || worst == clean {
		return err
	}
	_, err := s.exec(`UPDATE erasures SET dirty = ?1 WHERE dirty > ?1`, clean)
	return err
}

// rebuild writes every row anew. Its errors are told in words only: whatever
// hinders it, the database is whole.
func rebuild(ctx context.Context, s *session) error {
	var bytes int64
	err := s.row(`SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&bytes)
	if err != nil {
		return err
	}
	if bytes > inMemory {
		if err := s.script("PRAGMA temp_store = FILE"); err != nil {
			return err
		}
	}
	_, err = s.conn.ExecContext(ctx, "VACUUM")
	if err != nil {
		err = fmt.Errorf("rebuild the file: %s", err)
	}
	return errors.Join(err, s.script("PRAGMA temp_store = MEMORY"))
}

// emptyLog copies the write-ahead log into the database and cuts it to nothing.
// The writer waits for readers a moment only.
func emptyLog(s *session) error {
	if err := s.script("PRAGMA busy_timeout = 200"); err != nil {
		return err
	}
	var busy, frames, copied int
	err := s.row("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &copied)
	if again := s.script("PRAGMA busy_timeout = 5000"); err == nil {
		err = again
	}
	if err == nil && busy != 0 {
		err = incident.ErrReadElsewhere
	}
	return err
}
