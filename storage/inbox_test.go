package storage

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

func update(id, chat int64, text string) outbox.Update {
	return outbox.Update{ID: id, Chat: chat, Raw: []byte(text)}
}

func texts(us []outbox.Received) (texts []string) {
	for _, u := range us {
		texts = append(texts, string(u.Raw))
	}
	return texts
}

func TestReceive(t *testing.T) {
	r := fresh(t)
	batch := []outbox.Update{update(10, 7, "a"), update(11, 8, "b"), update(12, 7, "c"), update(10, 7, "a")}
	fresh := must2(r.Receive(t.Context(), noon, batch))
	same(t, "fresh", texts(fresh), []string{"a", "b", "c"})
	same(t, "as the table has them", fresh[:1], must2(r.WaitingUpdates(t.Context(), 7, 0, 1)))
	same(t, "again, while they wait", must2(r.Receive(t.Context(), after(1), batch)), fresh)
	same(t, "the same id with another text", texts(must2(r.Receive(t.Context(), after(2), []outbox.Update{update(10, 9, "z")}))), []string{"z"})

	same(t, "chats", must2(r.WaitingChats(t.Context())), []int64{7, 8, 9})
	waiting := must2(r.WaitingUpdates(t.Context(), 7, 0, 10))
	same(t, "of 7", texts(waiting), []string{"a", "c"})
	same(t, "first", waiting[0], outbox.Received{Seq: 1, UpdateID: 10, Chat: 7, Raw: []byte("a"), ReceivedAt: noon})
	same(t, "after the first", texts(must2(r.WaitingUpdates(t.Context(), 7, waiting[0].Seq, 10))), []string{"c"})
	same(t, "at most one", texts(must2(r.WaitingUpdates(t.Context(), 7, 0, 1))), []string{"a"})
}

func TestDone(t *testing.T) {
	r := fresh(t)
	must2(r.Receive(t.Context(), noon, []outbox.Update{update(1, 7, "secret one"), update(2, 7, "secret two"), update(3, 7, "three")}))
	post := []outbox.Message{message("reply", 7, outbox.RankNotice)}
	for range 2 { // it may be repeated
		must(t, r.Done(t.Context(), []int64{1, 2}, post))
	}
	same(t, "left", texts(must2(r.WaitingUpdates(t.Context(), 7, 0, 10))), []string{"three"})
	same(t, "wiped", value[int](t, r, `SELECT count(*) FROM inbox`), 1)
	same(t, "posts", value[int](t, r, `SELECT count(*) FROM outbox`), 1)
	same(t, "a done one again", len(must2(r.Receive(t.Context(), after(1), []outbox.Update{update(1, 7, "secret one")}))), 0)

	must(t, r.Prune(t.Context(), after(1).Add(doneKept)))
	same(t, "rows after pruning", value[string](t, r, `SELECT (SELECT count(*) FROM inbox) || (SELECT count(*) FROM received)`), "11")
	must2(r.Receive(t.Context(), after(2), []outbox.Update{update(4, 8, "four")}))
	if seq := must2(r.WaitingUpdates(t.Context(), 8, 0, 1))[0].Seq; seq <= 3 {
		t.Errorf("the sequence number %d was used before", seq)
	}
	must(t, r.Done(t.Context(), nil, nil))
}

// TestDoneSoon: what is done goes with the next write, or soon without one, and
// nobody is given it meanwhile.
func TestDoneSoon(t *testing.T) {
	r := fresh(t)
	left := func() int { return value[int](t, r, `SELECT count(*) FROM inbox`) }
	rows := must2(r.Receive(t.Context(), noon, []outbox.Update{update(1, 7, "one"), update(2, 7, "two"), update(3, 7, "three"), update(4, 7, "four")}))
	r.DoneSoon([]int64{rows[0].Seq})
	must(t, r.SetMeta(t.Context(), "key", "value"))
	same(t, "after another write", left(), 3)
	r.DoneSoon([]int64{rows[1].Seq})
	same(t, "given to others", texts(must2(r.WaitingUpdates(t.Context(), 7, 0, 9))), []string{"three", "four"})
	r.DoneSoon([]int64{rows[2].Seq})
	for began := time.Now(); left() > 1; time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("it stays without another write")
		}
	}
	path := r.path
	r.DoneSoon([]int64{rows[3].Seq})
	must(t, r.Close())
	r = openAt(t, path)
	same(t, "after the end", left(), 0)
}

