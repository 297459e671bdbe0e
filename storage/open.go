package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"intakebot/incident"
)

// The file modes: the database holds personal data.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

// writing and reading are the connection settings: an acknowledged row must
// survive a power cut (FULL), a write transaction takes its lock at its
// beginning (immediate), what is deleted is overwritten (secure_delete), nothing
// is put into temporary files (temp_store), and a mistyped column is an error
// (_dqs).
const (
	common  = "_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_foreign_keys=1&_dqs=0&_pragma=temp_store(2)"
	writing = common + "&_txlock=immediate&_pragma=secure_delete(1)"
	reading = common + "&_query_only=1&mode=rw"
	// looking leaves the journal mode as it is and never makes a file.
	looking = copying + "&_query_only=1"
	// copying is for VACUUM INTO, which query_only would forbid.
	copying = "_busy_timeout=5000&_foreign_keys=1&_dqs=0&mode=ro"
)

// Options are the register's settings.
type Options struct {
	// Location decides in which year an incident is numbered; nil is UTC.
	Location *time.Location
	// Logger hears of panics inside writes; nil is slog.Default().
	Logger *slog.Logger
	// Commit stands around every commit of a write, so that a test can be away
	// just before it or just after it: it calls commit, or returns an error
	// without. nil commits.
	Commit func(commit func() error) error
	// Now stamps rows whose caller gives no time (outbox rows, for the age of
	// the oldest that waits); nil is time.Now.
	Now func() time.Time
	// KeepLetters keeps the bytes of letters that were sent for as long as they
	// can come back.
	KeepLetters bool
	// Observe hears how long reads and writes take; nil for nobody.
	Observe Observer
}

// Register is the register open for writing. Its methods may be called from
// any number of goroutines.
type Register struct {
	*Reader
	writer *writer
	db     *sql.DB
	unlock func() error
	loc    *time.Location
	now    func() time.Time

	keepLetters bool
	intake      intake
	file        os.FileInfo // of the database when it was opened, see Verify
	unsent      unsentChats

	// changed wakes keepIndex, stopping ends it, indexed is closed by it.
	changed           chan struct{}
	stopping, indexed chan struct{}
	stop              sync.Once
}

// Open opens the register at path, creates it with its folder when it is
// missing, and migrates it. Rows of the outbox that a process claimed and did
// not settle are due again. One process at a time may hold a register open, see
// Lock. ErrLocked, ErrForeignDatabase, ErrNewerDatabase and ErrBroken are
// errors to branch on.
func Open(ctx context.Context, path string, opts Options) (*Register, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, failed(err, "open the register")
	}
	unlock, err := Lock(path)
	if err != nil {
		return nil, err
	}
	r, err := open(ctx, path, opts)
	if err != nil {
		return nil, errors.Join(failed(err, "open the register %s", path), unlock())
	}
	r.unlock = unlock
	return r, nil
}

func open(ctx context.Context, path string, opts Options) (*Register, error) {
	if err := identify(ctx, path); err != nil {
		return nil, err
	}
	if err := prepareFile(path); err != nil {
		return nil, err
	}
	limit := checkForCalm
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		limit = checkFor
	}
	db, s, err := connect(ctx, path, writing)
	if err != nil {
		return nil, err
	}
	r, err := assemble(ctx, path, opts, db, s, limit)
	if err != nil {
		s.close()
		db.Close()
		return nil, err
	}
	return r, nil
}

// assemble makes the register of its writing connection.
func assemble(ctx context.Context, path string, opts Options, db *sql.DB, s *session, limit time.Duration) (*Register, error) {
	err := s.expect(map[string]string{
		"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1", "query_only": "0",
		"secure_delete": "1", "temp_store": "2",
	})
	if err != nil {
		return nil, err
	}
	if err := undamaged(ctx, s, limit); err != nil {
		return nil, err
	}
	if err := migrate(s, schema, migrations); err != nil {
		return nil, err
	}
	if _, err := s.exec(`UPDATE outbox SET leased = 0, next_at = 0 WHERE state = 'pending' AND leased = 1`); err != nil {
		return nil, fmt.Errorf("release the leases: %w", err)
	}
	if err := tighten(path); err != nil {
		return nil, err
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	reader, err := newReader(ctx, path, reading)
	if err != nil {
		return nil, err
	}
	reader.observe = opts.Observe
	r := &Register{Reader: reader, db: db, loc: opts.Location, now: opts.Now, keepLetters: opts.KeepLetters, file: file,
		changed: make(chan struct{}, 1), stopping: make(chan struct{}), indexed: make(chan struct{})}
	if r.loc == nil {
		r.loc = time.UTC
	}
	if r.now == nil {
		r.now = time.Now
	}
	log := opts.Logger
	if log == nil {
		log = slog.Default()
	}
	if err := r.unsent.load(s); err != nil {
		reader.Close()
		return nil, fmt.Errorf("read for whom messages wait: %w", err)
	}
	r.writer = startWriter(s, log, opts, func() { r.intake.loaded = false })
	go r.keepIndex()
	return r, nil
}

// checkFor bounds the look at the whole file when it is opened, in which some
// sixty megabytes are read a quarter of a second: a start after a crash must not
// take longer for it. A file that was closed as it should be, which leaves no log,
// is looked at for a moment.
const (
	checkFor     = time.Second
	checkForCalm = 50 * time.Millisecond
)

// undamaged looks for damage before anything is built on it, as far as the time
// allows: ErrBroken.
func undamaged(ctx context.Context, s *session, limit time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var found string
	err := s.conn.QueryRowContext(limited, "PRAGMA quick_check(1)").Scan(&found)
	switch {
	case limited.Err() != nil:
		return ctx.Err() // too large to be read whole now
	case err != nil:
		return fmt.Errorf("check the database: %w", err)
	case found != "ok":
		return fmt.Errorf("%w, go back to a copy of it: %s", incident.ErrBroken, strings.Join(strings.Fields(found), " "))
	}
	return nil
}

// Close finishes the writes that wait, copies the write-ahead log into the
// database, closes it and lets other processes have it. Calls that come later return ErrClosed.
func (r *Register) Close() error {
	r.stop.Do(func() { close(r.stopping) })
	<-r.indexed
	r.writer.close()
	err := r.Reader.Close()
	if errors.Is(err, ErrClosed) {
		return nil // closed before
	}
	checkpoint := r.writer.session.script("PRAGMA wal_checkpoint(TRUNCATE)")
	return failed(errors.Join(err, checkpoint, r.writer.session.close(), r.db.Close(), r.unlock()), "close the register")
}

// connect opens one pool and one session on it. The pool hands out exactly the
// sessions that are asked for: they are kept for life.
func connect(ctx context.Context, path, settings string) (*sql.DB, *session, error) {
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: settings}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, nil, err
	}
	s, err := newSession(ctx, db)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, s, nil
}

// prepareFile makes sure that the file is there with its mode before SQLite
// opens it, so that it is never readable to others, not even for a moment; the
// files beside it get the same mode from SQLite. A file that exists is not
// opened: closing a descriptor of a live database drops its locks.
func prepareFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// tighten gives all files of the database their mode, should a copy have
// brought another.
func tighten(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(path+suffix, fileMode); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
