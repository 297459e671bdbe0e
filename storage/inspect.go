package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Condition is what a look at a register from outside found.
type Condition struct {
	// Exists is false when there is no database yet; Open makes one then.
	Exists bool
	// InUse: a process has it open for writing.
	InUse bool
	// Exposed: others than its owner may read it.
	Exposed bool
	// Size is the database's, Free what is left on its disk, in bytes; Free is
	// -1 when the system does not say.
	Size, Free int64
	// Journal is SQLite's journal_mode, "wal" when Open has had it.
	Journal string
	// Unwritable says why a file cannot be made in its folder, or the database
	// itself not be written; nil when they can.
	Unwritable error
	// Unsound says why the database cannot be read to its end: ErrNewerDatabase,
	// ErrOlderDatabase and incident.ErrBroken are errors to branch on, and
	// ctx's when the time was too short. nil when it is sound.
	Unsound error
}

// Inspect looks at the register at path without changing it, also while a
// process uses it. Nothing else in this process may have it open: a file of a
// database that is closed past SQLite drops SQLite's locks.
func Inspect(ctx context.Context, path string) Condition {
	c := Condition{Free: -1}
	path, err := filepath.Abs(path)
	if err != nil {
		c.Unwritable = err
		return c
	}
	folder := existing(filepath.Dir(path))
	c.Free = freeBytes(folder)
	c.Unwritable = writable(folder)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c
	}
	c.Exists = true
	if err != nil {
		c.Unsound = err
		return c
	}
	c.Size, c.Exposed = info.Size(), info.Mode().Perm()&0o077 != 0
	if f, err := os.OpenFile(path, os.O_WRONLY, 0); err != nil {
		c.Unwritable = err
	} else {
		f.Close()
	}
	c.InUse = inUse(path)
	c.Journal, c.Unsound = examine(ctx, path)
	return c
}

// LatestFile is the file that was attached last to an incident, by Telegram's id
// of it; fs.ErrNotExist when there is no register, or no file in it.
func LatestFile(ctx context.Context, path string) (id string, err error) {
	r, err := OpenReader(ctx, path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	ids, err := readAll(ctx, r, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		"SELECT file_id FROM attachments ORDER BY incident DESC, pos DESC LIMIT 1")
	if err == nil && len(ids) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return "", fmt.Errorf("find the latest file: %w", err)
	}
	return ids[0], nil
}

// examine reads the whole database.
func examine(ctx context.Context, path string) (journal string, err error) {
	r, err := OpenReader(ctx, path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	journal, err = read(ctx, r, func(s *session) (string, error) { return s.pragma("journal_mode") })
	if err == nil {
		err = r.Check(ctx)
	}
	return journal, err
}

// existing is the folder, or the nearest above it that is there.
func existing(folder string) string {
	for {
		if _, err := os.Stat(folder); err == nil || filepath.Dir(folder) == folder {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}

// writable makes a file and takes it away: rights, a disk that is mounted for
// reading and one that is full show in nothing less.
func writable(folder string) error {
	f, err := os.CreateTemp(folder, ".intakebot-check-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, 1<<12))
	return errors.Join(err, f.Sync(), f.Close())
}

// inUse asks for the lock as a reader would, and only if there is one to ask
// for. A process that opens the register in this very moment is told that it is
// locked.
func inUse(path string) bool {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	if _, err := os.Stat(path + lockSuffix); err != nil {
		return false
	}
	lock := flock.New(path+lockSuffix, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	_ = lock.Close()
	return err == nil && !free
}
