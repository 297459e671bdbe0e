package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the register to file, which must not
// exist (fs.ErrExist), with mode 0600; the register stays in use meanwhile. The
// copy is on the disk when Backup returns. What fails leaves no file.
func (r *Reader) Backup(ctx context.Context, file string) (err error) {
	defer func() { err = failed(err, "back up to %s", file) }()
	file, err = filepath.Abs(file)
	if err != nil {
		return err
	}
	// SQLite writes into an empty file: so nobody else's is overwritten, and
	// the copy is never readable to others.
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, fileMode)
	if err != nil {
		return err
	}
	defer f.Close()
	defer func() {
		if err != nil {
			os.Remove(file)
		}
	}()
	if err := r.vacuumInto(ctx, file); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return syncFolder(filepath.Dir(file))
}

// vacuumInto copies the database through a connection of its own: it takes its
// time, and ctx ends it.
func (r *Reader) vacuumInto(ctx context.Context, file string) error {
	db, s, err := connect(ctx, r.path, copying)
	if err != nil {
		return err
	}
	defer db.Close()
	defer s.close()
	_, err = s.conn.ExecContext(ctx, `VACUUM INTO ?`, file)
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
