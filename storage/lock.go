package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrLocked: another process has the register open for writing, or a
// restoration is under way. Nothing was touched.
var ErrLocked = errors.New("another intakebot is using it: stop that one first, or set another SQLITE_PATH")

// lockSuffix names the file beside the database that is locked in its stead.
// The database itself must not be: to open and close it past SQLite drops
// SQLite's own locks.
const lockSuffix = ".lock"

// Lock keeps every other process from opening the register at path for writing
// until unlock is called or this process ends, however it ends: the lock is the
// system's, the file that stays behind means nothing. The register need not
// exist. Readers, backups and exports among them, go on. Open takes the same
// lock, so who holds it cannot open the register. ErrLocked is an error to
// branch on.
//
// SQLite's own locks do not serve for this: between two transactions there are
// none, and two bots on one register would take turns at its inbox and outbox.
func Lock(path string) (unlock func() error, err error) {
	path, err = canonical(path)
	if err != nil {
		return nil, fmt.Errorf("lock the register: %w", err)
	}
	lock := flock.New(path+lockSuffix, flock.SetPermissions(fileMode))
	locked, err := lock.TryLock()
	if err == nil && !locked {
		err = ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("lock the register %s: %w", path, err)
	}
	return lock.Unlock, nil
}

// canonical is the one name of a file that may be missing, whatever links lead to
// it. Its folder is made.
func canonical(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return "", err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}
