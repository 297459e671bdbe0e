package storage

import (
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// bytesOf are the files of the database as another process sees them.
func bytesOf(t testing.TB, r *Register) string {
	t.Helper()
	paths := must2(filepath.Glob(r.path + "*"))
	return string(must2(exec.Command("cat", paths...).Output()))
}

// settle carries the whole erasure of a chat through, as the bot does when
// nothing goes wrong.
func settle(t testing.TB, r *Register, chat int64) {
	t.Helper()
	e := must2(r.ResumeErasure(t.Context(), chat))
	for _, one := range e.Group {
		m := message(fmt.Sprintf("%s%d:%d", outbox.ForgetKey, one.Chat, one.MessageID), outbox.DeskChat, outbox.RankPrompt)
		m.Number = one.Number
		must(t, r.Put(t.Context(), m))
		row := must2(r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 9))[0]
		must(t, r.Emptied(t.Context(), row.ID, noon, one.MessageRef, false))
	}
	must(t, r.DraftErased(t.Context(), chat))
	if e = must2(r.ResumeErasure(t.Context(), chat)); e.Waits() {
		t.Fatalf("the erasure waits: %+v", e)
	}
	must(t, r.Scrub(t.Context()))
	must(t, r.ErasureTold(t.Context(), chat, nil))
	must(t, r.ErasureDone(t.Context(), chat))
}

// TestForgetLeavesTheAnonymousRow: the incident keeps what reports need, and
// the register forgets whose it was; asking again changes nothing.
func TestForgetLeavesTheAnonymousRow(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	other := filed(t, r, "d2", 8)
	must(t, r.GiveConsent(t.Context(), 7, incident.Consent{Version: "1", At: noon}))
	var told [][]incident.Incident
	farewell := func(before []incident.Incident) []outbox.Message {
		told = append(told, before)
		return []outbox.Message{message(outbox.ForgetKey+"asked", outbox.DeskChat, outbox.RankRelay)}
	}
	for range 2 {
		must(t, r.Forget(t.Context(), 7, after(60), farewell))
	}
	if len(told) != 1 || len(told[0]) != 1 || told[0][0].Description() == "" {
		t.Errorf("the desk was told of %+v", told)
	}
	want := i.Forgotten(after(60), incident.KindForgotten)
	same(t, "the anonymous row", must2(r.Incident(t.Context(), i.Number)), want)
	same(t, "another person's", must2(r.Incident(t.Context(), other.Number)), other)
	same(t, "the person", must2(r.Reporter(t.Context(), 7)), incident.Reporter{Chat: 7, Stored: incident.Stored{Erasing: true}})
	a := incident.Act{ID: "a", Number: i.Number, Action: incident.Relay, By: incident.ByDesk, At: after(61), Text: "слово"}
	var refused *incident.Refused
	if _, _, err := r.Act(t.Context(), a, nil); !errors.As(err, &refused) {
		t.Errorf("an act on the anonymous row: %v", err)
	}
	if _, created, err := r.Register(t.Context(), report("d1", 7), nil); err == nil || created {
		t.Errorf("the same draft again: created %v, %v", created, err)
	}
	same(t, "under way", must2(r.Erasures(t.Context())), []int64{7})
	settle(t, r, 7)
	same(t, "under way", len(must2(r.Erasures(t.Context()))), 0)
	if _, err := r.ResumeErasure(t.Context(), 7); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("swept again: %v", err)
	}
}

