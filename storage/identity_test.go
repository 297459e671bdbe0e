package storage

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"intakebot/incident"
)

// TestForeignDatabase: another program's database is refused everywhere and stays
// as it is.
func TestForeignDatabase(t *testing.T) {
	for name, script := range map[string]string{
		"no id":          "CREATE TABLE visits (x INTEGER); PRAGMA user_version = 1",
		"another id":     "CREATE TABLE incidents (x); CREATE TABLE counters (x); CREATE TABLE consents (x); CREATE TABLE outbox (x); PRAGMA application_id = 7",
		"empty but hers": "PRAGMA application_id = 7",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "other.db")
			raw(t, path, script)
			before := file(t, path)
			if _, err := Open(t.Context(), path, options(t)); !errors.Is(err, ErrForeignDatabase) {
				t.Errorf("Open: %v", err)
			}
			if _, err := OpenReader(t.Context(), path); !errors.Is(err, ErrForeignDatabase) {
				t.Errorf("OpenReader: %v", err)
			}
			target := filepath.Join(t.TempDir(), "incidents.db")
			if _, err := Restore(t.Context(), target, Restoration{File: path, Options: options(t)}); !errors.Is(err, ErrForeignDatabase) {
				t.Errorf("Restore: %v", err)
			}
			if _, err := os.Stat(target); err == nil {
				t.Error("it was restored")
			}
			same(t, "the file", file(t, path) == before, true)
		})
	}
}

// TestVerify: a database that is taken away under the program gives no number.
func TestVerify(t *testing.T) {
	for name, take := range map[string]func(path string) error{
		"removed": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, []byte("another"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := fresh(t)
			filed(t, r, "d1", 7)
			must(t, r.Verify())
			must(t, take(r.path))
			if err := r.Verify(); !errors.Is(err, incident.ErrBroken) {
				t.Errorf("Verify: %v", err)
			}
			if _, created, err := r.Register(t.Context(), report("d2", 7), nil); created || !errors.Is(err, incident.ErrBroken) {
				t.Errorf("a number was given: %v, %v", created, err)
			}
		})
	}
}

// TestRemoveReplaced: what restorations set aside is found, and goes after its
// time with all its files; nothing else does.
func TestRemoveReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incidents.db")
	for _, ending := range []string{"", ".lock", ".replaced-20260101T000000Z", ".replaced-20260101T000000Z-wal", ".replaced-20260101T000000Z-again",
		".replaced-20261101T000000Z", ".replaced-by-hand"} {
		must(t, os.WriteFile(path+ending, nil, 0o600))
	}
	same(t, "found", len(must2(ReplacedBeside(path))), 3)
	removed := must2(RemoveReplaced(path, noon.AddDate(0, -3, 0)))
	same(t, "removed", len(removed), 2)
	var left []string
	for _, name := range must2(filepath.Glob(path + "*")) {
		left = append(left, filepath.Base(name))
	}
	same(t, "left", left, []string{"incidents.db", "incidents.db.lock", "incidents.db.replaced-20261101T000000Z", "incidents.db.replaced-by-hand"})
}
