package storage

import (
	"errors"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// stale returns the numbers of the stale cards.
func stale(t *testing.T, r *Register) (numbers []incident.Number) {
	t.Helper()
	for _, c := range must2(r.StaleCards(t.Context(), false, 10)) {
		numbers = append(numbers, c.Incident.Number)
	}
	return numbers
}

func changed(t *testing.T, r *Register, id string, n incident.Number) {
	t.Helper()
	_, _, err := r.Act(t.Context(), incident.Act{ID: id, Number: n, Action: incident.Append, By: incident.ByReporter, Reporter: 7, Text: "ещё", At: noon}, nil)
	must(t, err)
}

func TestCards(t *testing.T) {
	r := fresh(t)
	a, b, c := filed(t, r, "a", 7).Number, filed(t, r, "b", 7).Number, filed(t, r, "c", 7).Number
	same(t, "all new", stale(t, r), []incident.Number{a, b, c})
	must(t, r.CardShown(t.Context(), a, 1, -100, 51))
	must(t, r.CardShown(t.Context(), b, 1, -100, 52))
	same(t, "not shown", stale(t, r), []incident.Number{c})
	changed(t, r, "1", a)
	same(t, "never shown first", stale(t, r), []incident.Number{c, a})
	card := must2(r.StaleCards(t.Context(), false, 10))[1]
	if card.ShownVersion != 1 || card.Chat != -100 || card.MessageID != 51 || card.Incident.Version != 2 {
		t.Errorf("card %+v", card)
	}
	changed(t, r, "2", a) // while version 2 is being shown
	must(t, r.CardShown(t.Context(), a, 2, -100, 51))
	same(t, "an older version was shown", stale(t, r), []incident.Number{c, a})
	must(t, r.CardShown(t.Context(), a, 3, -100, 51))
	must(t, r.CardLost(t.Context(), b, 51)) // another's, or one that was replaced
	same(t, "not this one", stale(t, r), []incident.Number{c})
	must(t, r.CardLost(t.Context(), b, 52))
	same(t, "lost", stale(t, r), []incident.Number{b, c})
	if err := r.CardLost(t.Context(), "00-00000-0", 1); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("%v", err)
	}
	same(t, "counted", must2(r.Counts(t.Context())).StaleCards, 2)
}

// TestCardsInHandFirst: what somebody works on comes before what nobody took,
// and the caller says whether changed cards or missing ones come first.
func TestCardsInHandFirst(t *testing.T) {
	r := fresh(t)
	a, b, c, d := filed(t, r, "a", 7).Number, filed(t, r, "b", 7).Number, filed(t, r, "c", 7).Number, filed(t, r, "d", 7).Number
	must(t, r.CardShown(t.Context(), a, 1, -100, 51))
	changed(t, r, "1", a)
	take := incident.Act{ID: "2", Number: c, Action: incident.Take, By: incident.ByDesk, Name: "Игорь", At: noon}
	_, _, err := r.Act(t.Context(), take, nil)
	must(t, err)
	same(t, "missing first", stale(t, r), []incident.Number{c, b, d, a})
	for limit, want := range map[int]incident.Number{1: a, 4: d} {
		cards := must2(r.StaleCards(t.Context(), true, limit))
		same(t, "changed first", len(cards), limit)
		same(t, "the last of them", cards[limit-1].Incident.Number, want)
	}
}

// TestAnnounced: an incident is news to the group until it has read a card or a
// notice, and not again when the card is gone.
func TestAnnounced(t *testing.T) {
	r := fresh(t)
	a, b, c, d := filed(t, r, "a", 7).Number, filed(t, r, "b", 7).Number, filed(t, r, "c", 7).Number, filed(t, r, "d", 7).Number
	news := func(want ...incident.Number) {
		t.Helper()
		var got []incident.Number
		for _, i := range must2(r.Unannounced(t.Context(), 10)) {
			got = append(got, i.Number)
		}
		same(t, "news", got, want)
	}
	news(a, b, c, d)
	must(t, r.CardShown(t.Context(), a, 1, -100, 51))
	must(t, r.Announced(t.Context(), []incident.Number{c}))
	news(b, d)
	same(t, "cards to show", stale(t, r), []incident.Number{b, c, d})
	must(t, r.CardLost(t.Context(), a, 51))
	must(t, r.CardShown(t.Context(), d, 1, 0, 0)) // Telegram does not take this card
	news(b, d)
	must(t, r.DeskMoved(t.Context(), -100, -200))
	must(t, r.CardShown(t.Context(), b, 1, -100, 52)) // it crossed the move
	news(d)
}

