package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

const (
	updateLife   = 24 * time.Hour    // an update that nobody fetched is forgotten
	queryLife    = 150 * time.Second // and a press much sooner
	keptForAgain = 10_000            // confirmed updates that Redeliver can repeat
	maxPoll      = 50 * time.Second  // longer timeouts are cut to this

	// Who asks again for what was just answered is slowed down.
	sameSoon, sameLater = 500 * time.Millisecond, 3 * time.Second

	// An offset so far beyond the newest update or below the oldest means nothing.
	offsetAhead, offsetBehind = 10, 100_000
)

// notByDefault are the kinds of updates that a bot must ask for
// (https://core.telegram.org/bots/api#getupdates, allowed_updates).
var notByDefault = []string{"chat_member", "message_reaction", "message_reaction_count"}

// update waits for the bot until it is confirmed.
type update struct {
	id    int64
	kind  string
	chat  int64
	lane  int64  // updates of one lane keep their order; usually the chat
	body  []byte // the whole update as JSON
	at    time.Time
	again bool // a repetition: handed out, whatever the offset was before
	given bool // a repetition that was handed out
}

// push queues an update if the bot wants its kind; the mutex is held.
func (tg *Telegram) push(kind string, chat int64, value any) {
	if tg.allowed == nil && slices.Contains(notByDefault, kind) || tg.allowed != nil && !tg.allowed[kind] {
		return
	}
	raw, err := json.Marshal(value)
	if err != nil {
		panic("simulator: update cannot be encoded: " + err.Error())
	}
	id := tg.nextUpdate
	lane := chat
	if query, is := value.(*wireQuery); is && tg.opt.PressesApart {
		lane = pressLane(query.From.ID)
	}
	tg.enqueue(&update{id: id, kind: kind, chat: chat, lane: lane, body: fmt.Appendf(nil, `{"update_id":%d,%q:%s}`, id, kind, raw)})
}

func (tg *Telegram) enqueue(u *update) {
	u.at = tg.now()
	tg.nextUpdate = u.id + 1
	tg.pending = append(tg.pending, u)
	tg.arrived.fire()
	tg.wakeLane(u.lane)
	tg.announcePending()
}

func (tg *Telegram) setAllowed(q *request) error {
	if !q.has("allowed_updates") {
		return nil
	}
	var kinds []string
	if err := q.json("allowed_updates", &kinds); err != nil {
		return err
	}
	tg.allowed = nil
	if len(kinds) > 0 {
		tg.allowed = map[string]bool{}
		for _, kind := range kinds {
			tg.allowed[kind] = true
		}
	}
	return nil
}

func (tg *Telegram) batch(limit int) []json.RawMessage {
	batch := []json.RawMessage{}
	for _, u := range tg.pending[:min(limit, len(tg.pending))] {
		u.given = true
		batch = append(batch, u.body)
	}
	return batch
}

// confirm forgets updates below offset; a negative one forgets all but the last
// so many; repetitions are forgotten once handed out.
func (tg *Telegram) confirm(offset int64) {
	if offset < 0 {
		if drop := len(tg.pending) + int(offset); drop > 0 {
			offset = tg.pending[drop].id
		}
	}
	var done []*update
	tg.pending = slices.DeleteFunc(tg.pending, func(u *update) bool {
		over := u.id < offset && (u.given || !u.again)
		if over {
			done = append(done, u)
		}
		return over
	})
	tg.settle(done...)
}

// settle counts updates that were taken out of pending as confirmed.
func (tg *Telegram) settle(done ...*update) {
	if len(done) == 0 {
		return
	}
	var again []*update
	for _, u := range done {
		if u.again {
			continue
		}
		tg.confirmedNum++
		tg.confirmed = append(tg.confirmed, u)
		if tg.twice {
			again = append(again, u.repeat())
		}
	}
	if len(tg.confirmed) > 2*keptForAgain {
		tg.confirmed = slices.Clone(tg.confirmed[len(tg.confirmed)-keptForAgain:])
	}
	tg.pending = append(again, tg.pending...)
	tg.settled.fire()
	tg.announcePending()
}

// expire drops what nobody fetched in time.
func (tg *Telegram) expire() {
	now, before := tg.now(), len(tg.pending)
	tg.pending = slices.DeleteFunc(tg.pending, func(u *update) bool {
		life := updateLife
		if u.kind == "callback_query" {
			life = queryLife
		}
		return !u.again && now.Sub(u.at) >= life
	})
	if gone := before - len(tg.pending); gone > 0 {
		tg.expired += gone
		tg.settled.fire()
		tg.announcePending()
	}
}

func (tg *Telegram) announcePending() {
	tg.hub.Publish(Event{Kind: EventUpdates, At: tg.now(), Pending: len(tg.pending)})
}
