package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/storage"
)

// TestBackupDrill: copies are made while people file; after the disk is gone the
// last copy is put in its place, and every number that was read before that copy
// began is in the register, no number is given twice, and the bot goes on.
func TestBackupDrill(t *testing.T) {
	t.Parallel()
	// Presses that the copy holds as unanswered are answered again, in vain.
	h := harness.Start(t, func(h *harness.Harness) { h.Refusals = true })
	var (
		mu   sync.Mutex
		told []incident.Number
		work sync.WaitGroup
		full = make(chan struct{})
	)
	for range 4 {
		c := h.Clerk()
		work.Go(func() {
			numbers := []incident.Number{c.Files()}
			for k := 0; ; k++ {
				mu.Lock()
				told = append(told, numbers[len(numbers)-1])
				mu.Unlock()
				select {
				case <-full:
					return
				default:
				}
				numbers = append(numbers, c.FilesAgain(fmt.Sprintf("Связи снова нет, случай %d.", k)))
			}
		})
	}
	heard := func() []incident.Number {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(told)
	}
	folder := t.TempDir()
	var before []incident.Number
	copied := ""
	for k := range 3 {
		for more := len(heard()) + 4; len(heard()) < more && !t.Failed(); {
			time.Sleep(5 * time.Millisecond)
		}
		before, copied = heard(), filepath.Join(folder, fmt.Sprint(k, ".db"))
		if p := h.Process("backup", copied); p.Code() != 0 {
			t.Errorf("backup: %s", p.Out)
		}
	}
	close(full)
	work.Wait()
	h.Close()
	for _, ending := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(h.Env["SQLITE_PATH"] + ending)
	}
	p := h.Process("restore", copied)
	if p.Code() != 0 || !strings.Contains(p.Out.String(), "the next number is") {
		t.Fatalf("restore: %s", p.Out)
	}
	r, err := storage.OpenReader(t.Context(), h.Env["SQLITE_PATH"])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, n := range before {
		if _, err := r.Incident(t.Context(), n); err != nil {
			t.Errorf("%s was told before the copy was made: %v", n, err)
		}
	}
	h.Open()
	if n := h.Clerk().Files(); slices.Contains(heard(), n) {
		t.Errorf("%s was told to somebody else before", n)
	}
	t.Logf("%d incidents, %d before the copy", len(heard()), len(before))
}

// TestAutomaticCopies: BACKUP_DIR holds a copy from the start on, and another
// one every hour; each is a whole register that only its owner can read.
func TestAutomaticCopies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	h := harness.Start(t, harness.With("BACKUP_DIR", folder))
	h.Logged.Await(t, "the register was copied", 1)
	anna := h.Clerk()
	n := anna.Files()
	anna.Settled()
	h.Pass(59 * time.Minute)
	h.Restart() // the clock was moved, and is looked at once a minute
	anna.Settled()
	h.Pass(time.Minute)
	h.Restart()
	h.Logged.Await(t, "the register was copied", 2)
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%q, %v", files, err)
	}
	slices.Sort(files)
	if info, err := os.Stat(files[1]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	r, err := storage.OpenReader(t.Context(), files[1])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Incident(t.Context(), n); err != nil {
		t.Error(err)
	}
}
