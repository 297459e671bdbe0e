package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// session is one connection with the statements that were prepared on it. It
// is used by one goroutine at a time. Every query is a constant of this
// package, so the set of statements is small and stays.
//
// Statements run to their end: a context is looked at before them, never in
// the middle, where it would cost a goroutine each and could break a batch that
// others share.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newSession(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

func (s *session) close() error {
	for _, stmt := range s.stmts {
		stmt.Close()
	}
	return s.conn.Close()
}

func (s *session) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := s.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = stmt
	return stmt, nil
}

// exec runs a statement and returns how many rows it changed.
func (s *session) exec(query string, args ...any) (int64, error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return 0, err
	}
	res, err := stmt.Exec(args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row is the one row of a query; the query's own failure shows in Scan.
type row struct {
	row *sql.Row
	err error
}

// Scan reads the row; sql.ErrNoRows when there is none.
func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.row.Scan(dest...)
}

func (s *session) row(query string, args ...any) row {
	stmt, err := s.prepared(query)
	if err != nil {
		return row{err: err}
	}
	return row{row: stmt.QueryRow(args...)}
}

// each calls scan for every row of a query.
func (s *session) each(scan func(*sql.Rows) error, query string, args ...any) error {
	stmt, err := s.prepared(query)
	if err != nil {
		return err
	}
	rows, err := stmt.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// query returns what scan makes of each row of a query.
func query[T any](s *session, scan func(*sql.Rows) (T, error), text string, args ...any) (all []T, err error) {
	err = s.each(func(rows *sql.Rows) error {
		one, err := scan(rows)
		all = append(all, one)
		return err
	}, text, args...)
	return all, err
}

// single scans a row of one column.
func single[T any](rows *sql.Rows) (v T, err error) {
	err = rows.Scan(&v)
	return v, err
}

// script runs statements that are needed once, several in one text.
func (s *session) script(text string) error {
	_, err := s.conn.ExecContext(context.Background(), text)
	return err
}

// pragma reads one setting of the connection.
func (s *session) pragma(name string) (string, error) {
	var value string
	err := s.conn.QueryRowContext(context.Background(), "PRAGMA "+name).Scan(&value)
	return value, err
}

// expect reads settings back: a connection string is easily mistyped, and
// SQLite ignores much of what it does not know.
func (s *session) expect(want map[string]string) error {
	for name, value := range want {
		got, err := s.pragma(name)
		if err != nil {
			return fmt.Errorf("read back pragma %s: %w", name, err)
		}
		if got != value {
			return fmt.Errorf("pragma %s is %q, want %q", name, got, value)
		}
	}
	return nil
}

// millis is how a time is stored: unix milliseconds, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment reads a stored time back, in UTC.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
