package storage

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

func messageID(n incident.Number, seq int) string { return fmt.Sprintf("%s.%d@bot", n, seq) }

// letterTo is a Compose of the letter of the last escalation.
func letterTo(i incident.Incident) ([]outbox.Message, error) {
	e, _ := i.LastEscalation()
	body := outbox.Letter{Kind: outbox.EscalationLetter, Seq: e.Seq, MessageID: e.MessageID}.Encode()
	return []outbox.Message{{Key: "letter:" + e.MessageID, Channel: outbox.Mail, Number: i.Number, Body: body}}, nil
}

// flying claims the one letter that waits.
func flying(t *testing.T, r *Register, at time.Time) (outbox.Claimed, outbox.Letter) {
	t.Helper()
	rows := must2(r.Claim(t.Context(), outbox.Mail, at, lease, nil, 9))
	if len(rows) != 1 {
		t.Fatalf("letters: %+v", rows)
	}
	return rows[0], must2(outbox.DecodeLetter(rows[0].Body))
}

func TestEscalate(t *testing.T) {
	const pause = 4 * time.Hour
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	e := incident.Escalation{ID: "e1", Number: i.Number, State: "ждём связиста", At: after(10)}
	got, made, err := r.Escalate(t.Context(), e, 7, pause, messageID, letterTo)
	if err != nil || !made {
		t.Fatalf("made %v, %v", made, err)
	}
	want := e
	want.Seq, want.MessageID, want.Letter = 1, messageID(i.Number, 1), incident.LetterQueued
	same(t, "escalations", got.Escalations, []incident.Escalation{want})
	same(t, "version", got.Version, 2)
	same(t, "history", got.History[1], incident.Entry{At: after(10), Kind: incident.KindEscalated, By: incident.ByReporter, Text: e.State})

	again, made, err := r.Escalate(t.Context(), e, 7, pause, messageID, letterTo)
	if err != nil || made {
		t.Fatalf("again: made %v, %v", made, err)
	}
	same(t, "again", again, got)

	e2 := incident.Escalation{ID: "e2", Number: i.Number, State: "всё ещё", At: after(20)}
	refused := func(want incident.Refusal, from time.Time) {
		t.Helper()
		var no *incident.NotAllowed
		if _, _, err := r.Escalate(t.Context(), e2, 7, pause, messageID, letterTo); !errors.As(err, &no) {
			t.Fatalf("%v", err)
		}
		if no.Refusal != want || !no.From.Equal(from) || no.Incident.Number != i.Number {
			t.Errorf("refusal %d from %v", no.Refusal, no.From)
		}
	}
	refused(incident.LetterWaiting, time.Time{})
	row, l := flying(t, r, after(30))
	must(t, r.FinishLetter(t.Context(), row.ID, l, i.Number, incident.LetterSent, after(31), "", tell("sent")))
	refused(incident.TooSoon, after(10).Add(pause))

	e2.At = after(10).Add(pause)
	got, made, err = r.Escalate(t.Context(), e2, 7, pause, messageID, letterTo)
	if err != nil || !made || len(got.Escalations) != 2 || got.Escalations[1].Seq != 2 {
		t.Fatalf("follow-up: made %v, %v, %+v", made, err, got.Escalations)
	}
	must(t, r.change(t.Context(), `UPDATE incidents SET status = 'resolved'`))
	e2.ID = "e3"
	refused(incident.NotOpen, time.Time{})
	if _, _, err := r.Escalate(t.Context(), e2, 8, pause, messageID, nil); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("another person's: %v", err)
	}
}

