package storage

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
	"intakebot/outbox"
)

func TestEndsOfRows(t *testing.T) {
	for _, c := range []struct {
		end         outbox.Failure
		posts       []outbox.Message
		state       string
		untold      int
		dead, alone int
	}{
		{outbox.Rejected, nil, "dead", 1, 1, 0},
		{outbox.GivenUp, nil, "dead", 1, 1, 0},
		{outbox.Unreadable, nil, "dead", 1, 1, 0},
		{outbox.Rejected, []outbox.Message{message("told", outbox.DeskChat, 1)}, "dead", 0, 1, 0},
		{outbox.Unreachable, nil, "dead", 0, 0, 1},
		{outbox.Obsolete, nil, "superseded", 0, 0, 0},
	} {
		r := fresh(t)
		must(t, r.Put(t.Context(), message("a", 7, 1)))
		_, rows := claimed(t, r, noon)
		for range 2 {
			must(t, r.MarkDead(t.Context(), rows["a"].ID, c.end, "why", c.posts))
		}
		untold := must2(r.NewlyDead(t.Context(), 9))
		if len(untold) != c.untold || c.untold == 1 && (untold[0].Failure != c.end || untold[0].Problem != "why" || string(untold[0].Body) != "body of a") {
			t.Errorf("%s: untold %+v", c.end, untold)
		}
		same(t, string(c.end), must2(r.States(t.Context(), []int64{rows["a"].ID, 99})), map[int64]outbox.State{rows["a"].ID: outbox.State(c.state)})
		o := must2(r.Counts(t.Context())).Outbox[outbox.Telegram]
		same(t, "dead", o.Dead, c.dead)
		same(t, "unreachable", o.Unreachable, c.alone)
		must(t, r.DeadTold(t.Context(), []int64{rows["a"].ID}, noon))
		same(t, "told", len(must2(r.NewlyDead(t.Context(), 9))), 0)
	}
}

// TestPruneDead: what died and is about no incident goes some days after it was
// told; what /retry can send is kept.
func TestPruneDead(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	about := message("about", 7, 1)
	about.Number = i.Number
	must(t, r.Put(t.Context(), about, message("refused", 8, 1), message("blocked", 9, 1)))
	_, rows := claimed(t, r, noon)
	bury := func(key string, end outbox.Failure) { must(t, r.MarkDead(t.Context(), rows[key].ID, end, "why", nil)) }
	bury("about", outbox.Rejected)
	bury("refused", outbox.Rejected)
	bury("blocked", outbox.Unreachable)
	dead := func(after time.Duration) OutboxCounts {
		must(t, r.Prune(t.Context(), noon.Add(after)))
		o := must2(r.Counts(t.Context())).Outbox[outbox.Telegram]
		return OutboxCounts{Dead: o.Dead, Unreachable: o.Unreachable}
	}
	same(t, "at once", dead(time.Hour), OutboxCounts{Dead: 2, Unreachable: 1})
	same(t, "not told yet", dead(2*deadKept), OutboxCounts{Dead: 2})
	must(t, r.DeadTold(t.Context(), []int64{rows["about"].ID, rows["refused"].ID}, noon))
	same(t, "told", dead(2*deadKept), OutboxCounts{Dead: 1})
	same(t, "tried again", len(asked(t, r, i.Number, "again", noon).Revived), 1)
}

// asked has an incident's rows tried again and returns what was found.
func asked(t *testing.T, r *Register, n incident.Number, key string, at time.Time) (found outbox.Retried) {
	t.Helper()
	must(t, r.Retry(t.Context(), n, "Игорь", at, key, func(f outbox.Retried) outbox.Message {
		found = f
		return message(key, outbox.DeskChat, 1)
	}))
	return found
}

func keysOf(posts []outbox.Message) (keys []string) {
	for _, p := range posts {
		keys = append(keys, p.Key)
	}
	return keys
}

