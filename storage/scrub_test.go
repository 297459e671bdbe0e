package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// TestScrub: among many people whose rows grew, shrank and moved between pages,
// secure_delete alone leaves words of some of the forgotten; Scrub leaves none.
func TestScrub(t *testing.T) {
	r := fresh(t)
	must(t, r.writer.session.script("PRAGMA synchronous = OFF")) // for speed: nobody cuts the power
	dice := rand.New(rand.NewPCG(1, 2))
	word := func(person int) string {
		return strings.Repeat(fmt.Sprintf("канарейка%04d ", person), []int{1, 3, 10, 50, 300}[dice.IntN(5)])
	}
	const people = 120
	for step := range 3000 {
		person := dice.IntN(people)
		chat := int64(person + 1)
		text := word(person)
		switch dice.IntN(3) {
		case 0:
			rep := report(fmt.Sprint("d", step), chat)
			rep.Answers[2].Value = text
			_, _, err := r.Register(t.Context(), rep, nil)
			must(t, err)
		case 1:
			must2(r.Receive(t.Context(), noon, []outbox.Update{{ID: int64(step), Chat: chat, Raw: []byte(text)}}))
			rows := must2(r.WaitingUpdates(t.Context(), chat, 0, 1))
			must(t, r.Done(t.Context(), []int64{rows[0].Seq}, nil))
		default:
			must(t, r.Put(t.Context(), outbox.Message{Key: fmt.Sprintf("reply:%d:%d", chat, step), Channel: outbox.Telegram, Chat: chat, Body: []byte(text)}))
			for _, row := range must2(r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 1)) {
				must(t, r.Sent(t.Context(), row.ID, noon, outbox.MessageRef{}, 0))
			}
		}
	}
	left := func() (n int) {
		all := bytesOf(t, r)
		for person := 0; person < people; person += 2 {
			if strings.Contains(all, fmt.Sprintf("канарейка%04d", person)) {
				n++
			}
		}
		return n
	}
	before := left()
	for person := 0; person < people; person += 2 {
		must(t, r.Forget(t.Context(), int64(person+1), noon, nil))
	}
	unscrubbed := left()
	must(t, r.Scrub(t.Context()))
	t.Logf("of %d people the files told of %d before, of %d after the erasing, of %d after Scrub", people/2, before, unscrubbed, left())
	if before != people/2 || left() != 0 {
		t.Errorf("words of %d forgotten people are left, %d before", left(), before)
	}
	same(t, "whole", value[string](t, r, `PRAGMA integrity_check`), "ok")
	for person := 1; person < people; person += 2 {
		if p := must2(r.Reporter(t.Context(), int64(person+1))); len(p.Incidents) == 0 {
			t.Errorf("person %d lost the incidents", person)
		}
	}
}

// TestScrubWaitsForReaders: while somebody reads the past, the log cannot be
// emptied; the writer goes on, and the next try succeeds.
func TestScrubWaitsForReaders(t *testing.T) {
	r := fresh(t)
	filed(t, r, "d1", 7)
	reading, release := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		_, err := read(t.Context(), r.Reader, func(s *session) (n int, err error) {
			err = s.row(`SELECT count(*) FROM incidents`).Scan(&n)
			close(reading)
			<-release
			return n, err
		})
		ended <- err
	}()
	<-reading
	must(t, r.Forget(t.Context(), 7, noon, nil))
	if err := r.Scrub(t.Context()); !errors.Is(err, incident.ErrReadElsewhere) {
		t.Errorf("scrubbed under a reader: %v", err)
	}
	if e := must2(r.Sweep(t.Context(), 7)); !e.Dirty {
		t.Error("it is taken for clean")
	}
	close(release)
	must(t, <-ended)
	must(t, r.Scrub(t.Context()))
	if e := must2(r.Sweep(t.Context(), 7)); e.Dirty {
		t.Error("it is not taken for clean")
	}
}
