package storage

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"intakebot/incident"
)

// What an erasure's column dirty says of the files.
const (
	clean     = 0
	inTheLog  = 1 // the write-ahead log holds older pages
	inTheFile = 2 // and the file may hold older copies of rows
	inHand    = 3 // they are being overwritten
)

// scrubPortion is how many pages one write cleans: some milliseconds, in which
// the others wait.
const scrubPortion = 64

// Scrub leaves no byte of erased rows in the files of the database. Deleted
// rows are overwritten at once (secure_delete), but a row that SQLite has moved
// between pages before may have left a copy in the slack of the old one, and a
// page that is free keeps what it held. So each page is looked at, a portion at a
// time between the writes of others, and what belongs to no row is overwritten;
// then the write-ahead log is emptied. All erasures that were there at the
// beginning are noted to be clean then. It takes some twenty seconds for each
// gigabyte, no memory to speak of and no room on the disk; when ctx ends, the
// next call begins anew.
//
// incident.ErrReadElsewhere while somebody reads an older state, a copy being
// made for one: the next try has only the log left to do. Any other error is
// for the operator.
func (r *Register) Scrub(ctx context.Context) error {
	err := r.scrub(ctx)
	return failed(err, "clean the database of what was erased")
}

func (r *Register) scrub(ctx context.Context) error {
	n, err := write(ctx, r.writer, func(s *session) (int64, error) {
		return s.exec(`UPDATE erasures SET dirty = ?1 WHERE dirty >= ?2`, inHand, inTheFile)
	})
	if err != nil {
		return err
	}
	if n > 0 {
		if err := r.renewIndex(ctx); err != nil {
			return err
		}
		if err := r.wipeAll(ctx); err != nil {
			return err
		}
		if err := r.change(ctx, `UPDATE erasures SET dirty = ?1 WHERE dirty = ?2`, inTheLog, inHand); err != nil {
			return err
		}
	}
	return r.writer.outside(ctx, func(s *session) error {
		if err := emptyLog(s); err != nil {
			return err
		}
		_, err := s.exec(`UPDATE erasures SET dirty = ?1 WHERE dirty = ?2`, clean, inTheLog)
		return err
	})
}

// wipeAll overwrites what is in no row on every page, and leaves the writer to
// others half of the time.
func (r *Register) wipeAll(ctx context.Context) error {
	for next, more := uint32(1), true; more; {
		began := time.Now()
		from := next // next itself may be awaited no longer than ctx
		after, err := write(ctx, r.writer, func(s *session) (uint32, error) {
			return (&wiping{session: s}).portion(from)
		})
		if err != nil {
			return err
		}
		next, more = after, after != 0
		select {
		case <-time.After(time.Since(began)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// wiping is one portion of pages in one transaction.
type wiping struct {
	*session
	size, usable int
	count        uint32
	free         map[uint32]bool // leaves of the list of free pages
}

// portion cleans a portion of pages and returns the first of the next one; 0 after
// the last.
func (w *wiping) portion(number uint32) (next uint32, err error) {
	first, err := w.page(1)
	if err != nil {
		return 0, err
	}
	w.size, w.usable = len(first), len(first)-int(first[20])
	w.count = binary.BigEndian.Uint32(first[28:])
	if err := w.loadFree(binary.BigEndian.Uint32(first[32:])); err != nil {
		return 0, err
	}
	// The page of SQLite's locks holds nothing and cannot be read.
	locks := uint32(1<<30/w.size) + 1
	for end := number + scrubPortion; number < end; number++ {
		if number > w.count {
			return 0, nil
		}
		if number == locks {
			continue
		}
		if err := w.wipe(number); err != nil {
			return 0, err
		}
	}
	return number, nil
}

// loadFree follows the list of free pages and cleans the pages that it is made of.
func (w *wiping) loadFree(trunk uint32) error {
	w.free = map[uint32]bool{}
	for seen := uint32(0); trunk != 0 && seen <= w.count; seen++ {
		page, err := w.page(trunk)
		if err != nil {
			return err
		}
		leaves := int(binary.BigEndian.Uint32(page[4:]))
		if leaves > w.usable/4-2 {
			return errPage
		}
		for k := range leaves {
			w.free[binary.BigEndian.Uint32(page[8+4*k:])] = true
		}
		if wipeFrom(page, 8+4*leaves) {
			if err := w.put(trunk, page); err != nil {
				return err
			}
		}
		trunk = binary.BigEndian.Uint32(page)
	}
	return nil
}

// wipe cleans one page, and the ends of the chains that begin on it.
func (w *wiping) wipe(number uint32) error {
	page, err := w.page(number)
	if err != nil {
		return err
	}
	header := 0
	if number == 1 {
		header = 100
	}
	if w.free[number] {
		if wipeFrom(page, 0) {
			return w.put(number, page)
		}
		return nil
	}
	switch page[header] {
	case indexInterior, tableInterior, indexLeaf, tableLeaf:
	default:
		return nil // of a chain, which its beginning cleans, or of the list of free pages
	}
	changed, chains, err := wipeTree(page, header, w.usable)
	if err == nil && changed {
		err = w.put(number, page)
	}
	for _, c := range chains {
		if err == nil {
			err = w.wipeChain(c)
		}
	}
	return err
}

// wipeChain cleans the end of the last page of a chain.
func (w *wiping) wipeChain(c chain) error {
	number := c.first
	for left := c.bytes; ; left -= w.usable - 4 {
		page, err := w.page(number)
		if err != nil {
			return err
		}
		if left <= w.usable-4 {
			if wipeFrom(page[:w.usable], 4+left) {
				return w.put(number, page)
			}
			return nil
		}
		number = binary.BigEndian.Uint32(page)
	}
}

func (w *wiping) page(number uint32) (data []byte, err error) {
	err = w.row(`SELECT data FROM sqlite_dbpage WHERE pgno = ?`, number).Scan(&data)
	if err == nil && len(data) < 512 {
		err = errPage
	}
	return data, err
}

func (w *wiping) put(number uint32, data []byte) error {
	_, err := w.exec(`UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?`, data, number)
	return err
}

// emptyLog copies the write-ahead log into the database and cuts it to nothing.
// The writer waits for readers a moment only.
func emptyLog(s *session) error {
	if err := s.script("PRAGMA busy_timeout = 100"); err != nil {
		return err
	}
	var busy, frames, copied int
	err := s.row("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &copied)
	err = errors.Join(err, s.script("PRAGMA busy_timeout = 5000"))
	if err == nil && busy != 0 {
		err = incident.ErrReadElsewhere
	}
	return err
}
