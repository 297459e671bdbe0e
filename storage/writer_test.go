package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/incident"
)

// held stops the writer inside a job and returns the function that lets it go
// on; what is submitted meanwhile is one batch.
func held(t *testing.T, w *writer) (release func()) {
	in, out := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := w.do(context.Background(), func(*session) error { close(in); <-out; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-in
	return func() { close(out); wg.Wait() }
}

// Of a batch, what fails or panics takes back only itself.
func TestBatch(t *testing.T) {
	r := fresh(t)
	release := held(t, r.writer)
	const jobs = 30
	errs := make([]error, jobs)
	var wg sync.WaitGroup
	for n := range jobs {
		wg.Go(func() {
			errs[n] = r.writer.do(t.Context(), func(s *session) error {
				if err := setMeta(s, fmt.Sprint(n), "x"); err != nil {
					return err
				}
				switch n % 3 {
				case 1:
					return errors.New("refused")
				case 2:
					panic("a mistake")
				}
				return nil
			})
		})
	}
	for len(r.writer.jobs) < jobs {
		time.Sleep(time.Millisecond) // until all of them wait
	}
	release()
	wg.Wait()
	for n, err := range errs {
		got := must2(r.Meta(t.Context(), fmt.Sprint(n)))
		if (err == nil) != (n%3 == 0) || (got == "x") != (n%3 == 0) {
			t.Errorf("job %d: error %v, stored %q", n, err, got)
		}
	}
}

// A full disk fails the whole batch, and the next one works again.
func TestDiskFull(t *testing.T) {
	r := fresh(t)
	pages := value[int](t, r, "PRAGMA page_count")
	limit := func(n int) {
		must(t, r.writer.do(t.Context(), func(s *session) error {
			_, err := s.pragma(fmt.Sprintf("max_page_count = %d", n))
			return err
		}))
	}
	limit(pages)
	big := string(make([]byte, 100_000))
	if err := r.SetMeta(t.Context(), "big", big); !errors.Is(err, ErrDiskFull) || errors.Is(err, incident.ErrBroken) {
		t.Errorf("on a full disk: %v", err)
	}
	if _, _, err := r.Register(t.Context(), report("d1", 7), nil); err != nil && !errors.Is(err, ErrDiskFull) {
		t.Errorf("on a full disk: %v", err)
	}
	limit(1 << 30)
	must(t, r.SetMeta(t.Context(), "big", big))
	i, _, err := r.Register(t.Context(), report("d1", 7), nil)
	must(t, err)
	same(t, "number", i.Number, incident.NewNumber(2026, 1))
}

// After a transaction that SQLite took back itself the writer goes on.
func TestTransactionLost(t *testing.T) {
	r := fresh(t)
	err := r.writer.do(t.Context(), func(s *session) error {
		if err := setMeta(s, "k", "v"); err != nil {
			return err
		}
		_, _ = s.exec("ROLLBACK")
		return errors.New("the transaction is gone")
	})
	if err == nil {
		t.Error("no error")
	}
	same(t, "stored", must2(r.Meta(t.Context(), "k")), "")
	must(t, r.SetMeta(t.Context(), "k", "v"))
}

// A commit that fails fails every job of its batch, and leaves nothing.
func TestFailedCommit(t *testing.T) {
	r := fresh(t)
	release := held(t, r.writer)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	jobs := []func(*session) error{
		func(s *session) error { return setMeta(s, "k", "v") },
		func(s *session) error { // broken only when it is committed
			if err := s.script("PRAGMA defer_foreign_keys = 1"); err != nil {
				return err
			}
			_, err := s.exec(`INSERT INTO attachments VALUES (99, 1, '', '', '', 0)`)
			return err
		},
	}
	for n, run := range jobs {
		wg.Go(func() { errs[n] = r.writer.do(t.Context(), run) })
	}
	for len(r.writer.jobs) < len(jobs) {
		time.Sleep(time.Millisecond)
	}
	release()
	wg.Wait()
	if errs[0] == nil || errs[1] == nil {
		t.Errorf("%v", errs)
	}
	same(t, "stored", must2(r.Meta(t.Context(), "k")), "")
	must(t, r.SetMeta(t.Context(), "k", "v"))
}

// The queries that run all the time go through their indexes.
func TestQueryPlans(t *testing.T) {
	r := fresh(t)
	for _, c := range []struct {
		query, index string
		args         int
	}{
		{headsOfPeople, "outbox_in_order", 3},
		{headOfDesk, "outbox_of_desk", 0},
		{letters, "outbox_in_order", 2},
		{nextOfPeople, "outbox_of_chat", 0},
		{selectColumns + staleCards, "incidents_stale", 2},
		{selectIncidents + unannounced, "incidents_unannounced", 1},
		{selectIncidents + reporterEnd, "incidents_of_reporter", 3},
		{selectReceived + waitingOfChat, "inbox_of_chat", 3},
		{selectIncidents + unindexed, "incidents_unindexed", 1},
		{aboutWhat, "incidents_of_card", 2},
	} {
		plan, err := read(t.Context(), r.Reader, func(s *session) (plan string, err error) {
			err = s.each(func(rows *sql.Rows) error {
				var detail string
				var skip any
				err := rows.Scan(&skip, &skip, &skip, &detail)
				plan += detail + "\n"
				return err
			}, "EXPLAIN QUERY PLAN "+c.query, make([]any, c.args)...)
			return plan, err
		})
		must(t, err)
		if !strings.Contains(plan, c.index) || strings.Contains(plan, "SCAN i\n") {
			t.Errorf("%s\n%s", c.query, plan)
		}
	}
}
