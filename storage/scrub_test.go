package storage

import (
	"context"
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
	if e := must2(r.ResumeErasure(t.Context(), 7)); !e.Dirty {
		t.Error("it is taken for clean")
	}
	close(release)
	must(t, <-ended)
	must(t, r.Scrub(t.Context()))
	if e := must2(r.ResumeErasure(t.Context(), 7)); e.Dirty {
		t.Error("it is not taken for clean")
	}
}

// TestScrubAmongWrites: others write while the files are cleaned; the database
// stays whole, and nothing is left of those who were forgotten before.
func TestScrubAmongWrites(t *testing.T) {
	r := fresh(t)
	must(t, r.writer.session.script("PRAGMA synchronous = OFF"))
	long := func(word string, n int) string { return strings.Repeat(word+" ", n) }
	for k := range 400 {
		rep := report(fmt.Sprint("d", k), int64(k+1))
		rep.Answers[2].Value = long(fmt.Sprintf("канарейка%04d", k), []int{1, 20, 700}[k%3])
		_, _, err := r.Register(t.Context(), rep, nil)
		must(t, err)
	}
	for k := 0; k < 400; k += 2 {
		must(t, r.Forget(t.Context(), int64(k+1), noon, nil))
	}
	scrubbed := make(chan error, 1)
	go func() { scrubbed <- r.Scrub(t.Context()) }()
	var err error
	for n, done := 0, false; !done; n++ {
		select {
		case err = <-scrubbed:
			done = true
		default:
			body := outbox.Message{Key: fmt.Sprint("m", n), Channel: outbox.Mail, Number: "26-00002-8", Body: []byte(long("письмо", 1+n%900))}
			must(t, r.Put(t.Context(), body))
			for _, row := range must2(r.Claim(t.Context(), outbox.Mail, noon, time.Minute, nil, 1)) {
				must(t, r.Sent(t.Context(), row.ID, noon, outbox.MessageRef{}, 0))
			}
		}
	}
	must(t, err)
	all := bytesOf(t, r)
	for k := 0; k < 400; k += 2 {
		if strings.Contains(all, fmt.Sprintf("канарейка%04d", k)) {
			t.Errorf("person %d is in the files", k)
		}
	}
	must(t, r.Check(t.Context()))
	must(t, r.Reindex(t.Context()))
	same(t, "another", must2(r.Search(t.Context(), "канарейка0001", 0, 1)).Total, 1)
}

// TestScrubGoesOn: an erasure that comes while the files are cleaned is cleaned by
// the next time, and one that was interrupted begins anew.
func TestScrubGoesOn(t *testing.T) {
	r := fresh(t)
	filed(t, r, "d1", 7)
	filed(t, r, "d2", 8)
	must(t, r.Forget(t.Context(), 7, noon, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Scrub(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	must(t, r.change(t.Context(), `UPDATE erasures SET dirty = ?`, inHand)) // as a crash leaves it
	must(t, r.Forget(t.Context(), 8, noon, nil))
	must(t, r.change(t.Context(), `UPDATE erasures SET dirty = ? WHERE chat = 8`, inTheFile))
	must(t, r.Scrub(t.Context()))
	for _, chat := range []int64{7, 8} {
		if e := must2(r.ResumeErasure(t.Context(), chat)); e.Dirty {
			t.Errorf("%d is not taken for clean", chat)
		}
	}
}
