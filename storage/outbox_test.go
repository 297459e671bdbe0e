package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"intakebot/incident"
	"intakebot/outbox"
)

const lease = time.Minute

// claimed claims from Telegram's outbox and returns the rows by key.
func claimed(t testing.TB, r *Register, at time.Time, busy ...int64) (keys []string, rows map[string]outbox.Claimed) {
	t.Helper()
	cs, err := r.Claim(t.Context(), outbox.Telegram, at, lease, busy, 100)
	must(t, err)
	rows = map[string]outbox.Claimed{}
	for _, c := range cs {
		keys = append(keys, c.Key)
		rows[c.Key] = c
	}
	return keys, rows
}

func TestClaimOrder(t *testing.T) {
	r := fresh(t)
	must(t, r.Put(t.Context(),
		message("7 prompt", 7, outbox.RankNotice),
		message("7 number", 7, outbox.RankNumber), // must not overtake
		message("8 number", 8, outbox.RankNumber),
		message("9 relay", 9, outbox.RankRelay),
		message("desk relay", outbox.DeskChat, outbox.RankRelay),
		message("desk notice", outbox.DeskChat, outbox.RankNotice),
	))
	keys, rows := claimed(t, r, noon, 9)
	same(t, "claimed", keys, []string{"8 number", "7 prompt", "desk notice"})
	first := rows["7 prompt"]
	same(t, "row", first, outbox.Claimed{ID: 1, Message: message("7 prompt", 7, outbox.RankNotice), Attempts: 1, FirstAt: noon})

	keys, _ = claimed(t, r, after(1))
	same(t, "while those are sent", keys, []string{"9 relay"})

	must(t, r.Sent(t.Context(), rows["7 prompt"].ID, after(2), outbox.MessageRef{}, 0))
	must(t, r.Sent(t.Context(), rows["7 prompt"].ID, after(2), outbox.MessageRef{}, 0))
	must(t, r.Postpone(t.Context(), rows["desk notice"].ID, after(30), "429", false))
	keys, _ = claimed(t, r, after(3))
	same(t, "after the settlement", keys, []string{"7 number"})
	same(t, "next", dueAt(t, r), after(30))
	keys, rows = claimed(t, r, after(30))
	same(t, "after the pause", keys, []string{"desk notice"})
	same(t, "attempts without the one taken back", rows["desk notice"].Attempts, 1)
	same(t, "first attempt", rows["desk notice"].FirstAt, noon)
	same(t, "wiped", value[int](t, r, `SELECT count(*) FROM outbox WHERE state = 'sent' AND body IS NULL`), 1)
	if err := r.Sent(t.Context(), 999, noon, outbox.MessageRef{}, 0); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("an unknown row: %v", err)
	}
}

func dueAt(t testing.TB, r *Register) time.Time {
	t.Helper()
	at, ok, err := r.NextDue(t.Context(), outbox.Telegram)
	must(t, err)
	if !ok {
		t.Error("nothing is due")
	}
	return at
}

// The head of a chat that is not due holds back what is behind it.
func TestPostponeAndWake(t *testing.T) {
	r := fresh(t)
	must(t, r.Put(t.Context(), message("a", 7, 1), message("b", 7, 1)))
	_, rows := claimed(t, r, noon)
	for range 2 { // repeated: counted once
		must(t, r.Postpone(t.Context(), rows["a"].ID, after(60), "timeout", true))
	}
	keys, _ := claimed(t, r, after(1))
	same(t, "held back", len(keys), 0)
	same(t, "next", dueAt(t, r), after(60))
	must(t, r.Wake(t.Context(), outbox.Telegram, after(2)))
	keys, rows = claimed(t, r, after(2))
	same(t, "woken", keys, []string{"a"})
	same(t, "attempts", rows["a"].Attempts, 2)
	must(t, r.Wake(t.Context(), outbox.Telegram, after(3)))
	keys, _ = claimed(t, r, after(3))
	same(t, "what is being sent is not woken", len(keys), 0)
	keys, _ = claimed(t, r, after(2).Add(lease))
	same(t, "after the lease", keys, []string{"a"})
	same(t, "pending", must2(r.Pending(t.Context(), 7)), true)
	same(t, "pending elsewhere", must2(r.Pending(t.Context(), 8)), false)
}

