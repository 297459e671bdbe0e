package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"intakebot/incident"
)

// abandoned is a register with some incidents, a copy made after the first of
// them, and the path of both.
func abandoned(t *testing.T, incidents int) (path, copied string, all []incident.Incident) {
	t.Helper()
	folder := t.TempDir()
	path, copied = filepath.Join(folder, "incidents.db"), filepath.Join(folder, "copy.db")
	r := must2(Open(t.Context(), path, options(t)))
	for k := range incidents {
		all = append(all, filed(t, r, string(rune('a'+k)), 7))
		if k == 0 {
			must(t, r.Backup(t.Context(), copied))
		}
	}
	must(t, r.Close())
	return path, copied, all
}

// restored opens a register and registers one more incident.
func restored(t *testing.T, path string) (r *Register, next incident.Number) {
	t.Helper()
	r = openAt(t, path)
	return r, filed(t, r, "later", 8).Number
}

// TestRestore: numbers that were given after the copy was made are not given
// again, whatever is known of them.
func TestRestore(t *testing.T) {
	number := func(seq int) incident.Number { return incident.NewNumber(2026, seq) }
	for name, c := range map[string]struct {
		lose bool // the former database is gone
		how  Restoration
		want Restored
	}{
		"the former database is there": {want: Restored{Next: number(4), Lost: []incident.Number{number(2), number(3)}}},
		"it is gone":                   {lose: true, want: Restored{Next: number(102), Skipped: true}},
		"the last number is known":     {lose: true, how: Restoration{After: number(3)}, want: Restored{Next: number(4)}},
		"nothing came later":           {lose: true, how: Restoration{Complete: true}, want: Restored{Next: number(2)}},
	} {
		t.Run(name, func(t *testing.T) {
			path, copied, all := abandoned(t, 3)
			if c.lose {
				must(t, os.Remove(path))
			}
			c.how.File, c.how.Options = copied, options(t)
			got := must2(Restore(t.Context(), path, c.how))
			if kept := got.Replaced; (kept == "") != c.lose {
				t.Errorf("the former database is %q", kept)
			} else if kept != "" {
				former := must2(OpenReader(t.Context(), kept))
				same(t, "kept", must2(former.Incident(t.Context(), all[2].Number)), all[2])
				must(t, former.Close())
			}
			c.want.Incidents, c.want.Last, c.want.Replaced = 1, all[0].Number, got.Replaced
			same(t, "restored", got, c.want)
			r, next := restored(t, path)
			same(t, "the next number", next, c.want.Next)
			same(t, "the copy's incident", must2(r.Incident(t.Context(), all[0].Number)), all[0])
			if left := must2(filepath.Glob(path + ".restoring*")); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// TestRestoreWithMoreKnown: who learns later which number was the last one restores anew,
// and the numbers that were left out are given after all.
func TestRestoreWithMoreKnown(t *testing.T) {
	for name, c := range map[string]struct {
		how  Restoration
		want int
	}{
		"nothing more is known":    {Restoration{}, 102},
		"the last number is known": {Restoration{After: incident.NewNumber(2026, 3)}, 4},
		"nothing came later":       {Restoration{Complete: true}, 2},
	} {
		path, copied, _ := abandoned(t, 3)
		must(t, os.Remove(path))
		must2(Restore(t.Context(), path, Restoration{File: copied, Options: options(t)}))
		c.how.File, c.how.Options = copied, options(t)
		got := must2(Restore(t.Context(), path, c.how))
		same(t, name, got.Next, incident.NewNumber(2026, c.want))
	}
}

// TestRestoreOverBroken: what cannot be read is replaced too, and a log that is
// left beside it does not get into the new database.
func TestRestoreOverBroken(t *testing.T) {
	path, copied, all := abandoned(t, 2)
	must(t, os.WriteFile(path, []byte("no database at all"), fileMode))
	must(t, os.WriteFile(path+"-wal", []byte("no log at all"), fileMode))
	got := must2(Restore(t.Context(), path, Restoration{File: copied, Options: options(t)}))
	same(t, "kept", string(must2(os.ReadFile(got.Replaced))), "no database at all")
	r, next := restored(t, path)
	same(t, "the next number", next, got.Next)
	same(t, "the copy's incident", must2(r.Incident(t.Context(), all[0].Number)), all[0])
}

// TestRestoreAgain: a second restoration within the second, perhaps of the right
// copy, leaves what the first one has set aside.
func TestRestoreAgain(t *testing.T) {
	path, copied, all := abandoned(t, 2)
	first := must2(Restore(t.Context(), path, Restoration{File: copied, Options: options(t)}))
	second := must2(Restore(t.Context(), path, Restoration{File: copied, Options: options(t)}))
	if first.Replaced == second.Replaced {
		t.Errorf("both are %s", first.Replaced)
	}
	former := openAt(t, first.Replaced)
	same(t, "kept", must2(former.Incident(t.Context(), all[1].Number)), all[1])
}

// TestRestoreRefuses: in every refusal the register stays as it is.
func TestRestoreRefuses(t *testing.T) {
	path, copied, all := abandoned(t, 2)
	folder := filepath.Dir(path)
	newer, nonsense, empty := filepath.Join(folder, "newer.db"), filepath.Join(folder, "nonsense.db"), filepath.Join(folder, "empty.db")
	must(t, os.WriteFile(newer, must2(os.ReadFile(copied)), fileMode))
	raw(t, newer, "PRAGMA user_version = 99")
	must(t, os.WriteFile(nonsense, []byte("this is no database, and longer than a header of SQLite's would be, by far, a hundred bytes and more"), fileMode))
	must(t, os.WriteFile(empty, nil, fileMode))
	for file, want := range map[string]error{
		newer: ErrNewerDatabase, nonsense: incident.ErrBroken, empty: nil, path: nil, filepath.Join(folder, "missing.db"): fs.ErrNotExist,
	} {
		if _, err := Restore(t.Context(), path, Restoration{File: file, Options: options(t)}); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", file, err, want)
		}
	}
	running := must2(Open(t.Context(), path, options(t)))
	if _, err := Restore(t.Context(), path, Restoration{File: copied, Options: options(t)}); !errors.Is(err, ErrLocked) {
		t.Errorf("while it runs: %v", err)
	}
	same(t, "untouched", must2(running.Incident(t.Context(), all[1].Number)), all[1])
	must(t, running.Close())
	if kept := must2(filepath.Glob(path + ".re*")); len(kept) > 0 {
		t.Errorf("left: %q", kept)
	}
}

// TestRestoreForgetsAgain: who was forgotten after the copy was made does not
// come back with it.
func TestRestoreForgetsAgain(t *testing.T) {
	path, copied, all := abandoned(t, 2)
	r := must2(Open(t.Context(), path, options(t)))
	must(t, r.Forget(t.Context(), 7, noon, nil))
	must(t, r.Close())
	got := must2(Restore(t.Context(), path, Restoration{File: copied, Options: options(t)}))
	same(t, "erased again", got.Erased, 1)
	r = openAt(t, path)
	if i := must2(r.Incident(t.Context(), all[0].Number)); !i.Erased() || i.Description() != "" {
		t.Errorf("came back: %+v", i)
	}
	same(t, "the person", must2(r.Reporter(t.Context(), 7)), incident.Reporter{Chat: 7})
	same(t, "left to do", must2(r.Erasures(t.Context())), []int64{0})
}

// TestRestoreOverOneBegunAnew: after a disk was lost, the program may have begun a
// new register, which gave numbers of the copy to others. Those incidents are
// lost, and whoever was forgotten there is nobody of the copy.
func TestRestoreOverOneBegunAnew(t *testing.T) {
	path, copied, all := abandoned(t, 1)
	must(t, os.Remove(path))
	r := must2(Open(t.Context(), path, options(t)))
	same(t, "a number twice", filed(t, r, "anew", 9).Number, all[0].Number)
	filed(t, r, "anew too", 10)
	must(t, r.Forget(t.Context(), 9, noon, nil))
	must(t, r.Close())
	got := must2(Restore(t.Context(), path, Restoration{File: copied, Options: options(t)}))
	same(t, "lost", got.Lost, []incident.Number{all[0].Number, incident.NewNumber(2026, 2)})
	same(t, "erased again", got.Erased, 0)
	same(t, "numbers left out", got.Skipped, true)
	r, next := restored(t, path)
	same(t, "the next number", next, incident.NewNumber(2026, 102))
	same(t, "the copy's incident", must2(r.Incident(t.Context(), all[0].Number)), all[0])
}
