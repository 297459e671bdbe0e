package storage

import (
	"context"
	"errors"
	"fmt"
)

// errBusy: somebody reads an older state of the database.
var errBusy = errors.New("somebody reads the write-ahead log")

// inMemory is the size in bytes up to which VACUUM builds its copy in memory; a
// larger one needs a folder for temporary files (TMPDIR).
const inMemory = 64 << 20

// Scrub leaves no byte of erased rows in the files of the database. Deleted
// rows are overwritten at once (secure_delete), but a row that SQLite has moved
// between pages before may have left a copy in the slack of the old one, so
// the file is rebuilt; and the write-ahead log is emptied. The writer stands
// still meanwhile. All erasures are noted to be clean then. It fails while
// somebody reads an older state, a copy being made for one: try again later.
func (r *Register) Scrub(ctx context.Context) error {
	return failed(r.writer.outside(ctx, scrub), "clean the database of what was erased")
}

func scrub(s *session) error {
	var bytes int64
	err := s.row(`SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&bytes)
	if err != nil {
		return err
	}
	store := "MEMORY"
	if bytes > inMemory {
		store = "FILE"
	}
	if err := s.script("PRAGMA temp_store = " + store); err != nil {
		return err
	}
	if err := s.script("VACUUM"); err != nil {
		// No folder for temporary files, or no room: the database is whole.
		return fmt.Errorf("rebuild the file: %s", err)
	}
	if err := emptyLog(s); err != nil {
		return err
	}
	if n, err := s.exec(`UPDATE erasures SET dirty = 0 WHERE dirty = 1`); err != nil || n == 0 {
		return err
	}
	return emptyLog(s)
}

// emptyLog copies the write-ahead log into the database and cuts it to nothing.
func emptyLog(s *session) error {
	var busy, frames, copied int
	if err := s.row("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &copied); err != nil {
		return err
	}
	if busy != 0 {
		return errBusy
	}
	return nil
}