func TestWakeChat(t *testing.T) {
	r := fresh(t)
	must(t, r.Put(t.Context(), message("a", 7, 1), message("b", 8, 1)))
	_, rows := claimed(t, r, noon)
	for _, row := range rows {
		must(t, r.Postpone(t.Context(), row.ID, after(60), "timeout", true))
	}
	must(t, r.WakeChat(t.Context(), 8, after(1)))
	keys, _ := claimed(t, r, after(1))
	same(t, "woken", keys, []string{"b"})
}

func TestPutTwice(t *testing.T) {
	r := fresh(t)
	must(t, r.Put(t.Context(), message("a", 7, 1)))
	_, rows := claimed(t, r, noon)
	must(t, r.Sent(t.Context(), rows["a"].ID, noon, outbox.MessageRef{}, 0))
	must(t, r.Put(t.Context(), message("a", 7, 1)))
	same(t, "pending", must2(r.Pending(t.Context(), 7)), false)
	if _, ok, err := r.NextDue(t.Context(), outbox.Telegram); ok || err != nil {
		t.Errorf("due %v, %v", ok, err)
	}
	if err := r.Put(t.Context(), outbox.Message{Channel: outbox.Mail}); err == nil {
		t.Error("a post without a key")
	}
}

func TestPromptSupersedes(t *testing.T) {
	r := fresh(t)
	prompt := func(key string, chat int64) outbox.Message {
		m := message(key, chat, outbox.RankPrompt)
		m.Prompt = true
		return m
	}
	must(t, r.Put(t.Context(), prompt("p1", 7)))
	claimed(t, r, noon) // p1 is being sent
	must(t, r.Put(t.Context(), prompt("p2", 7), message("n", 7, outbox.RankNumber), prompt("other", 8)))
	must(t, r.Put(t.Context(), prompt("p3", 7)))
	must(t, r.Put(t.Context(), prompt("p2", 7))) // a repetition does not bring it back
	same(t, "left of 7", value[string](t, r, `SELECT group_concat(key) FROM outbox WHERE chat = 7 AND state = 'pending'`), "p1,n,p3")
	keys, _ := claimed(t, r, noon)
	same(t, "another chat", keys, []string{"other"})
}

func TestReplyToCard(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	reply := message("file", outbox.DeskChat, outbox.RankNumber)
	reply.Number, reply.ReplyToCard = i.Number, true
	must(t, r.Put(t.Context(), reply, message("notice", outbox.DeskChat, outbox.RankNotice)))
	keys, rows := claimed(t, r, noon)
	same(t, "without a card", keys, []string{"notice"})
	must(t, r.Sent(t.Context(), rows["notice"].ID, noon, outbox.MessageRef{}, 0))
	if _, ok, _ := r.NextDue(t.Context(), outbox.Telegram); ok {
		t.Error("a row without its card is due")
	}
	must(t, r.CardShown(t.Context(), i.Number, 1, -100, 55))
	same(t, "due at once", dueAt(t, r), time.Time{})
	keys, rows = claimed(t, r, noon)
	same(t, "with a card", keys, []string{"file"})
	if c := rows["file"]; c.CardChat != -100 || c.CardMessageID != 55 {
		t.Errorf("card %d/%d", c.CardChat, c.CardMessageID)
	}
}

func TestBury(t *testing.T) {
	r := fresh(t)
	must(t, r.Put(t.Context(), message("a", 7, 1)))
	_, rows := claimed(t, r, noon)
	for range 2 {
		must(t, r.MarkDead(t.Context(), rows["a"].ID, outbox.Rejected, "400", []outbox.Message{message("told", outbox.DeskChat, 1)}))
	}
	keys, _ := claimed(t, r, after(100))
	same(t, "what was put with it", keys, []string{"told"})
	same(t, "the dead row's body", value[string](t, r, `SELECT body FROM outbox WHERE state = 'dead'`), "body of a")
	same(t, "counts", must2(r.Counts(t.Context())).Outbox[outbox.Telegram], OutboxCounts{Pending: 1, Dead: 1, OldestAt: noon})
}

// What a dead process had claimed is due as soon as the register is open again.
func TestCrashReleasesLeases(t *testing.T) {
	path := filepath.Join(t.TempDir(), "incidents.db")
	r := must2(Open(t.Context(), path, options(t)))
	must(t, r.Put(t.Context(), message("a", 7, 1), message("later", 8, 1)))
	_, rows := claimed(t, r, noon)
	must(t, r.Postpone(t.Context(), rows["later"].ID, after(500), "", true))
	must(t, r.Close())
	r = openAt(t, path)
	keys, rows := claimed(t, r, after(1))
	same(t, "claimed again", keys, []string{"a"})
	same(t, "attempts", rows["a"].Attempts, 2)
}

