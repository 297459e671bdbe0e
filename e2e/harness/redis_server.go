package harness

import (
	"testing"
	"time"
)

// Eventually waits for what no event tells of.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for late := time.Now().Add(Patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("in vain: " + what)
		}
	}
}
