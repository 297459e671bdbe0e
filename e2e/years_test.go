package e2e

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

var (
	yearsSeeds = flag.Int("years.seeds", 0, "how many seeds TestYears plays; 0: the usual number")
	yearsSeed  = flag.Uint64("years.seed", 0, "the first of them; alone: this one only")
)

// foundSeeds once showed something that was wrong; they are always played.
var foundSeeds = []uint64{249, 277}

// TestYears: the program itself lives through years of crashes, outages, lost
// replies, refused letters and jumps of the clock, while people file incidents
// and the desk works on them; afterwards the oracle finds every promise kept.
// Simulated Telegram, mail relay and clock are in memory, the register is a
// file, and time is the bubble's: it costs nothing.
//
// A seed that fails is played again by -run TestYears -years.seed=N. What the
// driver does and what fails follows from the seed; in which order goroutines
// run does not, so a seed may have to be played several times.
func TestYears(t *testing.T) {
	t.Parallel()
	var lives, seeds atomic.Int64
	t.Cleanup(func() { t.Logf("%d seeds, %d crashes", seeds.Load(), lives.Load()) })
	for _, seed := range chosenSeeds() {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			folder := quickFolder(t)
			synctest.Test(t, func(t *testing.T) {
				y := beginYear(t, seed, folder)
				y.plays()
				y.calms()
				y.judged()
				lives.Add(int64(y.crashes))
				seeds.Add(1)
			})
			if t.Failed() {
				t.Logf("play it again: go test -run TestYears -years.seed=%d", seed)
			}
		})
	}
}

func chosenSeeds() []uint64 {
	var seeds []uint64
	first, count := *yearsSeed, *yearsSeeds
	switch {
	case first != 0:
		count = max(1, count)
	case count == 0:
		count = usualSeeds
		fallthrough
	default:
		first = 1
		seeds = append(seeds, foundSeeds...)
	}
	for k := range uint64(count) {
		seeds = append(seeds, first+k)
	}
	return seeds
}

// quickFolder is a folder in memory where there is one: a commit then waits
// for no disk.
func quickFolder(t *testing.T) string {
	const shm = "/dev/shm"
	folder, err := os.MkdirTemp(shm, "intakebot-years-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}
