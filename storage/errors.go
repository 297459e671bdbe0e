package storage

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"

	"intakebot/incident"
)

// Errors that a caller may branch on with errors.Is, besides those that package
// incident declares because other rooms branch on them: ErrNotFound,
// ErrConflict and ErrBroken, the last for an I/O error or a damaged file.
var (
	// ErrNewerDatabase: a later release wrote the database.
	ErrNewerDatabase = errors.New("the database was written by a newer release: run that one, " +
		"or go back with a copy made before the update (intakebot restore FILE)")
	// ErrOlderDatabase: a reader met a database that the writing command has
	// not migrated yet.
	ErrOlderDatabase = errors.New("the database was written by an older release and is not migrated yet")
	// ErrDiskFull: nothing was written; the same call succeeds once there is
	// room.
	ErrDiskFull = errors.New("no space left for the database")
	// ErrBusy: another program held the database locked for longer than a write
	// waits (five seconds); nothing was written, and the same call succeeds once
	// it lets go.
	ErrBusy = errors.New("another program holds the database locked")
	// ErrClosed: the register was closed.
	ErrClosed = errors.New("the register is closed")
)

// SQLite's primary result codes that need an answer of their own
// (https://www.sqlite.org/rescode.html).
const (
	codeBusy    = 5
	codeIOErr   = 10
	codeCorrupt = 11
	codeFull    = 13
	codeNotADB  = 26
	// The index of the write-ahead log could not grow: in practice a full
	// disk, though it is counted among the I/O errors.
	codeShmSize = codeIOErr | 19<<8
)

// classified adds ErrDiskFull, ErrBusy or incident.ErrBroken to an error of the
// driver.
func classified(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || errors.Is(err, ErrDiskFull) || errors.Is(err, ErrBusy) || errors.Is(err, incident.ErrBroken) {
		return err
	}
	if e.Code() == codeShmSize {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	switch e.Code() & 0xff {
	case codeFull:
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	case codeBusy:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case codeIOErr, codeCorrupt, codeNotADB:
		return fmt.Errorf("%w: %w", incident.ErrBroken, err)
	}
	return err
}

// failed names the attempt in an error; nil stays nil.
func failed(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), classified(err))
}
