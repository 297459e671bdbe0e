//go:build unix

package selfcheck

import (
	"os"
	"syscall"
)

// sameDisk says whether two folders are known to be on one disk.
func sameDisk(a, b string) bool {
	device := func(folder string) (uint64, bool) {
		info, err := os.Stat(folder)
		if err != nil {
			return 0, false
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return 0, false
		}
		return uint64(stat.Dev), true // its type differs by system
	}
	one, known := device(a)
	other, both := device(b)
	return known && both && one == other
}
