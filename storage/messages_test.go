package storage

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// TestMessages: a reply finds the incident of what it answers, and an original
// finds what it became on the other side; after the group moved, old ids mean
// nothing.
func TestMessages(t *testing.T) {
	r := fresh(t)
	n := filed(t, r, "d1", 7).Number
	must(t, r.Put(t.Context(), outbox.Message{Key: "relay", Channel: outbox.Telegram, Number: n, Chat: 7,
		Source: 31, Memo: "m", Body: []byte("{}")}))
	rows, err := r.Claim(t.Context(), outbox.Telegram, noon, time.Minute, nil, 5)
	must(t, err)
	must(t, r.Sent(t.Context(), rows[0].ID, noon, outbox.MessageRef{Chat: 7, MessageID: 90, File: true}, -100))
	must(t, r.Said(t.Context(), outbox.MessageRef{Chat: 7, MessageID: 91}, n))
	must(t, r.CardShown(t.Context(), n, 1, -100, 30))
	_, _, err = r.Act(t.Context(), incident.Act{ID: "7:93", Number: n, Action: incident.Append, By: incident.ByReporter,
		Reporter: 7, Text: "Ещё.", MessageID: 93, At: noon}, nil)
	must(t, err)

	about := func(chat int64, id int) outbox.MessageContext {
		t.Helper()
		told, err := r.About(t.Context(), outbox.MessageRef{Chat: chat, MessageID: id})
		if err != nil && !errors.Is(err, incident.ErrNotFound) {
			t.Fatal(err)
		}
		return told
	}
	same(t, "what went through the outbox", about(7, 90), outbox.MessageContext{Number: n, Memo: "m"})
	same(t, "what did not", about(7, 91), outbox.MessageContext{Number: n})
	same(t, "the card", about(-100, 30), outbox.MessageContext{Number: n, Kind: outbox.CardMessage})
	same(t, "what was passed on", about(7, 93), outbox.MessageContext{Number: n})
	same(t, "something else", about(7, 92), outbox.MessageContext{})

	became, err := r.PassedOn(t.Context(), outbox.MessageRef{Chat: -100, MessageID: 31})
	must(t, err)
	same(t, "passed on", became, []outbox.MessageRef{{Chat: 7, MessageID: 90, File: true}})

	must(t, r.DeskMoved(t.Context(), -100, -200))
	same(t, "the card after the move", about(-100, 30), outbox.MessageContext{})
}

// TestMessageKinds: of a message in the group the register knows whether it brings
// the reporter's own words, asks for words, or neither; one of an older release is
// known by its original.
func TestMessageKinds(t *testing.T) {
	r := fresh(t)
	n := filed(t, r, "d1", 7).Number
	row := outbox.Message{Channel: outbox.Telegram, Number: n, Chat: outbox.DeskChat, Body: []byte("{}")}
	for k, c := range []struct {
		source int
		from   int64
		memo   string
		want   outbox.MessageKind
	}{
		{want: outbox.OtherMessage},
		{memo: outbox.FromReporter, want: outbox.ReporterMessage},
		{source: 31, from: 7, want: outbox.ReporterMessage},
		{memo: `{"action":"ask"}`, want: outbox.PromptMessage},
		{memo: "ask", want: outbox.OtherMessage},
	} {
		row.Key, row.Source, row.From, row.Memo = fmt.Sprint(k), c.source, c.from, c.memo
		must(t, r.Put(t.Context(), row))
		rows, err := r.Claim(t.Context(), outbox.Telegram, after(60), time.Minute, nil, 5)
		must(t, err)
		must(t, r.Sent(t.Context(), rows[0].ID, noon, outbox.MessageRef{Chat: -100, MessageID: 40 + k}, c.from))
		told, err := r.About(t.Context(), outbox.MessageRef{Chat: -100, MessageID: 40 + k})
		must(t, err)
		same(t, fmt.Sprint(k), told, outbox.MessageContext{Number: n, Kind: c.want, Memo: c.memo})
	}
}

// TestRecall: what waits is replaced in one transaction, once; what is being
// sent stays.
func TestRecall(t *testing.T) {
	r := fresh(t)
	n := filed(t, r, "d1", 7).Number
	relay := func(key string) outbox.Message {
		return outbox.Message{Key: key, Channel: outbox.Telegram, Number: n, Chat: 7, Source: 31, Memo: "ask", Body: []byte("{}")}
	}
	keys := func() (keys []string) {
		t.Helper()
		rows, err := r.Claim(t.Context(), outbox.Telegram, after(60), time.Minute, nil, 5)
		must(t, err)
		for _, row := range rows {
			keys = append(keys, row.Key)
			must(t, r.Postpone(t.Context(), row.ID, noon, "", false))
		}
		return keys
	}
	unsent := func() [2]bool {
		t.Helper()
		_, waiting, sending, err := r.Unsent(t.Context(), 31)
		must(t, err)
		return [2]bool{waiting, sending}
	}
	same(t, "nothing", unsent(), [2]bool{})
	must(t, r.Put(t.Context(), relay("first")))
	told, waiting, sending, err := r.Unsent(t.Context(), 31)
	must(t, err)
	same(t, "about", told, outbox.MessageContext{Number: n, Memo: "ask"})
	same(t, "waiting", [2]bool{waiting, sending}, [2]bool{true, false})

	for range 2 { // the second time it has happened already
		ok, err := r.Recall(t.Context(), 31, relay("second"))
		must(t, err)
		same(t, "recalled", ok, true)
	}
	same(t, "in its place", keys(), []string{"second"})

	rows, err := r.Claim(t.Context(), outbox.Telegram, after(60), time.Minute, nil, 5)
	must(t, err)
	same(t, "being sent", unsent(), [2]bool{false, true})
	ok, err := r.Recall(t.Context(), 31, relay("third"))
	must(t, err)
	same(t, "not recalled", ok, false)
	must(t, r.Postpone(t.Context(), rows[0].ID, noon, "", false))
	same(t, "as it was", keys(), []string{"second"})
}
