package storage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

func TestRegister(t *testing.T) {
	r := fresh(t)
	rep := report("d1", 7)
	got, created, err := r.Register(t.Context(), rep, tell("number:d1"))
	if err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
	want := incident.Incident{
		Number: incident.NewNumber(2026, 1), DraftID: "d1", Reporter: 7, Status: incident.Registered,
		Answers: rep.Answers, Attachments: rep.Attachments, RegisteredAt: noon, StatusAt: noon, Version: 1,
		History: []incident.Entry{{At: noon, Kind: incident.KindRegistered, By: incident.ByReporter}},
	}
	same(t, "registered", got, want)

	read, err := r.Incident(t.Context(), got.Number)
	must(t, err)
	same(t, "read", read, want)
	if _, err := r.Incident(t.Context(), incident.NewNumber(2026, 2)); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("an unknown number: %v", err)
	}

	must(t, r.GiveConsent(t.Context(), 7, incident.Consent{Version: "1", At: after(-60)}))
	person, err := r.Reporter(t.Context(), 7)
	must(t, err)
	same(t, "person", person, incident.Reporter{Chat: 7, Consent: incident.Consent{Version: "1", At: after(-60)},
		Remembered: rep.Answers[:2], Incidents: []incident.Incident{want},
		Stored: incident.Stored{Incidents: 1, Open: 1, Files: 1}})

	posts, err := r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 10)
	must(t, err)
	if len(posts) != 1 || string(posts[0].Body) != string(got.Number)+" v1" {
		t.Errorf("posts %+v", posts)
	}
	if _, _, err := r.Register(t.Context(), report("d1", 8), nil); err == nil {
		t.Error("another person registered the same draft")
	}
}

func TestRegisterTenTimesAtOnce(t *testing.T) {
	r := fresh(t)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		made    int
		numbers = map[incident.Number]bool{}
	)
	for range 10 {
		wg.Go(func() {
			i, created, err := r.Register(t.Context(), report("d1", 7), tell("number:d1"))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			numbers[i.Number] = true
			if created {
				made++
			}
		})
	}
	wg.Wait()
	if made != 1 || len(numbers) != 1 {
		t.Errorf("%d made, numbers %v", made, numbers)
	}
	same(t, "outbox rows", value[int](t, r, `SELECT count(*) FROM outbox`), 1)
}

// Numbers have no gap, whatever fails in between and however many come at once.
func TestNumbersAreGapless(t *testing.T) {
	r := fresh(t)
	const people, each = 8, 25
	var wg sync.WaitGroup
	for p := range people {
		wg.Go(func() {
			for n := range each {
				draft := fmt.Sprintf("d-%d-%d", p, n)
				switch n % 5 {
				case 1:
					_, _, err := r.Register(t.Context(), report(draft, int64(p)), func(incident.Incident) ([]outbox.Message, error) {
						return nil, errors.New("cannot be told")
					})
					if err == nil {
						t.Error("a failed compose registered")
					}
				case 2:
					_, _, err := r.Register(t.Context(), report(draft, int64(p)), func(incident.Incident) ([]outbox.Message, error) {
						panic("compose panics")
					})
					if err == nil {
						t.Error("a panic registered")
					}
				}
				if _, created, err := r.Register(t.Context(), report(draft, int64(p)), tell(draft)); err != nil || !created {
					t.Errorf("created %v, %v", created, err)
				}
			}
		})
	}
	wg.Wait()
	seq := 0
	must(t, r.Each(t.Context(), incident.Period{}, func(i incident.Incident) error {
		seq++
		if i.Number != incident.NewNumber(2026, seq) {
			t.Errorf("the %d-th number is %s", seq, i.Number)
		}
		return nil
	}))
	same(t, "incidents", seq, people*each)
	same(t, "messages", value[int](t, r, `SELECT count(*) FROM outbox`), people*each)
}

// The year begins in the time zone of the people, not in UTC.
func TestYearOfNumber(t *testing.T) {
	r := fresh(t)
	newYear := time.Date(2026, 12, 31, 19, 0, 0, 0, time.UTC) // midnight in Yekaterinburg
	for n, c := range []struct {
		at   time.Time
		want incident.Number
	}{
		{newYear.Add(-time.Second), incident.NewNumber(2026, 1)},
		{newYear, incident.NewNumber(2027, 1)},
		{newYear.Add(-time.Millisecond), incident.NewNumber(2026, 2)}, // came late
		{newYear.Add(time.Hour), incident.NewNumber(2027, 2)},
	} {
		rep := report(fmt.Sprint("d", n), 7)
		rep.At = c.at
		i, _, err := r.Register(t.Context(), rep, nil)
		must(t, err)
		same(t, "number", i.Number, c.want)
	}
	var inYear []incident.Number
	must(t, r.Each(t.Context(), incident.Period{From: newYear, To: newYear.Add(time.Hour)}, func(i incident.Incident) error {
		inYear = append(inYear, i.Number)
		return nil
	}))
	same(t, "filtered", inYear, []incident.Number{incident.NewNumber(2027, 1)})
}

func TestEachPages(t *testing.T) {
	r := fresh(t)
	for n := range page + 3 {
		filed(t, r, fmt.Sprint("d", n), 7)
	}
	seq := 0
	must(t, r.Each(t.Context(), incident.Period{}, func(i incident.Incident) error {
		if seq++; i.Number != incident.NewNumber(2026, seq) {
			return fmt.Errorf("%s at %d", i.Number, seq)
		}
		return nil
	}))
	same(t, "incidents", seq, page+3)
	stop := errors.New("stop")
	if err := r.Each(t.Context(), incident.Period{}, func(incident.Incident) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the error of yield: %v", err)
	}
	person, err := r.Reporter(t.Context(), 7)
	must(t, err)
	same(t, "all open ones", len(person.Incidents), page+3)
	must(t, r.change(t.Context(), `UPDATE incidents SET status = 'closed' WHERE id > 1`))
	person, err = r.Reporter(t.Context(), 7)
	must(t, err)
	same(t, "the latest and the open one", len(person.Incidents), recent+1)
	same(t, "newest first", person.Incidents[0].Number, incident.NewNumber(2026, page+3))
	same(t, "oldest", person.Incidents[recent].Number, incident.NewNumber(2026, 1))
}

