//go:build failpoint

package failpoint

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// The point at which this process ends, and how many passes are left until then.
var (
	last Point
	left atomic.Int64
)

func init() {
	value, set := os.LookupEnv("FAILPOINT")
	if !set {
		return
	}
	name, count, _ := strings.Cut(value, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 || !slices.Contains(Points, Point(name)) {
		fmt.Fprintf(os.Stderr, "FAILPOINT should be name:n, n from 1 and name one of %v\n", Points)
		os.Exit(2)
	}
	last = Point(name)
	left.Store(n)
}

// Pass kills the process if FAILPOINT asks for it.
func Pass(p Point) {
	if p != last || left.Add(-1) != 0 {
		return
	}
	fmt.Fprintln(os.Stderr, "killed at", p)
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}