// TestForgetWaits: letters go first, and what is being sent this moment is swept
// away when it is settled; what waited is not sent at all.
func TestForgetWaits(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	about := func(key string, ch outbox.Channel, chat int64) outbox.Message {
		m := message(key, chat, outbox.RankNotice)
		m.Channel, m.Number = ch, i.Number
		return m
	}
	relay := about("act:7:1:desk", outbox.Telegram, outbox.DeskChat)
	relay.Source, relay.From = 1, 7
	must(t, r.Put(t.Context(), relay, about("letter", outbox.Mail, 0)))
	sending := must2(r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 9))[0]
	must(t, r.Put(t.Context(), about("act:7:2:desk", outbox.Telegram, outbox.DeskChat), message("reply:7:1", 7, outbox.RankPrompt)))
	must(t, r.CardShown(t.Context(), i.Number, 1, -100, 50))
	must2(r.Receive(t.Context(), noon, []outbox.Update{{ID: 1, Chat: 7, Raw: []byte("слово")}, {ID: 2, Chat: 7, Raw: []byte("два")},
		{ID: 3, Chat: -100, Raw: []byte("в ответ на " + string(i.Number))}, {ID: 4, Chat: -100, Raw: []byte("другое")}}))
	for seq := int64(2); seq <= 4; seq++ {
		must2(r.FailUpdate(t.Context(), seq, "", 1))
	}
	must(t, r.Forget(t.Context(), 7, after(60), nil))

	e := must2(r.ResumeErasure(t.Context(), 7))
	if e.Letters != 1 || e.Sending != 1 || e.Cards != 1 || !e.Draft || !e.Dirty || len(e.Group) != 0 {
		t.Errorf("waits for %+v", e)
	}
	same(t, "still to be sent", len(must2(r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 9))), 0)
	same(t, "her updates that wait", len(must2(r.WaitingUpdates(t.Context(), 7, 0, 9))), 1)
	same(t, "in quarantine", value[string](t, r, `SELECT group_concat(seq) FROM inbox WHERE state = 'quarantined'`), "4")

	must(t, r.Sent(t.Context(), sending.ID, after(61), outbox.MessageRef{Chat: -100, MessageID: 60}, 7))
	letter := must2(r.Claim(t.Context(), outbox.Mail, noon, time.Minute, nil, 9))[0]
	must(t, r.FinishLetter(t.Context(), letter.ID, outbox.Letter{Kind: outbox.SupportCopy}, i.Number, incident.LetterRefused,
		after(62), "550 no such anna@example.ru", nil))
	must(t, r.CardShown(t.Context(), i.Number, 3, -100, 50))
	must(t, r.DraftErased(t.Context(), 7))
	e = must2(r.ResumeErasure(t.Context(), 7))
	same(t, "what came into the group meanwhile", e.Group, []outbox.Trace{{MessageRef: outbox.MessageRef{Chat: -100, MessageID: 60}, Number: i.Number}})
	same(t, "left", [2]int{e.Letters, e.Sending}, [2]int{})
	same(t, "keys and bodies", value[string](t, r, `SELECT group_concat(DISTINCT substr(key, 1, 5) || coalesce(body, '')) FROM outbox`), "gone:")
	same(t, "dead rows", must2(r.Counts(t.Context())).Outbox[outbox.Mail].Dead, 0)
	must(t, r.Done(t.Context(), []int64{1}, nil))
	must(t, r.CardShown(t.Context(), i.Number, must2(r.Incident(t.Context(), i.Number)).Version, -100, 50))
	settle(t, r, 7)
	if left := bytesOf(t, r); strings.Contains(left, "слово") || strings.Contains(left, "anna@") || strings.Contains(left, "act:7") {
		t.Error("something is left in the files")
	}
	same(t, "the chat is nowhere", value[int](t, r, `SELECT (SELECT count(*) FROM inbox WHERE chat = 7) + (SELECT count(*) FROM outbox WHERE chat = 7)
		+ (SELECT count(*) FROM messages WHERE chat = 7 OR source_chat = 7) + (SELECT count(*) FROM incidents WHERE reporter = 7)`), 0)
}

// TestForgetWhenTheGroupMoves: what was to be emptied in the old group is not
// looked for in the new one, where its id is somebody else's.
func TestForgetWhenTheGroupMoves(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	must(t, r.Said(t.Context(), outbox.MessageRef{Chat: -5, MessageID: 60}, i.Number))
	must(t, r.Forget(t.Context(), 7, noon, nil))
	m := message(outbox.ForgetKey+"-5:60", outbox.DeskChat, outbox.RankPrompt)
	m.Number = i.Number
	must(t, r.Put(t.Context(), m))
	if e := must2(r.ResumeErasure(t.Context(), 7)); len(e.Group) != 1 || e.Sending != 1 {
		t.Errorf("before: %+v", e)
	}
	must(t, r.DeskMoved(t.Context(), -5, -1005))
	if e := must2(r.ResumeErasure(t.Context(), 7)); len(e.Group) != 0 || e.Sending != 0 {
		t.Errorf("after: %+v", e)
	}
}