// Dead rows and those that wait are tried again, with the bytes that they have;
// what is under way, held back or another incident's is left alone.
func TestRetry(t *testing.T) {
	r := fresh(t)
	n, other := filed(t, r, "d1", 7).Number, filed(t, r, "d2", 8).Number
	post := func(key string, n incident.Number, chat int64) outbox.Message {
		p := message(key, chat, 1)
		p.Number = n
		return p
	}
	held := post("held", n, 14)
	held.Hold = time.Minute
	must(t, r.Put(t.Context(), post("dead", n, 11), post("waits", n, 12), post("sending", n, 13), held,
		post("erased", n, 15), post("other", other, 16), post("gone", n, 17)))
	_, rows := claimed(t, r, noon)
	for _, key := range []string{"dead", "erased", "other"} {
		must(t, r.MarkDead(t.Context(), rows[key].ID, outbox.Rejected, "400", nil))
	}
	must(t, r.MarkDead(t.Context(), rows["gone"].ID, outbox.Unreachable, "403", nil))
	must(t, r.change(t.Context(), `UPDATE outbox SET body = NULL WHERE key = 'erased'`))
	must(t, r.Postpone(t.Context(), rows["waits"].ID, after(1800), "502", true))

	found := asked(t, r, n, "answer", after(10))
	same(t, "revived", keysOf(found.Revived), []string{"dead", "gone"})
	same(t, "hurried", keysOf(found.Hurried), []string{"waits"})
	same(t, "sending", found.Sending, 2)
	if again := asked(t, r, n, "answer", after(10)); !cmp.Equal(again, outbox.Retried{}) {
		t.Errorf("the same update again: %+v", again)
	}
	keys, rows := claimed(t, r, after(11))
	if diff := cmp.Diff(map[string]bool{"dead": true, "gone": true, "waits": true, "answer": true}, set(keys)); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	if c := rows["dead"]; c.Attempts != 1 || c.Round != 1 || !c.FirstAt.Equal(after(11)) || string(c.Body) != "body of dead" {
		t.Errorf("the dead row is claimed as %+v", c)
	}
	must(t, r.MarkDead(t.Context(), rows["dead"].ID, outbox.Rejected, "400", nil))
	same(t, "untold again", len(must2(r.NewlyDead(t.Context(), 9))), 3) // with erased and other
	if err := r.Retry(t.Context(), "26-99999-0", "Игорь", noon, "x", nil); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("an unknown incident: %v", err)
	}
}

func set(keys []string) map[string]bool {
	all := map[string]bool{}
	for _, k := range keys {
		all[k] = true
	}
	return all
}

// A letter to УИТ is queued again, unless there is a later one.
func TestRetryEscalation(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	escalate := func(id string, at time.Time) {
		t.Helper()
		_, _, err := r.Escalate(t.Context(), incident.Escalation{ID: id, Number: i.Number, State: "нет связи", At: at}, 7, 0, messageID, letterTo)
		must(t, err)
	}
	refuse := func(at time.Time) outbox.Letter {
		t.Helper()
		row, l := flying(t, r, at)
		must(t, r.FinishLetter(t.Context(), row.ID, l, i.Number, incident.LetterRefused, at, "550", nil))
		return l
	}
	escalate("e1", after(1))
	first := refuse(after(2))
	found := asked(t, r, i.Number, "a1", after(3))
	same(t, "revived", len(found.Revived), 1)
	now := must2(r.Incident(t.Context(), i.Number))
	e, _ := now.LastEscalation()
	if e.Letter != incident.LetterQueued || !e.SettledAt.IsZero() || e.Problem != "" {
		t.Errorf("the escalation: %+v", e)
	}
	same(t, "history", now.History[len(now.History)-1],
		incident.Entry{At: after(3), Kind: incident.KindLetterRetried, By: incident.ByDesk, Name: "Игорь", Text: "эскалация"})
	if _, again := flying(t, r, after(4)); again.MessageID != first.MessageID {
		t.Errorf("the Message-ID %s became %s", first.MessageID, again.MessageID)
	}
	same(t, "on its way", asked(t, r, i.Number, "a2", after(5)).Sending, 1)

	row := must2(r.Claim(t.Context(), outbox.Mail, after(2000), lease, nil, 9))[0]
	must(t, r.FinishLetter(t.Context(), row.ID, first, i.Number, incident.LetterRefused, after(2000), "550", nil))
	escalate("e2", after(2001))
	found = asked(t, r, i.Number, "a3", after(2002))
	same(t, "outdated", found.Outdated, []int{1})
	same(t, "revived", len(found.Revived), 0)
}