// TestDoneSoonAfterFailure: a commit that fails takes nothing back for good.
func TestDoneSoonAfterFailure(t *testing.T) {
	opts := options(t)
	broken := false
	opts.Commit = func(commit func() error) error {
		if broken {
			return errors.New("not now")
		}
		return commit()
	}
	r := must2(Open(t.Context(), filepath.Join(t.TempDir(), "incidents.db"), opts))
	defer func() { must(t, r.Close()) }()
	rows := must2(r.Receive(t.Context(), noon, []outbox.Update{update(5, 7, "one")}))
	broken = true
	r.DoneSoon([]int64{rows[0].Seq})
	if _, err := r.Receive(t.Context(), noon, []outbox.Update{update(9, 7, "lost")}); err == nil {
		t.Fatal("the commit did not fail")
	}
	broken = false
	again := must2(r.Receive(t.Context(), noon, []outbox.Update{update(9, 7, "two")}))
	if again[0].Seq <= rows[0].Seq {
		t.Errorf("the sequence number %d is given after %d", again[0].Seq, rows[0].Seq)
	}
	same(t, "waiting", texts(must2(r.WaitingUpdates(t.Context(), 7, 0, 9))), []string{"two"})
	same(t, "gaps", value[string](t, r, `SELECT group_concat(first || '-' || last) FROM gaps`), "6-8")
}

// TestAttemptThatEndsTheProcess: an update that was begun and not ended counts
// its attempt, however the process went; one whose attempt was taken back does not.
func TestAttemptThatEndsTheProcess(t *testing.T) {
	r := fresh(t)
	must2(r.Receive(t.Context(), noon, []outbox.Update{update(1, 7, "kills"), update(2, 7, "good")}))
	for range 3 {
		same(t, "quarantined", must2(r.BeginAttempt(t.Context(), 1, 3)), false)
		same(t, "quarantined", must2(r.BeginAttempt(t.Context(), 2, 3)), false)
		must(t, r.EndAttempt(t.Context(), 2))
	}
	same(t, "quarantined", must2(r.BeginAttempt(t.Context(), 1, 3)), true)
	same(t, "left", texts(must2(r.WaitingUpdates(t.Context(), 7, 0, 9))), []string{"good"})
	same(t, "quarantined", must2(r.BeginAttempt(t.Context(), 2, 3)), false)
	same(t, "a failure counts once", must2(r.FailUpdate(t.Context(), 2, "a panic", 2)), false)
	same(t, "attempts", must2(r.WaitingUpdates(t.Context(), 7, 0, 9))[0].Attempts, 1)
	if _, err := r.BeginAttempt(t.Context(), 1, 3); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("one that is set aside: %v", err)
	}
}

func TestQuarantine(t *testing.T) {
	r := fresh(t)
	must2(r.Receive(t.Context(), noon, []outbox.Update{update(1, 7, "bad"), update(2, 7, "good")}))
	for attempt := 1; attempt <= 3; attempt++ {
		same(t, "attempts", must2(r.WaitingUpdates(t.Context(), 7, 0, 1))[0].Attempts, attempt-1)
		same(t, "quarantined", must2(r.FailUpdate(t.Context(), 1, "a panic", 3)), attempt == 3)
	}
	same(t, "passed over", texts(must2(r.WaitingUpdates(t.Context(), 7, 0, 10))), []string{"good"})
	same(t, "text", value[string](t, r, `SELECT raw FROM inbox WHERE state = 'quarantined' AND reason = 'a panic'`), "bad")
	if _, err := r.FailUpdate(t.Context(), 1, "", 3); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("a quarantined one: %v", err)
	}
	same(t, "quarantined again", len(must2(r.Receive(t.Context(), noon, []outbox.Update{update(1, 7, "bad")}))), 0)
	counts := must2(r.Counts(t.Context()))
	if counts.Waiting != 1 || counts.Quarantined != 1 || !counts.OldestWaitingAt.Equal(noon) {
		t.Errorf("counts %+v", counts)
	}
}

func TestEmptyInbox(t *testing.T) {
	r := fresh(t)
	same(t, "chats", len(must2(r.WaitingChats(t.Context()))), 0)
	same(t, "nothing to receive", len(must2(r.Receive(t.Context(), time.Now(), nil))), 0)
}