// TestExpire: what ended before the term is erased in portions, and people of
// whom nothing is left with it.
func TestExpire(t *testing.T) {
	r := fresh(t)
	var numbers []incident.Number
	for k := range 5 {
		i := filed(t, r, fmt.Sprint("d", k), int64(7+k%2))
		numbers = append(numbers, i.Number)
	}
	must(t, r.GiveConsent(t.Context(), 7, incident.Consent{Version: "1", At: noon.Add(-time.Hour)}))
	must(t, r.GiveConsent(t.Context(), 9, incident.Consent{Version: "1", At: after(100)}))
	// All of 7's ended long ago, one of 8's is open.
	must(t, r.change(t.Context(), `UPDATE incidents SET status = 'closed' WHERE id <> 2`))
	done := must2(r.Expire(t.Context(), after(1), 3))
	same(t, "done, in two portions", done, true)
	for k, n := range numbers {
		i := must2(r.Incident(t.Context(), n))
		if i.Erased() != (k != 1) || i.Erased() && i.History[len(i.History)-1].Kind != incident.KindExpired {
			t.Errorf("%s: erased %v, %+v", n, i.Erased(), i.History)
		}
	}
	same(t, "people left", value[string](t, r, `SELECT group_concat(chat) FROM people`), "8,9")
	same(t, "consents left", value[string](t, r, `SELECT group_concat(chat) FROM consents`), "9")
	e := must2(r.ResumeErasure(t.Context(), 0))
	slices.Sort(e.Numbers)
	same(t, "numbers", e.Numbers, []incident.Number{numbers[0], numbers[2], numbers[3], numbers[4]})
	same(t, "waits", e.Waits(), false)
}

// TestPrune: keys of what was sent guard against repetition while the incident
// lives, and go a month after.
func TestPrune(t *testing.T) {
	r := fresh(t)
	open, ended := filed(t, r, "d1", 7), filed(t, r, "d2", 7)
	must(t, r.change(t.Context(), `UPDATE incidents SET status = 'closed' WHERE id = 2`))
	for _, n := range []incident.Number{open.Number, ended.Number, ""} {
		m := message("key:"+string(n), 7, outbox.RankNotice)
		m.Number = n
		must(t, r.Put(t.Context(), m))
		for _, row := range must2(r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 9)) {
			must(t, r.Sent(t.Context(), row.ID, noon, outbox.MessageRef{}, 0))
		}
	}
	must(t, r.Prune(t.Context(), noon.Add(sentKept)))
	same(t, "after a month", value[int](t, r, `SELECT count(*) FROM outbox`), 3)
	must(t, r.Prune(t.Context(), noon.Add(sentKept+time.Second)))
	same(t, "later", value[string](t, r, `SELECT group_concat(key) FROM outbox`), "key:"+string(open.Number))
}

// TestExpireWaits: while many erasures wait for their end, no more are begun.
func TestExpireWaits(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	must(t, r.change(t.Context(), `UPDATE incidents SET status = 'closed'`))
	must(t, r.change(t.Context(), `INSERT INTO erasures (chat, asked_at, numbers) VALUES (0, 1, ?)`, asJSON(make([]incident.Number, expireWaiting))))
	same(t, "for the next day", must2(r.Expire(t.Context(), after(1), 3)), true)
	same(t, "erased", must2(r.Incident(t.Context(), i.Number)).Erased(), false)
	must(t, r.ErasureDone(t.Context(), 0))
	same(t, "done", must2(r.Expire(t.Context(), after(1), 3)), true)
	same(t, "erased", must2(r.Incident(t.Context(), i.Number)).Erased(), true)
}

// TestErasureByIndex: no statement of an erasure reads the outbox or the messages
// through.
func TestErasureByIndex(t *testing.T) {
	r := fresh(t)
	for _, query := range sweeps {
		plan, err := read(t.Context(), r.Reader, func(s *session) (string, error) {
			lines, err := explained(s, query)
			return strings.Join(lines, "\n"), err
		})
		must(t, err)
		for _, table := range []string{"SCAN outbox", "SCAN messages", "SCAN incidents"} {
			if strings.Contains(plan, table) {
				t.Errorf("%s\n%s", query, plan)
			}
		}
	}
}

// explained explains a statement of an erasure.
func explained(s *session, text string) ([]string, error) {
	return query(s, func(rows *sql.Rows) (detail string, err error) {
		var skip any
		err = rows.Scan(&skip, &skip, &skip, &detail)
		return detail, err
	}, "EXPLAIN QUERY PLAN "+text, "[]", 7, 9, 11)
}
