package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// toll is what the kills came to.
type toll struct {
	hows      map[string]int
	starts    []time.Duration
	incidents int
	updates   int
	letters   int
	sent      int
}

func (t *toll) killed(how string) {
	if t.hows == nil {
		t.hows = map[string]int{}
	}
	t.hows[how]++
}

func (t *toll) add(o toll) {
	for how, n := range o.hows {
		for range n {
			t.killed(how)
		}
	}
	t.starts = append(t.starts, o.starts...)
	t.incidents += o.incidents
	t.updates += o.updates
	t.letters += o.letters
	t.sent += o.sent
}

func (t *toll) longest() time.Duration {
	if len(t.starts) == 0 {
		return 0
	}
	return slices.Max(t.starts)
}

func (t *toll) String() string {
	var out strings.Builder
	all := 0
	for _, how := range slices.SortedFunc(maps.Keys(t.hows), func(a, b string) int { return cmp.Compare(t.hows[b], t.hows[a]) }) {
		fmt.Fprintf(&out, "%5d  %s\n", t.hows[how], how)
		all += t.hows[how]
	}
	fmt.Fprintf(&out, "%5d  kills; %d updates, %d incidents, %d letters accepted, %d messages sent\n", all, t.updates, t.incidents, t.letters, t.sent)
	if n := len(t.starts); n > 0 {
		slices.Sort(t.starts)
		fmt.Fprintf(&out, "from a death to the next poll: median %v, 99 of 100 within %v, longest %v (%d starts that came to poll)\n",
			t.starts[n/2].Round(time.Millisecond), t.starts[n*99/100].Round(time.Millisecond), t.starts[n-1].Round(time.Millisecond), n)
	}
	return out.String()
}
