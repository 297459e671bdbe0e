package storage

import (
	"path/filepath"
	"testing"
	"time"

	"intakebot/outbox"
)

// part is a post that belongs to an album that may still grow.
func part(key string, chat int64, album string) outbox.Message {
	m := message(key, chat, outbox.RankRelay)
	m.Album, m.Hold = album, time.Second
	return m
}

// claimedAlbum claims and returns the keys of what goes together.
func claimedAlbum(t testing.TB, r *Register, at time.Time) (albums [][]string, rows []outbox.Claimed) {
	t.Helper()
	rows, err := r.Claim(t.Context(), outbox.Telegram, at, lease, nil, 100)
	must(t, err)
	for _, row := range rows {
		keys := []string{row.Key}
		for _, p := range row.Parts {
			keys = append(keys, p.Key)
		}
		albums = append(albums, keys)
	}
	return albums, rows
}

// atTime opens a register whose own clock the test moves.
func atTime(t testing.TB, path string) (r *Register, now *time.Time) {
	t.Helper()
	clock := noon
	o := options(t)
	o.Now = func() time.Time { return clock }
	r, err := Open(t.Context(), path, o)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r, &clock
}

// TestAlbumWaitsForItsParts: every part holds the whole album for a second
// more, a wake of the outbox does not end it, what is behind keeps its place.
func TestAlbumWaitsForItsParts(t *testing.T) {
	r, now := atTime(t, filepath.Join(t.TempDir(), "r.db"))
	must(t, r.Put(t.Context(), part("a1", 7, "a"), message("behind", 7, outbox.RankRelay)))
	*now = noon.Add(800 * time.Millisecond)
	must(t, r.Put(t.Context(), part("a2", 7, "a"), part("other", 8, "a")))
	must(t, r.Put(t.Context(), part("a1", 7, "a"))) // a repetition holds nothing
	must(t, r.Wake(t.Context(), outbox.Telegram, *now))
	albums, _ := claimedAlbum(t, r, after(1))
	same(t, "too early", albums, [][]string(nil))
	same(t, "next", dueAt(t, r), noon.Add(1800*time.Millisecond))

	albums, rows := claimedAlbum(t, r, after(2))
	same(t, "together", albums, [][]string{{"a1", "a2"}, {"other"}})
	same(t, "attempts of a part", rows[0].Parts[0].Attempts, 1)

	// A part that comes while the others are sent goes alone, after them.
	*now = after(3)
	must(t, r.Put(t.Context(), part("a3", 7, "a")))
	albums, _ = claimedAlbum(t, r, after(5))
	same(t, "while those are sent", albums, [][]string(nil))
	for _, row := range append(rows[0].Parts, rows[0]) {
		must(t, r.Sent(t.Context(), row.ID, after(5), outbox.MessageRef{}, 0))
	}
	albums, rows = claimedAlbum(t, r, after(5))
	same(t, "what was behind", albums, [][]string{{"behind"}})
	must(t, r.Sent(t.Context(), rows[0].ID, after(5), outbox.MessageRef{}, 0))
	albums, _ = claimedAlbum(t, r, after(5))
	same(t, "the latecomer", albums, [][]string{{"a3"}})
}

// TestAlbumKnowsOfMore: a part that says to wait long is overruled by the next.
func TestAlbumKnowsOfMore(t *testing.T) {
	r := fresh(t)
	first := part("a1", 7, "a")
	first.Hold = time.Hour
	must(t, r.Put(t.Context(), first))
	same(t, "until the next", dueAt(t, r), noon.Add(time.Hour))
	must(t, r.Put(t.Context(), part("a2", 7, "a")))
	albums, _ := claimedAlbum(t, r, after(1))
	same(t, "both", albums, [][]string{{"a1", "a2"}})
}

// TestAlbumOfTheDesk: rank and age choose the first part, the rest follows it
// past what stands between; ten at most go together.
func TestAlbumOfTheDesk(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	var posts []outbox.Message
	for k := range 12 {
		p := part("a"+string(rune('a'+k)), outbox.DeskChat, "a")
		p.Hold, p.Number, p.ReplyToCard = 0, i.Number, true
		posts = append(posts, p, message("between "+p.Key, outbox.DeskChat, outbox.RankPrompt))
	}
	must(t, r.Put(t.Context(), posts...))
	albums, _ := claimedAlbum(t, r, noon)
	same(t, "without a card", albums, [][]string{{"between aa"}})
	must(t, r.Sent(t.Context(), 2, noon, outbox.MessageRef{}, 0))
	must(t, r.CardShown(t.Context(), i.Number, 1, -100, 55))
	albums, rows := claimedAlbum(t, r, noon)
	same(t, "ten", albums, [][]string{{"aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai", "aj"}})
	same(t, "the card", rows[0].Parts[8].CardMessageID, 55)
	// Postponed together, they come again together.
	for k, row := range append([]outbox.Claimed{rows[0]}, rows[0].Parts...) {
		must(t, r.Postpone(t.Context(), row.ID, after(9).Add(time.Duration(k)*time.Millisecond), "429", true))
	}
	again, _ := claimedAlbum(t, r, after(9))
	same(t, "again", again, albums)
}

// TestCrashWithinAnAlbum: what was not settled when the process died goes
// again, together; what was settled does not.
func TestCrashWithinAnAlbum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	r := must2(Open(t.Context(), path, options(t)))
	must(t, r.Put(t.Context(), part("a1", 7, "a"), part("a2", 7, "a"), part("a3", 7, "a")))
	must(t, r.Close()) // while it waits for more
	r = must2(Open(t.Context(), path, options(t)))
	albums, _ := claimedAlbum(t, r, noon)
	same(t, "still held", albums, [][]string(nil))
	albums, rows := claimedAlbum(t, r, after(1))
	same(t, "whole", albums, [][]string{{"a1", "a2", "a3"}})
	must(t, r.Sent(t.Context(), rows[0].ID, after(1), outbox.MessageRef{}, 0))
	must(t, r.Close()) // between two settlements
	r = openAt(t, path)
	albums, rows = claimedAlbum(t, r, after(1))
	same(t, "the rest", albums, [][]string{{"a2", "a3"}})
	same(t, "attempts", rows[0].Parts[0].Attempts, 2)
}
