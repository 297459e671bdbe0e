package harness

import (
	"os"
	"path/filepath"
)

// FillDisk leaves no byte free on the database's disk; empty gives all back.
func (h *Harness) FillDisk() (empty func()) {
	h.Helper()
	path := filepath.Join(filepath.Dir(h.Env["SQLITE_PATH"]), "filler")
	file, err := os.Create(path)
	if err != nil {
		h.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	file.Close()
	return func() {
		if err := os.Remove(path); err != nil {
			h.Fatal(err)
		}
	}
}
