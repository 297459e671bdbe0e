package storage

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"intakebot/outbox"
)

// came stores updates with these ids, one batch.
func came(t *testing.T, r *Register, at time.Time, ids ...int64) {
	t.Helper()
	var us []outbox.Update
	for _, id := range ids {
		us = append(us, update(id, 7, fmt.Sprint("update ", id)))
	}
	must2(r.Receive(t.Context(), at, us))
}

// missing are the gaps of which nobody was told, as «first-last».
func missing(t *testing.T, r *Register, seenBefore time.Time) (all []string) {
	t.Helper()
	for _, g := range must2(r.Gaps(t.Context(), seenBefore)) {
		all = append(all, fmt.Sprintf("%d-%d", g.First, g.Last))
	}
	return all
}

func TestGaps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incidents.db")
	r := must2(Open(t.Context(), path, options(t)))
	came(t, r, noon, 100, 101)
	came(t, r, after(60), 101, 105) // 101 once more
	came(t, r, after(61), 106, 110)
	same(t, "too young", len(missing(t, r, after(60))), 0)
	same(t, "seen", missing(t, r, after(62)), []string{"102-104", "107-109"})

	must(t, r.Close())
	r = openAt(t, path)
	came(t, r, after(63), 108, 103) // late
	same(t, "split by the late ones", missing(t, r, after(99)), []string{"102-102", "107-107", "109-109", "104-104"})
	came(t, r, after(64), 102, 104, 109)
	same(t, "filled", missing(t, r, after(99)), []string{"107-107"})

	g := must2(r.Gaps(t.Context(), after(99)))[0]
	same(t, "gap", g, outbox.Gap{ID: g.ID, First: 107, Last: 107, FromAt: after(61), SeenAt: after(61)})
	for range 2 { // it may be repeated
		must(t, r.TellGaps(t.Context(), []int64{g.ID}, after(200), message("gap", outbox.DeskChat, 1)))
	}
	same(t, "told", len(missing(t, r, after(999))), 0)
	same(t, "told in the outbox", value[int](t, r, `SELECT count(*) FROM outbox`), 1)
	same(t, "counted", must2(r.Counts(t.Context())).Missing, 1)
	must(t, r.Prune(t.Context(), after(300).Add(31*24*time.Hour)))
	same(t, "forgotten", must2(r.Counts(t.Context())).Missing, 0)
}

// Ids begin anew after a quiet week, and elsewhere: neither is a gap.
func TestRenumberedUpdates(t *testing.T) {
	for _, c := range []struct {
		name  string
		then  int64
		later time.Duration
		want  []string
	}{
		{"the next", 1001, 30 * 24 * time.Hour, nil},
		{"ahead", 1004, time.Hour, []string{"1001-1003"}},
		{"ahead after a day", 1004, 25 * time.Hour, []string{"1001-1003"}},
		{"ahead after a week", 1004, 7 * 24 * time.Hour, nil},
		{"below after a week", 990, 7 * 24 * time.Hour, nil},
		{"far ahead", 900_000, time.Hour, nil},
		{"far below", -90_000, time.Hour, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := fresh(t)
			came(t, r, noon, 1000)
			came(t, r, noon.Add(c.later), c.then)
			came(t, r, noon.Add(c.later), c.then+1)
			same(t, "gaps", missing(t, r, noon.Add(c.later+time.Hour)), c.want)
		})
	}
}
