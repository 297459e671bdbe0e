package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"intakebot/storage"
)

// TestOutdatedCopies: after two months of hourly copies those of the last day
// are there, and one of each of thirty days, its last.
func TestOutdatedCopies(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 10, 1, 0, 30, 0, 0, time.UTC)
	var have []time.Time
	for hour := range 60 * 24 {
		have = append(have, begin.Add(time.Duration(hour)*time.Hour))
		for _, old := range outdated(have) {
			for k, at := range have {
				if at.Equal(old) {
					have = append(have[:k:k], have[k+1:]...)
					break
				}
			}
		}
	}
	// The last day's 24 are the last copy of that day too: 29 other days.
	if len(have) != 24+29 {
		t.Fatalf("%d copies are kept", len(have))
	}
	newest := begin.Add(60*24*time.Hour - time.Hour)
	for k := range 24 {
		if want := newest.Add(-time.Duration(23-k) * time.Hour); !have[29+k].Equal(want) {
			t.Errorf("hourly copy %d is of %v, not %v", k, have[29+k], want)
		}
	}
	for k := range 29 {
		if want := newest.AddDate(0, 0, k-29); !have[k].Equal(want) {
			t.Errorf("daily copy %d is of %v, not %v", k, have[k], want)
		}
	}
}

// TestPartsOfCopies: what a crash left of an automatic copy goes, a copy that
// somebody is making by hand in the same folder does not.
func TestPartsOfCopies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	byHand := "incidents-before-the-update.db.1234.part"
	for _, name := range []string{"incidents-20261122T100000Z.db.5678.part", "incidents-20261122T100000Z.db.5678.part-journal", byHand} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := backups{folder: folder}
	if err := c.remove(nil); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if want := []string{filepath.Join(folder, byHand)}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left: %q, %v", left, err)
	}
}

// TestCopiesWithTheClockSetBack: a copy of a later time makes no copy a minute.
func TestCopiesWithTheClockSetBack(t *testing.T) {
	t.Parallel()
	path, folder := filepath.Join(t.TempDir(), "incidents.db"), t.TempDir()
	register, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer register.Close()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	c := &backups{register: register.Reader, folder: folder, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
	for _, passed := range []time.Duration{0, -3 * time.Hour, time.Minute, time.Minute, 58 * time.Minute} {
		now = now.Add(passed)
		if err := c.keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Fresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if have, err := c.list(); err != nil || len(have) != 3 {
		t.Errorf("%d copies, not 3: %v, %v", len(have), have, err)
	}
}

// TestCopyPauses: a copy that fails is not begun anew each minute for ever.
func TestCopyPauses(t *testing.T) {
	t.Parallel()
	for failures, want := range []time.Duration{time.Minute, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		if got := copyPause(failures); got != want {
			t.Errorf("after %d failures: %v, not %v", failures, got, want)
		}
	}
}