func TestAct(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	a := incident.Act{ID: "a1", Number: i.Number, Action: incident.Append, By: incident.ByReporter, Reporter: 7, Text: "ещё снимок", At: after(5),
		Attachments: []incident.Attachment{{Kind: incident.Document, FileID: "doc", Name: "журнал.txt", Size: 3}}}
	got, added, err := r.Act(t.Context(), a, tell("added:a1"))
	if err != nil || !added {
		t.Fatalf("added %v, %v", added, err)
	}
	want := i
	want.Version = 2
	want.Attachments = append(want.Attachments, a.Attachments...)
	want.History = append(want.History, incident.Entry{At: after(5), Kind: incident.KindAdded, By: incident.ByReporter,
		Text: a.Text, Attachments: a.Attachments})
	same(t, "with the addition", got, want)

	got, added, err = r.Act(t.Context(), a, func(incident.Incident) ([]outbox.Message, error) {
		return nil, errors.New("told twice")
	})
	if err != nil || added {
		t.Fatalf("again: added %v, %v", added, err)
	}
	same(t, "again", got, want)

	refusedAct := incident.Act{ID: "a3", Number: i.Number, Action: incident.Confirm, By: incident.ByReporter, Reporter: 7, At: after(6)}
	var refused *incident.Refused
	if _, _, err := r.Act(t.Context(), refusedAct, nil); !errors.As(err, &refused) || refused.Last.Kind != incident.KindRegistered {
		t.Errorf("confirmed without a solution: %v", err)
	}
	solved, changed, err := r.Act(t.Context(), incident.Act{ID: "s1", Number: i.Number, Action: incident.Solve, By: incident.ByDesk,
		Name: "Игорь", Text: "Заменили блок питания", At: after(7)}, nil)
	if err != nil || !changed || solved.Status != incident.Resolved || solved.Assignee != "Игорь" || !solved.StatusAt.Equal(after(7)) {
		t.Errorf("solved: %+v, %v, %v", solved, changed, err)
	}

	a.ID, a.Reporter = "a2", 8
	if _, _, err := r.Act(t.Context(), a, nil); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("another person's incident: %v", err)
	}
}

func TestPeople(t *testing.T) {
	r := fresh(t)
	unknown, err := r.Reporter(t.Context(), 9)
	must(t, err)
	same(t, "unknown", unknown, incident.Reporter{Chat: 9})

	filed(t, r, "d1", 7)
	must(t, r.GiveConsent(t.Context(), 7, incident.Consent{Version: "2", At: noon}))
	must(t, r.Unreachable(t.Context(), 7, after(1)))
	must(t, r.Unreachable(t.Context(), 7, after(9)))
	since, err := r.UnreachableSince(t.Context(), 7)
	must(t, err)
	same(t, "unreachable since", since, after(1))
	must(t, r.Reachable(t.Context(), 7))
	since, err = r.UnreachableSince(t.Context(), 7)
	must(t, err)
	same(t, "reachable", since.IsZero(), true)

	must(t, r.Unreachable(t.Context(), 9, after(1)))
	same(t, "kept of a stranger", value[int](t, r, `SELECT count(*) FROM people WHERE chat = 9`), 0)
}

func TestContextEnds(t *testing.T) {
	r := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := r.Register(ctx, report("d1", 7), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("write: %v", err)
	}
	if _, err := r.Reporter(ctx, 7); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	// The writer is held by a job; the caller of the next one gives up.
	held, free := make(chan bool), make(chan bool)
	go r.writer.do(context.Background(), func(*session) error { held <- true; <-free; return nil })
	<-held
	ctx, cancel = context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, _, err := r.Register(ctx, report("d2", 7), nil); done <- err }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("waiting: %v", err)
	}
	close(free)
	filed(t, r, "d3", 7)
}

// TestColleaguesOfOneName: who works on an incident is known by id, so that one of
// two who are called the same can take it over from the other; of an assignee of
// whom only the name is known, the name decides.
func TestColleaguesOfOneName(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	act := func(id string, what incident.Action, member int64) (incident.Incident, error) {
		now, _, err := r.Act(t.Context(), incident.Act{ID: id, Number: i.Number, Action: what, By: incident.ByDesk,
			Name: "Игорь", MemberID: member, At: after(1)}, nil)
		return now, err
	}
	must2(act("1", incident.Take, 501))
	same(t, "kept", must2(r.Incident(t.Context(), i.Number)).AssigneeID, int64(501))
	var refused *incident.Refused
	if _, err := act("2", incident.HandOver, 501); !errors.As(err, &refused) {
		t.Errorf("from oneself: %v", err)
	}
	same(t, "taken over", must2(act("3", incident.HandOver, 502)).AssigneeID, int64(502))
	same(t, "given back", must2(act("4", incident.Return, 502)).AssigneeID, int64(0))
	must(t, r.change(t.Context(), `UPDATE incidents SET status = 'in_progress', assignee = 'Игорь'`))
	if _, err := act("5", incident.HandOver, 502); !errors.As(err, &refused) {
		t.Errorf("from one of whom the name is known: %v", err)
	}
}
