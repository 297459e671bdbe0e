package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// raw runs statements on a database of its own, past the package.
func raw(t *testing.T, path string, scripts ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	for _, s := range scripts {
		_, err := db.Exec(s)
		must(t, err)
	}
}

func file(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

// objects are all tables and indexes as they were created.
func objects(t *testing.T, r *Register) string {
	return value[string](t, r, `SELECT group_concat(sql, char(10) ORDER BY name) FROM sqlite_master WHERE sql IS NOT NULL`)
}

// A database of the first release becomes one of this release, with its rows.
func TestMigrationFromTheFirstSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incidents.db")
	raw(t, path, file(t, "testdata/schema1.sql"), file(t, "testdata/rows1.sql"), "PRAGMA user_version = 1")
	r := openAt(t, path)
	same(t, "schema", objects(t, r), objects(t, fresh(t)))
	same(t, "version", value[int](t, r, "PRAGMA user_version"), len(migrations)+1)

	i, err := r.Incident(t.Context(), "26-00041-9")
	must(t, err)
	if i.Organisation() != "Администрация" || len(i.Attachments) != 1 || len(i.History) != 1 || len(i.Escalations) != 1 {
		t.Errorf("incident %+v", i)
	}
	same(t, "next number", filed(t, r, "d", 7).Number, incident.NewNumber(2026, 42))
	same(t, "waiting", len(must2(r.WaitingUpdates(t.Context(), 7, 0, 9))), 1)
	due := must2(r.Claim(t.Context(), outbox.Mail, noon, time.Minute, nil, 9))
	if len(due) != 1 || due[0].Attempts != 3 {
		t.Errorf("the row of a dead process: %+v", due)
	}
}

// must2 is for values in an expression of a test; it panics.
func must2[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestMigrationSteps(t *testing.T) {
	db, s, err := connect(t.Context(), filepath.Join(t.TempDir(), "m.db"), writing)
	must(t, err)
	defer db.Close()
	defer s.close()
	must(t, migrate(s, "CREATE TABLE a (x INTEGER) STRICT", nil))
	steps := []string{"ALTER TABLE a ADD y INTEGER", "CREATE TABLE b (z INTEGER) STRICT; INSERT INTO b VALUES (1)"}
	if err := migrate(s, "", []string{steps[0], steps[1] + "; broken"}); err == nil {
		t.Fatal("a broken step passed")
	}
	same(t, "version after a failure", must2(userVersion(s)), 1)
	must(t, migrate(s, "", steps))
	same(t, "version", must2(userVersion(s)), 3)
	must(t, migrate(s, "", steps))
	must(t, s.script("UPDATE a SET y = 1; UPDATE b SET z = 2"))
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incidents.db")
	must(t, must2(Open(t.Context(), path, options(t))).Close())
	raw(t, path, "PRAGMA user_version = 99")
	if _, err := Open(t.Context(), path, options(t)); !errors.Is(err, ErrNewerDatabase) {
		t.Errorf("Open: %v", err)
	}
	if _, err := OpenReader(t.Context(), path); !errors.Is(err, ErrNewerDatabase) {
		t.Errorf("OpenReader: %v", err)
	}
	raw(t, path, "PRAGMA user_version = 0")
	if _, err := OpenReader(t.Context(), path); !errors.Is(err, ErrOlderDatabase) {
		t.Errorf("OpenReader: %v", err)
	}
}

func TestBrokenDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incidents.db")
	must(t, os.WriteFile(path, make([]byte, 8192), 0o600))
	must(t, os.WriteFile(path, append([]byte("this is no database"), make([]byte, 8192)...), 0o600))
	if _, err := Open(t.Context(), path, options(t)); !errors.Is(err, incident.ErrBroken) {
		t.Errorf("%v", err)
	}
}

func TestConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ключ?#%", "incidents.db")
	r := openAt(t, path)
	filed(t, r, "d1", 7)
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000",
		"foreign_keys": "1", "query_only": "1"} {
		same(t, name+" of a reader", value[string](t, r, "PRAGMA "+name), want)
	}
	if err := r.writer.session.expect(map[string]string{"synchronous": "1"}); err == nil {
		t.Error("a wrong pragma passed")
	}
	_, err := read(t.Context(), r.Reader, func(s *session) (int64, error) { return s.exec(`DELETE FROM meta`) })
	if err == nil {
		t.Error("a reader wrote")
	}
	if err := r.change(t.Context(), `UPDATE meta SET value = "no such column"`); err == nil {
		t.Error("a name in double quotes was taken for a text")
	}
	if err := r.change(t.Context(), `INSERT INTO attachments VALUES (99, 1, '', '', '', 0)`); err == nil {
		t.Error("an attachment of no incident")
	}
	folder := must2(os.Stat(filepath.Dir(path)))
	same(t, "folder", folder.Mode().Perm(), fs.FileMode(0o700))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		same(t, "file"+suffix, must2(os.Stat(path+suffix)).Mode().Perm(), fs.FileMode(0o600))
	}
}

