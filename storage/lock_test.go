package storage

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A register is open for writing once, whatever name it is called by; readers
// and backups go on beside it, and the file of the lock alone locks nothing.
func TestOneWriter(t *testing.T) {
	folder := t.TempDir()
	path, alias := filepath.Join(folder, "incidents.db"), filepath.Join(folder, "link.db")
	r := must2(Open(t.Context(), path, options(t)))
	i := filed(t, r, "d1", 7)
	must(t, os.Symlink(path, alias))
	for _, name := range []string{path, alias} {
		if _, err := Open(t.Context(), name, options(t)); !errors.Is(err, ErrLocked) {
			t.Errorf("Open %s: %v", name, err)
		}
		if _, err := Lock(name); !errors.Is(err, ErrLocked) {
			t.Errorf("Lock %s: %v", name, err)
		}
	}
	beside := must2(OpenReader(t.Context(), path))
	must(t, beside.Backup(t.Context(), filepath.Join(folder, "copy.db")))
	must(t, beside.Close())
	same(t, "still served", must2(r.Incident(t.Context(), i.Number)), i)
	must(t, r.Close())
	must(t, must2(Open(t.Context(), alias, options(t))).Close())
}

// Who holds the lock has the file alone; what fails to open gives it back.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "incidents.db")
	unlock := must2(Lock(path))
	if _, err := os.Stat(path); err == nil {
		t.Error("the lock made a database")
	}
	if _, err := Open(t.Context(), path, options(t)); !errors.Is(err, ErrLocked) {
		t.Errorf("Open: %v", err)
	}
	must(t, os.WriteFile(path, []byte("this is no database, and longer than a header of SQLite's would be, by far"), fileMode))
	must(t, unlock())
	if _, err := Open(t.Context(), path, options(t)); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("Open of nonsense: %v", err)
	}
	must(t, must2(Lock(path))())
}