func TestMailRowsAreIndependent(t *testing.T) {
	r := fresh(t)
	letter := func(key string, rank outbox.Rank) outbox.Message {
		return outbox.Message{Key: key, Channel: outbox.Mail, Rank: rank, Body: []byte("{}")}
	}
	must(t, r.Put(t.Context(), letter("copy", outbox.RankNotice), letter("escalation", outbox.RankNumber), letter("third", outbox.RankRelay)))
	rows := must2(r.Claim(t.Context(), outbox.Mail, noon, lease, nil, 2))
	if len(rows) != 2 || rows[0].Key != "escalation" || rows[1].Key != "copy" {
		t.Fatalf("%+v", rows)
	}
	at, ok, err := r.NextDue(t.Context(), outbox.Mail)
	if !at.IsZero() || !ok || err != nil {
		t.Errorf("next at %v, %v, %v", at, ok, err)
	}
	same(t, "the rest", len(must2(r.Claim(t.Context(), outbox.Mail, noon, lease, nil, 9))), 1)
}

// Whatever happens to the sender, messages to one person are sent in order, and
// NextDue agrees with Claim.
func TestOrderWithinAChat(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := must2(Open(t.Context(), filepath.Join(t.TempDir(), "r.db"), options(t)))
		defer r.Close()
		now, next := noon, 0
		flying := map[int64]outbox.Claimed{}
		sent := map[int64][]int{}
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				m := message(fmt.Sprint(next), rapid.SampledFrom([]int64{1, 2, outbox.DeskChat}).Draw(rt, "chat"), rapid.SampledFrom([]outbox.Rank{0, 1, 2}).Draw(rt, "rank"))
				next++
				must(t, r.Put(t.Context(), m))
			},
			"claim": func(rt *rapid.T) {
				at, ok, err := r.NextDue(t.Context(), outbox.Telegram)
				must(t, err)
				rows := must2(r.Claim(t.Context(), outbox.Telegram, now, lease, nil, 10))
				if due := ok && !at.After(now); due != (len(rows) > 0) {
					rt.Fatalf("due %v at %v, now %v, claimed %d", ok, at, now, len(rows))
				}
				for _, c := range rows {
					if old, ok := flying[c.Chat]; ok && old.ID != c.ID {
						rt.Fatalf("chat %d has two messages in the air", c.Chat)
					}
					flying[c.Chat] = c
				}
			},
			"settle": func(rt *rapid.T) {
				if len(flying) == 0 {
					return
				}
				var chats []int64
				for chat := range flying {
					chats = append(chats, chat)
				}
				slices.Sort(chats)
				c := flying[rapid.SampledFrom(chats).Draw(rt, "which")]
				delete(flying, c.Chat)
				if rapid.Bool().Draw(rt, "postpone") {
					must(t, r.Postpone(t.Context(), c.ID, now.Add(10*time.Second), "", true))
					return
				}
				must(t, r.Sent(t.Context(), c.ID, now, outbox.MessageRef{}, 0))
				var n int
				fmt.Sscan(c.Key, &n)
				sent[c.Chat] = append(sent[c.Chat], n)
			},
			"wait": func(rt *rapid.T) { now = now.Add(5 * time.Second) },
			"": func(rt *rapid.T) {
				for chat, order := range sent {
					if chat != outbox.DeskChat && !slices.IsSorted(order) {
						rt.Fatalf("chat %d got %v", chat, order)
					}
				}
			},
		})
	})
}

// TestKnown: a key is known from the moment of its commit, whatever becomes of
// the post.
func TestKnown(t *testing.T) {
	r := fresh(t)
	known := func() bool {
		t.Helper()
		known, err := r.Known(t.Context(), "desk:1:1")
		must(t, err)
		return known
	}
	same(t, "before", known(), false)
	must(t, r.Put(t.Context(), outbox.Message{Key: "desk:1:1", Channel: outbox.Telegram, Chat: 7, Body: []byte("{}")}))
	same(t, "waiting", known(), true)
	rows, err := r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 1)
	must(t, err)
	must(t, r.Sent(t.Context(), rows[0].ID, noon, outbox.MessageRef{}, 0))
	same(t, "sent", known(), true)
}
