package inbox

import (
	"context"
	"sync"
	"time"

	"intakebot/outbox"
)

// inboxOutage is the time in which updates cannot be stored, because the disk is
// full or somebody else holds the database. Telegram keeps them for a day and
// gives them again, so nothing is lost; but who wrote should know.
type inboxOutage struct {
	mu    sync.Mutex
	since time.Time // zero: updates are stored
	told  map[int64]bool
}

// fail notes that an update of a chat was not stored, which was tried from began
// on, and says whether the chat is to be told: once in an outage, when it has
// lasted a little.
func (u *inboxOutage) fail(chat int64, began time.Time) (tell bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.since.IsZero() {
		u.since, u.told = began, map[int64]bool{}
	}
	tell = !u.told[chat] && time.Since(u.since) >= unavailableAfter
	u.told[chat] = u.told[chat] || tell
	return tell
}

// again lets a chat be told that could not be.
func (u *inboxOutage) again(chat int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.told, chat)
}

func (u *inboxOutage) over() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.since, u.told = time.Time{}, nil
}

// lasts says whether updates are still not stored.
func (u *inboxOutage) lasts() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.since.IsZero()
}

// notStored has the chats told whose updates were not stored, by their workers.
func (in *Inbox) notStored(updates []outbox.Update, began time.Time) {
	for _, u := range updates {
		if (u.Chat > 0 || u.Chat == in.cfg.Group.ID()) && in.outage.fail(u.Chat, began) {
			in.workers.wake(u.Chat, Nudge{StoreDown: true})
		}
	}
}

// tellNotStored tells the chat that what it sent could not be stored, if that is
// so still.
func (w *Worker) tellNotStored(ctx context.Context) {
	due := w.nudged(func(n *Nudge) { n.StoreDown = false }).StoreDown
	if due && w.in.outage.lasts() && !w.tell(ctx, false) {
		w.in.outage.again(w.Chat)
	}
}
