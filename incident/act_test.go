package incident

import (
	"errors"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func registered() Incident {
	return Incident{Number: NewNumber(2026, 1), Reporter: 7, Status: Registered, RegisteredAt: noon, StatusAt: noon, Version: 1,
		History: []Entry{{At: noon, Kind: KindRegistered, By: ByReporter}}}
}

func done(t *testing.T, i Incident, acts ...Act) Incident {
	t.Helper()
	for _, a := range acts {
		var err error
		if a.At.IsZero() {
			a.At = noon.Add(time.Hour)
		}
		if i, err = i.Done(a); err != nil {
			t.Fatalf("%s: %v", a.Action, err)
		}
	}
	return i
}

// TestWaysThroughLife goes the ways that the desk and the reporter take.
func TestWaysThroughLife(t *testing.T) {
	for _, c := range []struct {
		name     string
		way      []Action
		want     Status
		assignee string
	}{
		{"solved at once takes it too", []Action{Solve}, Resolved, "Иван"},
		{"asked at once takes it too", []Action{Ask}, Waiting, "Иван"},
		{"an answer goes on", []Action{Take, Ask, Append}, InProgress, "Иван"},
		{"helped", []Action{Take, Solve, Confirm}, Closed, "Иван"},
		{"not helped", []Action{Take, Solve, Reject}, InProgress, "Иван"},
		{"silence", []Action{Solve, Lapse}, Closed, "Иван"},
		{"thanks leave it solved", []Action{Solve, Append}, Resolved, "Иван"},
		{"thanks leave it closed", []Action{Solve, Confirm, Append}, Closed, "Иван"},
		{"a clear no opens again", []Action{Solve, Confirm, Append, Reject}, InProgress, "Иван"},
		{"the reporter closes", []Action{Take, Finish}, Closed, "Иван"},
		{"withdrawn", []Action{Withdraw}, Cancelled, ""},
		{"returned", []Action{Take, Return}, Registered, ""},
		{"a word changes nothing", []Action{Relay, Note}, Registered, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := registered()
			for _, a := range c.way {
				i = done(t, i, Act{Action: a, Name: "Иван"})
			}
			if i.Status != c.want || i.Assignee != c.assignee {
				t.Errorf("%v of %q, want %v of %q", i.Status, i.Assignee, c.want, c.assignee)
			}
			if len(i.History) != len(c.way)+1 || i.Version != len(c.way)+1 {
				t.Errorf("%d entries, version %d after %d acts", len(i.History), i.Version, len(c.way))
			}
		})
	}
}

// TestRefusals: everything that the table does not name is refused, and the
// refusal knows who did what.
func TestRefusals(t *testing.T) {
	taken := done(t, registered(), Act{Action: Take, Name: "Иван"})
	closed := done(t, registered(), Act{Action: Solve, Name: "Иван"}, Act{Action: Confirm})
	for _, c := range []struct {
		name string
		from Incident
		act  Act
	}{
		{"taken twice", taken, Act{Action: Take, Name: "Олег"}},
		{"withdrawn after work began", taken, Act{Action: Withdraw}},
		{"handed over to oneself", taken, Act{Action: HandOver, Name: "Иван"}},
		{"confirmed without a solution", taken, Act{Action: Confirm}},
		{"solved when closed", closed, Act{Action: Solve, Name: "Олег"}},
		{"opened after a fortnight", closed, Act{Action: Reject, At: noon.Add(15 * 24 * time.Hour)}},
		{"added to after a fortnight", closed, Act{Action: Append, At: noon.Add(15 * 24 * time.Hour)}},
		{"rated twice", done(t, closed, Act{Action: Rate, Text: "5"}), Act{Action: Rate, Text: "1"}},
		{"unknown", taken, Act{Action: "steal"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.act.At.IsZero() {
				c.act.At = noon.Add(2 * time.Hour)
			}
			after, err := c.from.Done(c.act)
			var refused *Refused
			if !errors.As(err, &refused) || refused.Last.Kind == "" {
				t.Fatalf("err = %v", err)
			}
			if after.Status != c.from.Status || after.Version != c.from.Version {
				t.Errorf("a refused act changed the incident")
			}
		})
	}
}

// TestSupportTime: the clock stands while the word is the reporter's.
func TestSupportTime(t *testing.T) {
	at := func(h float64) time.Time { return noon.Add(time.Duration(h * float64(time.Hour))) }
	i := done(t, registered(), Act{Action: Take, At: at(1)}, Act{Action: Ask, At: at(2)})
	if got := i.SupportTime(at(10)); got != 2*time.Hour {
		t.Errorf("while waiting: %v", got)
	}
	i = done(t, i, Act{Action: Append, At: at(10)})
	if got := i.SupportTime(at(11)); got != 3*time.Hour {
		t.Errorf("after the answer: %v", got)
	}
	if n, since := i.Unanswered(); n != 1 || !since.Equal(at(10)) {
		t.Errorf("unanswered %d since %v", n, since)
	}
	i = done(t, i, Act{Action: Relay, At: at(12)})
	if n, _ := i.Unanswered(); n != 0 {
		t.Errorf("answered, and %d are not", n)
	}
	i = done(t, i, Act{Action: Solve, At: at(13)}, Act{Action: Append, At: at(14)})
	if n, _ := i.Unanswered(); n != 0 || i.SupportTime(at(20)) != 5*time.Hour {
		t.Errorf("thanks wait for an answer (%d) or let the clock run (%v)", n, i.SupportTime(at(20)))
	}
	i = done(t, i, Act{Action: Reject, Text: "Снова нет связи", Attachments: []Attachment{{FileID: "a"}}, At: at(20)})
	if got := i.SupportTime(at(21)); got != 6*time.Hour || len(i.Attachments) != 1 || i.History[len(i.History)-1].Text == "" {
		t.Errorf("after a no with words: %v, %+v", got, i)
	}
}
