//go:build litestream

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/storage"
)

// TestLitestream copies the register continuously with a real litestream while
// people file, ends both as a power cut does, and compares what comes back:
// everything that was told before the last copy, and no row that differs.
//
//	go install github.com/benbjohnson/litestream/cmd/litestream@v0.5.18
//	go test -tags litestream -run TestLitestream .
func TestLitestream(t *testing.T) {
	litestream, err := exec.LookPath("litestream")
	if err != nil {
		t.Fatal(err)
	}
	h := harness.Start(t, harness.OverRedis, harness.InRealTime, harness.Closed)
	bot := h.Process("serve")
	anna := h.Clerk()
	numbers := []incident.Number{anna.Files()}

	folder := t.TempDir()
	config := filepath.Join(folder, "litestream.yml")
	text := fmt.Sprintf("dbs:\n  - path: %s\n    replica:\n      type: file\n      path: %s\n", h.Env["SQLITE_PATH"], filepath.Join(folder, "replica"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	said := harness.NewRecord()
	copier := exec.Command(litestream, "replicate", "-config", config)
	copier.Stdout, copier.Stderr = said, said
	if err := copier.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = copier.Process.Kill(); _ = copier.Wait(); t.Log(said) })

	began := time.Now()
	bot.Stops() // the copier reads while the database is closed
	t.Log("the graceful stop took", time.Since(began))
	bot = h.Process("serve")
	for k := range 4 {
		numbers = append(numbers, anna.FilesAgain(fmt.Sprintf("Связи снова нет, случай %d.", k)))
	}
	anna.Settled()
	time.Sleep(3 * time.Second) // litestream copies once a second
	bot.Kill()
	_ = copier.Process.Kill()

	restored := filepath.Join(folder, "restored.db")
	if out, err := exec.Command(litestream, "restore", "-config", config, "-o", restored, h.Env["SQLITE_PATH"]).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if p := h.Process("restore", "--complete", restored); p.Code() != 0 {
		t.Fatal(p.Out)
	}
	former, err := filepath.Glob(h.Env["SQLITE_PATH"] + ".replaced-*Z")
	if err != nil || len(former) != 1 {
		t.Fatalf("%q, %v", former, err)
	}
	if diff := cmp.Diff(register(t, former[0]), register(t, h.Env["SQLITE_PATH"])); diff != "" {
		t.Errorf("(-former +restored):\n%s", diff)
	}
	again := h.Process("serve")
	if n := anna.FilesAgain("После восстановления."); slices.Contains(numbers, n) {
		t.Errorf("%s is given twice", n)
	}
	again.Stops()
}

// register is everything that is known of every incident in a database.
func register(t *testing.T, path string) (all []incident.Incident) {
	t.Helper()
	r, err := storage.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Each(t.Context(), incident.Period{}, func(i incident.Incident) error { all = append(all, i); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Errorf("%s holds nothing", path)
	}
	return all
}
