package main

import (
	"testing"
	"time"
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
