package storage

import (
	"errors"
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
	same(t, "fresh", must2(r.Receive(t.Context(), noon, batch)), []int64{7, 8})
	same(t, "again, while it waits", must2(r.Receive(t.Context(), after(1), batch)), []int64{7, 8})
	same(t, "the same id with another text", must2(r.Receive(t.Context(), after(2), []outbox.Update{update(10, 9, "z")})), []int64{9})

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
	same(t, "wiped", value[int](t, r, `SELECT count(*) FROM inbox WHERE raw IS NULL`), 2)
	same(t, "posts", value[int](t, r, `SELECT count(*) FROM outbox`), 1)
	same(t, "a done one again", len(must2(r.Receive(t.Context(), after(1), []outbox.Update{update(1, 7, "secret one")}))), 0)

	must(t, r.Prune(t.Context(), after(1).Add(doneKept)))
	same(t, "rows after pruning", value[int](t, r, `SELECT count(*) FROM inbox`), 1)
	must2(r.Receive(t.Context(), after(2), []outbox.Update{update(4, 8, "four")}))
	if seq := must2(r.WaitingUpdates(t.Context(), 8, 0, 1))[0].Seq; seq <= 3 {
		t.Errorf("the sequence number %d was used before", seq)
	}
	must(t, r.Done(t.Context(), nil, nil))
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
