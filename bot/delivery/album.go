package delivery

import (
	"context"
	"slices"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// AlbumHold is how long an album waits for another part: Telegram sends its
// parts one after the other and does not say which is the last.
const AlbumHold = time.Second

// nextHold is how long it waits for a part that is here and not worked on yet.
const nextHold = 10 * time.Second

// Held keeps back the parts of an album of which another part is at hand: that
// one will say how long.
func Held(posts []outbox.Message, goesOn bool) []outbox.Message {
	for k := range posts {
		if goesOn && posts[k].Hold > 0 {
			posts[k].Hold = nextHold
		}
	}
	return posts
}

// Together makes the row of a file a part of an album, unless it must travel
// alone. Photos and videos go apart from documents.
func Together(post outbox.Message, f incident.Attachment, album string, hold time.Duration) outbox.Message {
	if kind := f.Kind.Album(); album != "" && kind != "" {
		post.Album, post.Hold = "album:"+album+":"+kind, hold
	}
	return post
}

// load is a claimed row and what it says.
type load struct {
	outbox.Claimed
	Payload
}

// unpack reads a row and the rest of its album; what cannot be read is dead.
func (c *Courier) unpack(ctx context.Context, row outbox.Claimed) []load {
	var loads []load
	for _, r := range slices.Concat([]outbox.Claimed{row}, row.Parts) {
		p, err := Decode(r.Body)
		if err != nil || r.Album != "" && p.File == nil {
			c.recorded(r, "mark dead", c.cfg.Store.MarkDead(ctx, r.ID, outbox.Unreadable, "the row cannot be read", nil))
			c.cfg.Bulletins.Raise()
			continue
		}
		loads = append(loads, load{r, p})
	}
	return loads
}

// giveBack returns what was not tried.
func (c *Courier) giveBack(ctx context.Context, loads []load, why string) {
	for _, l := range loads {
		c.recorded(l.Claimed, "give back", c.cfg.Store.Postpone(ctx, l.ID, c.cfg.Now(), why, false))
	}
}

// separate makes single messages of an album that Telegram refuses: one bad
// file must not take the others with it.
func (c *Courier) separate(ctx context.Context, loads []load, refusal error) {
	c.cfg.Log.Warn("telegram refuses an album, its parts go one by one", "key", loads[0].Key, "incident", loads[0].Number, "error", refusal)
	for _, l := range loads {
		again := l.Claimed.Message
		again.Key, again.Album = l.Key+":single", ""
		c.replace(ctx, l.Claimed, refusal.Error(), again)
	}
}
