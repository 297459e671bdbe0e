package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Inject queues any JSON as an update, whatever its kind, and returns its id. An
// object without update_id is given one; an update_id above all others is kept
// and counted on from. It panics when text is no JSON at all, because then no
// client could be told where the update ends.
func (tg *Telegram) Inject(text string) int64 {
	body := bytes.TrimSpace([]byte(text))
	if !json.Valid(body) {
		panic("simulator: Inject needs JSON, got " + text)
	}
	tg.mu.Lock()
	defer tg.mu.Unlock()
	u := &update{id: tg.nextUpdate, kind: "raw", body: body}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) == nil && object != nil {
		var id int64
		given, has := object["update_id"]
		switch {
		case !has && len(object) == 0:
			u.body = fmt.Appendf(nil, `{"update_id":%d}`, u.id)
		case !has:
			u.body = fmt.Appendf(nil, `{"update_id":%d,%s`, u.id, body[1:])
		case json.Unmarshal(given, &id) == nil && id > u.id:
			u.id = id
		}
	}
	tg.enqueue(u)
	return u.id
}

// SetNextUpdateID makes the next update have this id: after a week without
// updates Telegram starts from a random one.
func (tg *Telegram) SetNextUpdateID(id int64) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.nextUpdate = id
}

// SetTwice makes Telegram deliver every update a second time after it was
// confirmed, in a later batch or POST.
func (tg *Telegram) SetTwice(on bool) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.twice = on
}

// Redeliver delivers the confirmed updates of the last day again, oldest first,
// with their old ids, and returns how many. Telegram keeps none for longer.
func (tg *Telegram) Redeliver() int {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	var again []*update
	for _, u := range tg.confirmed {
		if tg.now().Sub(u.at) < updateLife {
			again = append(again, u.repeat())
		}
	}
	tg.pending = append(again, tg.pending...)
	tg.arrived.fire()
	tg.wakeLanes()
	tg.announcePending()
	return len(again)
}

// ConfirmedUpdate is an update that the bot has confirmed.
type ConfirmedUpdate struct {
	ID   int64
	Kind string // the field of the Bot API's Update, "raw" for Inject
	Chat int64
	At   time.Time // when it came into being, by Options.Now
}

// ConfirmedUpdates are those that Redeliver can repeat, oldest first.
func (tg *Telegram) ConfirmedUpdates() []ConfirmedUpdate {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	var all []ConfirmedUpdate
	for _, u := range tg.confirmed {
		all = append(all, ConfirmedUpdate{u.id, u.kind, u.chat, u.at})
	}
	return all
}

func (u *update) repeat() *update {
	again := *u
	again.again, again.given = true, false
	return &again
}

// AwaitConfirmed returns nil as soon as the bot has confirmed every update,
// repetitions included, or ctx's error with the number of those it has not.
func (tg *Telegram) AwaitConfirmed(ctx context.Context) error {
	for {
		tg.mu.Lock()
		tg.expire()
		left, changed := len(tg.pending), tg.settled.wait()
		tg.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("simulator: %d updates not confirmed: %w", left, ctx.Err())
		}
	}
}

// AwaitPolling returns nil as soon as the bot waits in getUpdates: it is up and
// has nothing to fetch.
func (tg *Telegram) AwaitPolling(ctx context.Context) error {
	for {
		tg.mu.Lock()
		waits, changed := tg.poll != nil && tg.poll.waits, tg.polled.wait()
		tg.mu.Unlock()
		if waits {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("simulator: nobody polls: %w", ctx.Err())
		}
	}
}

// Updates are the updates that the bot was given or has still to fetch, as it
// reads them, oldest first: everything that people did. Of the confirmed ones
// the last ten thousand are known.
func (tg *Telegram) Updates() []json.RawMessage {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	var all []json.RawMessage
	for _, u := range slices.Concat(tg.confirmed, tg.pending) {
		all = append(all, u.body)
	}
	return all
}
