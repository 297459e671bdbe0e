package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// readers is the number of reading connections. Reads take well under a
// millisecond; more would only take turns on the processors.
const readers = 4

// Reader reads the register. Each of its methods sees one snapshot.
type Reader struct {
	path    string
	db      *sql.DB
	idle    chan *session
	observe Observer

	closing sync.Once
	closed  chan struct{}
}

// OpenReader opens the register at path for reading only, as the commands
// backup and export need it, while another process may be writing it. It never
// creates a database: a missing one is fs.ErrNotExist. ErrNewerDatabase and
// ErrOlderDatabase are errors to branch on.
func OpenReader(ctx context.Context, path string) (*Reader, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, failed(err, "open the register for reading")
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the register for reading: there is no database %s: %w", path, fs.ErrNotExist)
	}
	r, err := newReader(ctx, path, looking)
	if err != nil {
		return nil, failed(err, "open the register %s for reading", path)
	}
	return r, nil
}

func newReader(ctx context.Context, path, settings string) (*Reader, error) {
	db, first, err := connect(ctx, path, settings)
	if err != nil {
		return nil, err
	}
	r := &Reader{path: path, db: db, idle: make(chan *session, readers), closed: make(chan struct{})}
	sessions := []*session{first}
	if err = checkReading(first); err == nil {
		for len(sessions) < readers && err == nil {
			var s *session
			if s, err = newSession(ctx, db); err == nil {
				sessions = append(sessions, s)
			}
		}
	}
	if err != nil {
		for _, s := range sessions {
			s.close()
		}
		db.Close()
		return nil, err
	}
	for _, s := range sessions {
		r.idle <- s
	}
	return r, nil
}

func checkReading(s *session) error {
	err := s.expect(map[string]string{"query_only": "1", "busy_timeout": "5000", "foreign_keys": "1"})
	if err != nil {
		return err
	}
	if err := isRegister(s); err != nil {
		return err
	}
	version, err := userVersion(s)
	if err != nil {
		return err
	}
	current := len(migrations) + 1
	switch {
	case version > current:
		return fmt.Errorf("schema version %d, this release knows %d: %w", version, current, ErrNewerDatabase)
	case version < current:
		return fmt.Errorf("schema version %d, this release reads %d: %w", version, current, ErrOlderDatabase)
	}
	return nil
}

// Close waits for the reads in hand and closes the connections. Calls that
// come later return ErrClosed, Close itself too.
func (r *Reader) Close() error {
	err := ErrClosed
	r.closing.Do(func() {
		close(r.closed)
		err = nil
		for range readers {
			s := <-r.idle
			err = errors.Join(err, s.close())
		}
		err = errors.Join(err, r.db.Close())
	})
	return err
}

// read runs f on a snapshot of the register.
func read[T any](ctx context.Context, r *Reader, f func(*session) (T, error)) (result T, err error) {
	var none T
	defer func(began time.Time) { r.observe.since(began, "read", err) }(time.Now())
	s, err := r.borrow(ctx)
	if err != nil {
		return none, err
	}
	defer func() { r.idle <- s }()
	if _, err := s.exec("BEGIN"); err != nil {
		return none, err
	}
	defer func() {
		// Nothing was written: ending the snapshot this way cannot lose
		// anything, and it ends it after a panic too.
		if _, end := s.exec("ROLLBACK"); err == nil {
			err = end
		}
	}()
	return f(s)
}

// look runs f, which asks one question only: a single statement sees one state
// of the register without a transaction.
func look[T any](ctx context.Context, r *Reader, f func(*session) (T, error)) (result T, err error) {
	defer func(began time.Time) { r.observe.since(began, "read", err) }(time.Now())
	s, err := r.borrow(ctx)
	if err != nil {
		return result, err
	}
	defer func() { r.idle <- s }()
	return f(s)
}

// readAll is query on the register.
func readAll[T any](ctx context.Context, r *Reader, scan func(*sql.Rows) (T, error), text string, args ...any) ([]T, error) {
	return look(ctx, r, func(s *session) ([]T, error) { return query(s, scan, text, args...) })
}

func (r *Reader) borrow(ctx context.Context) (*session, error) {
	select {
	case <-r.closed: // first: afterwards both may be ready
		return nil, ErrClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s := <-r.idle:
		return s, nil
	case <-r.closed:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
