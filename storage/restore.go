package storage

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"intakebot/incident"
	"intakebot/internal/failpoint"
)

// Restoration says how a copy is put in the place of a register.
type Restoration struct {
	// File is the copy, as Backup wrote it.
	File string
	// After is the last number that anybody was told, "" if that is unknown.
	After incident.Number
	// Complete says that nothing was registered after the copy was made.
	Complete bool
	Options  Options // Now and Location are required
}

// Restored is what came of a restoration.
type Restored struct {
	Incidents int
	Last      incident.Number // the copy's last one, "" when it holds none
	Next      incident.Number // the first that will be given in the present year
	// Replaced is where the former database is now, "" when there was none.
	Replaced string
	// Lost are the incidents of the former database that the copy lacks. When
	// that one was begun anew, the copy may give their numbers to other people.
	Lost []incident.Number
	// Erased is how many incidents were made anonymous again, since they were so
	// in the former database.
	Erased int
	// Skipped says that numbers were left out because it is unknown which were
	// given after the copy was made.
	Skipped bool
}

// skipped is how many numbers are left out when nobody knows which ones were
// told to people after the copy was made: more than an hour can bring.
const skipped = 100

// Restore puts a copy in the place of the register at path, which may be
// missing. The former database is kept beside it. Numbers that were given after
// the copy was made are given to nobody else: they are read from the former
// database if that went on from the copy, or said by Restoration.After, or else
// skipped.
//
// ErrLocked (the register is in use), ErrForeignDatabase (another program's),
// ErrNewerDatabase (a later release made the copy), ErrDiskFull and incident.ErrBroken (the copy is damaged, or no
// database) are errors to branch on; in all of them nothing was changed.
func Restore(ctx context.Context, path string, how Restoration) (done Restored, err error) {
	defer func() { err = failed(err, "restore %s from %s", path, how.File) }()
	if path, err = canonical(path); err != nil {
		return done, err
	}
	unlock, err := Lock(path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := different(how.File, path); err != nil {
		return done, err
	}
	former, known := formerNumbers(ctx, path)
	part := path + ".restoring"
	removeDatabase(part) // what a crash left
	defer removeDatabase(part)
	if done, err = how.prepare(ctx, part, former, known); err != nil {
		return done, err
	}
	if done.Replaced, err = setAside(ctx, path, how.Options.Now()); err != nil {
		return done, err
	}
	failpoint.Pass(failpoint.BeforeRestore)
	if err := os.Rename(part, path); err != nil {
		return done, err
	}
	return done, syncFolder(filepath.Dir(path))
}

// different says no when both names are one file: a register is no copy of
// itself, and a copy is a file with something in it.
func different(file, path string) error {
	copied, err := os.Stat(file)
	if err != nil {
		return err
	}
	if !copied.Mode().IsRegular() || copied.Size() == 0 {
		return errors.New("that is no copy of a register")
	}
	if present, err := os.Stat(path); err == nil && os.SameFile(copied, present) {
		return errors.New("that is the register itself")
	}
	return nil
}

// numbers are those that a register has given.
type numbers struct {
	last map[int]int // sequence number, by year
	all  []given
}

// given is a number with the draft that got it. By the draft an incident is known
// in another register: one that was begun anew gives the numbers of the lost one
// to other people.
type given struct {
	number incident.Number
	draft  string
	erased bool // the person asked to be forgotten
}

// formerNumbers reads what the register at path has given; ok is false when
// there is none, or none that can be read.
func formerNumbers(ctx context.Context, path string) (n numbers, ok bool) {
	r, err := OpenReader(ctx, path)
	if err != nil {
		return n, false
	}
	defer r.Close()
	n, err = r.numbers(ctx)
	return n, err == nil
}

func (r *Reader) numbers(ctx context.Context) (numbers, error) {
	return read(ctx, r, func(s *session) (numbers, error) {
		n := numbers{last: map[int]int{}}
		err := s.each(func(rows *sql.Rows) error {
			var year, last int
			err := rows.Scan(&year, &last)
			n.last[year] = last
			return err
		}, `SELECT year, last FROM counters`)
		if err != nil {
			return n, err
		}
		n.all, err = query(s, func(rows *sql.Rows) (one given, err error) {
			err = rows.Scan(&one.number, &one.draft, &one.erased)
			return one, err
		}, `SELECT number, draft_id, EXISTS (SELECT 1 FROM history h WHERE h.incident = i.id AND h.kind = 'forgotten')
			FROM incidents i ORDER BY year, seq`)
		return n, err
	})
}

// lackedBy are the numbers of the incidents that the other register does not hold.
func (n numbers) lackedBy(other numbers) (lacked []incident.Number) {
	has := map[string]bool{}
	for _, one := range other.all {
		has[one.draft] = true
	}
	for _, one := range n.all {
		if !has[one.draft] {
			lacked = append(lacked, one.number)
		}
	}
	return lacked
}

// held is the last number of each year that an incident has.
func (n numbers) held() map[int]int {
	last := map[int]int{}
	for _, one := range n.all {
		year, seq := one.number.Parts()
		last[year] = max(last[year], seq)
	}
	return last
}

// erased are the drafts of the incidents whose people asked to be forgotten.
func (n numbers) erased() (drafts []string) {
	for _, one := range n.all {
		if one.erased {
			drafts = append(drafts, one.draft)
		}
	}
	return drafts
}

// prepare makes of the copy, at part, the register that is to be.
func (how Restoration) prepare(ctx context.Context, part string, former numbers, known bool) (done Restored, err error) {
	if err := extract(ctx, how.File, part); err != nil {
		return done, err
	}
	r, err := open(ctx, part, how.Options)
	if err != nil {
		return done, err
	}
	r.unlock = func() error { return nil } // the lock on its place is ours already
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := r.Check(ctx); err != nil {
		return done, err
	}
	copied, err := r.numbers(ctx)
	if err != nil {
		return done, err
	}
	if done.Incidents = len(copied.all); done.Incidents > 0 {
		done.Last = copied.all[done.Incidents-1].number
	}
	done.Lost = former.lackedBy(copied)
	year := how.Options.Now().In(r.loc).Year()
	last, skips := how.told(former, copied, known, year)
	done.Skipped = skips
	if done.Erased, err = r.eraseAgain(ctx, former.erased()); err != nil {
		return done, err
	}
	done.Next = incident.NewNumber(year, max(copied.last[year], last[year])+1)
	return done, r.skipTo(ctx, last)
}

// told is the last number of each year that somebody may have been told. What the
// administrator says goes before what a restoration before this one left out.
// The former database knows it when it went on from the copy, not when it was
// begun anew; else skips says that numbers are left out.
func (how Restoration) told(former, copied numbers, known bool, year int) (last map[int]int, skips bool) {
	if how.After != "" || how.Complete {
		last = former.held()
		if how.After != "" {
			y, seq := how.After.Parts()
			last[y] = max(last[y], seq)
		}
		return last, false
	}
	if known && len(copied.lackedBy(former)) == 0 {
		return former.last, false
	}
	last = map[int]int{year: copied.last[year] + skipped}
	if len(copied.last) > 0 {
		latest := slices.Max(slices.Collect(maps.Keys(copied.last)))
		last[latest] = copied.last[latest] + skipped
	}
	for y, seq := range former.last {
		last[y] = max(last[y], seq)
	}
	return last, true
}

// skipTo leaves out the numbers of each year up to the last.
func (r *Register) skipTo(ctx context.Context, last map[int]int) error {
	return r.writer.do(ctx, func(s *session) error {
		for year, seq := range last {
			if _, err := s.exec(`INSERT INTO counters (year, last) VALUES (?, ?)
				ON CONFLICT (year) DO UPDATE SET last = max(last, excluded.last)`, year, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// extract writes the database of a copy to part. A log beside it counts: it
// may be a database that was carried away as it stood.
func extract(ctx context.Context, copied, part string) error {
	copied, err := filepath.Abs(copied)
	if err != nil {
		return err
	}
	if err := identify(ctx, copied); err != nil {
		return err
	}
	if err := prepareFile(part); err != nil {
		return err
	}
	return vacuum(ctx, copied, part)
}

// beside are the endings of the files of a database, itself first.
var beside = []string{"", "-wal", "-shm", "-journal"}

// setAside gives the database at path, if there is one, another name, and
// returns that. A sound one keeps its own name too, until the copy takes it: a
// crash in between must not leave a place where a new register would be begun.
// A log left behind would be taken for the new database's own.
func setAside(ctx context.Context, path string, now time.Time) (name string, err error) {
	name = unused(path + replacedMark + now.UTC().Format(replacedTime))
	// Closed for good, a sound database is a single file.
	if db, s, err := connect(ctx, path, writing+"&mode=rw"); err == nil {
		_ = errors.Join(s.script("PRAGMA wal_checkpoint(TRUNCATE)"), s.close(), db.Close())
	}
	moved, rest := false, beside
	if log, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) || err == nil && log.Size() == 0 {
		if os.Link(path, name) == nil {
			moved, rest = true, beside[1:]
		}
	}
	for _, ending := range rest {
		err := os.Rename(path+ending, name+ending)
		if err == nil {
			moved = true
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if !moved {
		return "", nil
	}
	return name, nil
}

// unused is a name that no database has yet: an earlier one that was set aside
// in the same second may be the only one with its incidents.
func unused(name string) string {
	taken := func(ending string) bool {
		_, err := os.Lstat(name + ending)
		return err == nil
	}
	for slices.ContainsFunc(beside, taken) {
		name += "-again"
	}
	return name
}

func removeDatabase(path string) {
	for _, ending := range beside {
		os.Remove(path + ending)
	}
}