func TestOpenReader(t *testing.T) {
	folder := t.TempDir()
	missing := filepath.Join(folder, "none.db")
	if _, err := OpenReader(t.Context(), missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the reader made a database")
	}
	path := filepath.Join(folder, "incidents.db")
	r := must2(Open(t.Context(), path, options(t)))
	i := filed(t, r, "d1", 7)
	beside := must2(OpenReader(t.Context(), path)) // while it is written
	same(t, "read", must2(beside.Incident(t.Context(), i.Number)), i)
	must(t, beside.Close())
	must(t, r.Close())
	alone := must2(OpenReader(t.Context(), path))
	same(t, "read alone", must2(alone.Incident(t.Context(), i.Number)), i)
	must(t, alone.Backup(t.Context(), filepath.Join(folder, "copy.db")))
	must(t, alone.Close())
	if _, err := alone.Incident(t.Context(), i.Number); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incidents.db")
	r := must2(Open(t.Context(), path, options(t)))
	filed(t, r, "d1", 7)
	must(t, r.Close())
	must(t, r.Close())
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("the write-ahead log is left")
	}
	if _, _, err := r.Register(t.Context(), report("d2", 7), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if err := r.Ping(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("read: %v", err)
	}
}

func TestBackupWhileWriting(t *testing.T) {
	r := fresh(t)
	ctx, stop := context.WithCancel(context.Background())
	var acknowledged atomic.Int64
	var wg sync.WaitGroup
	for p := range 2 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if _, _, err := r.Register(context.Background(), report(fmt.Sprint(p, "-", n), int64(p)), nil); err != nil {
					t.Error(err)
				}
				acknowledged.Add(1)
			}
		})
	}
	for acknowledged.Load() < 20 {
		time.Sleep(time.Millisecond)
	}
	before := acknowledged.Load()
	copied := filepath.Join(t.TempDir(), "copy.db")
	must(t, r.Backup(t.Context(), copied))
	stop()
	wg.Wait()
	same(t, "mode", must2(os.Stat(copied)).Mode().Perm(), fs.FileMode(0o600))
	if err := r.Backup(t.Context(), copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over an existing file: %v", err)
	}
	restored := openAt(t, copied)
	same(t, "integrity", value[string](t, restored, "PRAGMA integrity_check"), "ok")
	if n := value[int64](t, restored, `SELECT count(*) FROM incidents`); n < before {
		t.Errorf("the copy holds %d incidents, %d were acknowledged", n, before)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	failedCopy := copied + ".2"
	if err := r.Backup(ended, failedCopy); err == nil {
		t.Error("a backup without time")
	}
	if _, err := os.Stat(failedCopy); err == nil {
		t.Error("the failed copy is left")
	}
}

// TestBackupOfBroken: what is not sound is not taken for a copy.
func TestBackupOfBroken(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "incidents.db")
	r := must2(Open(t.Context(), path, options(t)))
	filed(t, r, "d1", 7)
	must(t, r.Check(t.Context()))
	must(t, r.Close())
	raw(t, path, "UPDATE history SET incident = 99")

	broken := must2(OpenReader(t.Context(), path))
	defer broken.Close()
	copied := filepath.Join(folder, "copy.db")
	if err := broken.Backup(t.Context(), copied); !errors.Is(err, incident.ErrBroken) || !strings.Contains(err.Error(), "history") {
		t.Errorf("a copy with a broken reference: %v", err)
	}
	if left := must2(filepath.Glob(copied + "*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestMeta(t *testing.T) {
	r := fresh(t)
	same(t, "unset", must2(r.Meta(t.Context(), "k")), "")
	must(t, r.SetMeta(t.Context(), "k", "v1"))
	must(t, r.SetMeta(t.Context(), "k", "v2"))
	same(t, "set", must2(r.Meta(t.Context(), "k")), "v2")
	must(t, r.Ping(t.Context()))
}

// TestMarks: one format is written, those of former releases are read.
func TestMarks(t *testing.T) {
	r := fresh(t)
	must(t, r.SetMark(t.Context(), "m", after(1).Add(1234567)))
	same(t, "kept", must2(r.Meta(t.Context(), "m")), "2026-11-22T07:00:01.001Z")
	for kept, want := range map[string]time.Time{
		"": {}, "2026-11-22T07:00:00Z": noon, "2026-11-22T12:00:00.5+05:00": noon.Add(time.Second / 2),
		"2026-11-22": noon.Add(-7 * time.Hour), strconv.FormatInt(noon.UnixMilli(), 10): noon,
	} {
		must(t, r.SetMeta(t.Context(), "m", kept))
		same(t, kept, must2(r.Mark(t.Context(), "m")), want)
	}
	must(t, r.SetMark(t.Context(), "m", time.Time{}))
	same(t, "forgotten", must2(r.Mark(t.Context(), "m")), time.Time{})
	must(t, r.SetMeta(t.Context(), "m", "soon"))
	if _, err := r.Mark(t.Context(), "m"); err == nil {
		t.Error("a word is taken for a time")
	}
}
