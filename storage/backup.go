package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"intakebot/incident"
	"intakebot/internal/failpoint"
)

// Backup writes a consistent copy of the register to file, which must not
// exist (fs.ErrExist), with mode 0600; the register stays in use meanwhile. The
// copy has been checked (see Check) and is on the disk before it gets its name:
// what fails, or is killed, leaves no file of that name.
func (r *Reader) Backup(ctx context.Context, file string) (err error) {
	defer func() { err = failed(err, "back up to %s", file) }()
	if file, err = filepath.Abs(file); err != nil {
		return err
	}
	if _, err := os.Lstat(file); err == nil {
		return fs.ErrExist
	}
	part, err := r.copyBeside(ctx, file)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	failpoint.Pass(failpoint.BeforeBackup)
	// Whoever made a file of that name meanwhile keeps it.
	switch err := os.Link(part, file); {
	case err == nil:
		return syncFolder(filepath.Dir(file))
	case errors.Is(err, fs.ErrExist):
		return err
	}
	// A file system without hard links: a crash between these two leaves an
	// empty file, which no restoration takes.
	reserved, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	reserved.Close()
	if err := os.Rename(part, file); err != nil {
		os.Remove(file)
		return err
	}
	return syncFolder(filepath.Dir(file))
}

// partSuffix marks a copy that is not complete.
const partSuffix = ".part"

// copyBeside writes a checked copy beside file, under a name of its own.
func (r *Reader) copyBeside(ctx context.Context, file string) (part string, err error) {
	// SQLite writes into an empty file, and this one is readable to nobody
	// else from its beginning.
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*"+partSuffix)
	if err != nil {
		return "", err
	}
	defer f.Close()
	defer func() {
		if err != nil {
			removeDatabase(f.Name())
		}
	}()
	if err := vacuum(ctx, r.path, f.Name()); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", fmt.Errorf("sync: %w", err)
	}
	written, err := OpenReader(ctx, f.Name())
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(written.Check(ctx), written.Close())
}

// Check reads the whole database and says whether it is sound: each page, each
// index, each reference. What is not is incident.ErrBroken. It takes about a
// second for a hundred megabytes.
func (r *Reader) Check(ctx context.Context) error {
	_, err := read(ctx, r, func(s *session) (none struct{}, err error) {
		for _, look := range []string{
			`SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 1`,
			`SELECT 'a broken reference in ' || "table" FROM pragma_foreign_key_check LIMIT 1`,
		} {
			var problem string
			err := s.conn.QueryRowContext(ctx, look).Scan(&problem)
			if err == nil {
				return none, fmt.Errorf("%w: %s", incident.ErrBroken, problem)
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return none, err
			}
		}
		return none, nil
	})
	return failed(err, "check the database")
}

// vacuum copies a database into an empty file, through a connection of its own:
// it takes its time, and ctx ends it.
func vacuum(ctx context.Context, from, to string) error {
	db, s, err := connect(ctx, from, copying)
	if err != nil {
		return err
	}
	defer db.Close()
	defer s.close()
	_, err = s.conn.ExecContext(ctx, `VACUUM INTO ?`, to)
	return err
}

// syncFolder makes the new file's name durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