func TestSettleLetter(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	e := incident.Escalation{ID: "e1", Number: i.Number, State: "ждём", At: after(10)}
	_, _, err := r.Escalate(t.Context(), e, 7, 0, messageID, letterTo)
	must(t, err)
	row, l := flying(t, r, after(11))
	settle := func(tell Compose) {
		t.Helper()
		must(t, r.FinishLetter(t.Context(), row.ID, l, i.Number, incident.LetterRefused, after(12), "550 нет такого", tell))
	}
	settle(tell("refused"))
	settle(func(incident.Incident) ([]outbox.Message, error) { return nil, errors.New("told twice") })

	got := must2(r.Incident(t.Context(), i.Number))
	last, _ := got.LastEscalation()
	if last.Letter != incident.LetterRefused || !last.SettledAt.Equal(after(12)) || last.Problem != "550 нет такого" {
		t.Errorf("escalation %+v", last)
	}
	same(t, "history", got.History[2], incident.Entry{At: after(12), Kind: incident.KindLetterRefused, By: incident.BySystem,
		Text: "эскалация: 550 нет такого"})
	same(t, "entries", len(got.History), 3)
	same(t, "version", got.Version, 3)
	_, posts := claimed(t, r, after(13))
	same(t, "told", string(posts["refused"].Body), string(i.Number)+" v3")
	same(t, "dead with its body", value[int](t, r, `SELECT count(*) FROM outbox WHERE state = 'dead' AND body IS NOT NULL`), 1)
	if err := r.FinishLetter(t.Context(), row.ID, l, i.Number, incident.LetterQueued, noon, "", nil); err == nil {
		t.Error("queued is no end")
	}
}

// A closing letter is settled as a copy to support is: no escalation changes.
func TestSettleClosingLetter(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	e := incident.Escalation{ID: "e1", Number: i.Number, State: "ждём", At: after(10)}
	_, _, err := r.Escalate(t.Context(), e, 7, 0, messageID, letterTo)
	must(t, err)
	before := must2(r.Incident(t.Context(), i.Number))
	l := outbox.Letter{Kind: outbox.ClosingLetter, Seq: 1}
	must(t, r.Put(t.Context(), outbox.Message{Key: "closing", Channel: outbox.Mail, Number: i.Number}))
	for _, row := range must2(r.Claim(t.Context(), outbox.Mail, after(11), lease, nil, 9)) {
		if row.Key == "closing" {
			must(t, r.FinishLetter(t.Context(), row.ID, l, i.Number, incident.LetterRefused, after(12), "550", nil))
		}
	}
	got := must2(r.Incident(t.Context(), i.Number))
	same(t, "escalations", got.Escalations, before.Escalations)
	same(t, "text", got.History[len(got.History)-1].Text, "эскалация, о решении: 550")
}

func TestSettleSupportCopy(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	l := outbox.Letter{Kind: outbox.SupportCopy}
	for n, state := range []incident.LetterState{incident.LetterSent, incident.LetterRefused} {
		must(t, r.Put(t.Context(), outbox.Message{Key: fmt.Sprint(n), Channel: outbox.Mail, Number: i.Number}))
		rows := must2(r.Claim(t.Context(), outbox.Mail, noon, lease, nil, 9))
		problem := map[incident.LetterState]string{incident.LetterRefused: "550"}[state]
		must(t, r.FinishLetter(t.Context(), rows[0].ID, l, i.Number, state, after(1), problem, nil))
		got := must2(r.Incident(t.Context(), i.Number))
		same(t, "version", got.Version, 1+n)
		same(t, "entries", len(got.History), 1+n)
	}
	got := must2(r.Incident(t.Context(), i.Number))
	same(t, "text", got.History[1].Text, "в техподдержку: 550")
}

// A letter about no incident just ends, once.
func TestFinishAlarm(t *testing.T) {
	r := fresh(t)
	must(t, r.Put(t.Context(), outbox.Message{Key: "alarm:a", Channel: outbox.Mail, Body: outbox.Letter{Kind: outbox.AlarmLetter}.Encode()},
		outbox.Message{Key: "alarm:b", Channel: outbox.Mail, Body: outbox.Letter{Kind: outbox.AlarmLetter}.Encode()}))
	rows := must2(r.Claim(t.Context(), outbox.Mail, after(0), lease, nil, 9))
	if len(rows) != 2 {
		t.Fatalf("claimed %+v", rows)
	}
	for range 2 {
		must(t, r.FinishLetter(t.Context(), rows[0].ID, outbox.Letter{}, "", incident.LetterSent, after(1), "", nil))
		must(t, r.FinishLetter(t.Context(), rows[1].ID, outbox.Letter{}, "", incident.LetterRefused, after(1), "550", nil))
	}
	untold := must2(r.NewlyDead(t.Context(), 9))
	if len(untold) != 1 || untold[0].Key != "alarm:b" || untold[0].Failure != outbox.Rejected || untold[0].Problem != "550" {
		t.Errorf("untold: %+v", untold)
	}
}