// TestSentToDesk: cards, notices and messages count, each once.
func TestSentToDesk(t *testing.T) {
	r := fresh(t)
	a, b := filed(t, r, "a", 7).Number, filed(t, r, "b", 7).Number
	c := filed(t, r, "c", 7).Number
	must(t, r.CardShown(t.Context(), a, 1, -100, 51))
	must(t, r.Announced(t.Context(), []incident.Number{b, c}))
	must(t, r.Put(t.Context(), message("desk", outbox.DeskChat, 1), message("person", 7, 1)))
	_, rows := claimed(t, r, noon)
	for _, row := range rows {
		must(t, r.Sent(t.Context(), row.ID, noon.Add(time.Second), outbox.MessageRef{}, 0))
	}
	must(t, r.CardShown(t.Context(), b, 1, 0, 0)) // nothing was sent
	same(t, "sent", must2(r.SentToDesk(t.Context())), []time.Time{noon, noon, noon.Add(time.Second)})
	must(t, r.Put(t.Context(), message("later", outbox.DeskChat, 1)))
	_, rows = claimed(t, r, noon)
	must(t, r.Sent(t.Context(), rows["later"].ID, noon.Add(time.Hour), outbox.MessageRef{}, 0))
	same(t, "later", must2(r.SentToDesk(t.Context())), []time.Time{noon.Add(time.Hour)})
}

// TestFilesWaitForCards: the files of a report go when no incident is without
// its card, whatever else goes meanwhile.
func TestFilesWaitForCards(t *testing.T) {
	r := fresh(t)
	a, b := filed(t, r, "a", 7).Number, filed(t, r, "b", 7).Number
	file := message("file", outbox.DeskChat, outbox.RankFile)
	file.Number, file.ReplyToCard = a, true
	words := message("words", outbox.DeskChat, outbox.RankRelay)
	words.Number, words.ReplyToCard = a, true
	must(t, r.Put(t.Context(), file, words))
	must(t, r.CardShown(t.Context(), a, 1, -100, 51))
	keys, rows := claimed(t, r, noon)
	same(t, "before the other card", keys, []string{"words"})
	must(t, r.Sent(t.Context(), rows["words"].ID, noon, outbox.MessageRef{}, 0))
	keys, _ = claimed(t, r, noon)
	same(t, "still", len(keys), 0)
	must(t, r.CardShown(t.Context(), b, 1, -100, 52))
	changed(t, r, "1", b) // a changed card holds back nothing
	keys, _ = claimed(t, r, noon)
	same(t, "then", keys, []string{"file"})
}

func TestDeskMoved(t *testing.T) {
	r := fresh(t)
	a, b, c := filed(t, r, "a", 7).Number, filed(t, r, "b", 7).Number, filed(t, r, "c", 7).Number
	for n, number := range []incident.Number{a, b, c} {
		must(t, r.CardShown(t.Context(), number, 1, -100, 51+n))
	}
	reply := func(key string, n incident.Number) outbox.Message {
		m := message(key, outbox.DeskChat, outbox.RankRelay)
		m.Number, m.ReplyToCard = n, true
		return m
	}
	must(t, r.Put(t.Context(), reply("waits", a)))
	must(t, r.DeskMoved(t.Context(), -100, -200))
	same(t, "desk", must2(r.Desk(t.Context(), -100)), int64(-200))
	same(t, "desk, configured anew", must2(r.Desk(t.Context(), -200)), int64(-200))
	same(t, "only what a reply waits for", stale(t, r), []incident.Number{a})
	keys, _ := claimed(t, r, noon)
	same(t, "held back", len(keys), 0)

	must(t, r.CardShown(t.Context(), a, 1, -200, 71))
	must(t, r.DeskMoved(t.Context(), -100, -200)) // heard of twice
	_, rows := claimed(t, r, noon)
	same(t, "replies to the new card", rows["waits"].CardMessageID, 71)

	must(t, r.Put(t.Context(), reply("later", b)))
	same(t, "a later reply", stale(t, r), []incident.Number{b})
	changed(t, r, "1", c)
	card := must2(r.StaleCards(t.Context(), false, 10))[1]
	if card.Incident.Number != c || card.MessageID != 0 {
		t.Errorf("the old message is used: %+v", card)
	}
	must(t, r.CardShown(t.Context(), c, 2, -100, 53)) // an edit that crossed the move
	same(t, "shown in the old group", value[int](t, r, `SELECT card_message_id FROM incidents WHERE number = ?`, string(c)), 0)

	must(t, r.DeskMoved(t.Context(), -200, -300))
	same(t, "moved twice", must2(r.Desk(t.Context(), -100)), int64(-300))
	must(t, r.DeskMoved(t.Context(), -300, -100))
	same(t, "moved back", must2(r.Desk(t.Context(), -100)), int64(-100))
}

func TestCounts(t *testing.T) {
	r := fresh(t)
	filed(t, r, "a", 7)
	filed(t, r, "b", 7)
	must(t, r.change(t.Context(), `UPDATE incidents SET status = 'closed' WHERE id = 1`))
	must(t, r.Unreachable(t.Context(), 7, time.Now()))
	must(t, r.Put(t.Context(), outbox.Message{Key: "l", Channel: outbox.Mail}))
	got := must2(r.Counts(t.Context()))
	same(t, "incidents", got.Incidents, map[incident.Status]int{incident.Closed: 1, incident.Registered: 1})
	same(t, "outbox", got.Outbox, map[outbox.Channel]OutboxCounts{outbox.Telegram: {}, outbox.Mail: {Pending: 1, OldestAt: noon}})
	same(t, "unreachable", got.Unreachable, 1)
}
