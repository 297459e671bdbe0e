package bot

import (
	"context"
	"sync"
	"time"

	"intakebot/conversation"
	"intakebot/outbox"
)

// untaken is the time in which updates cannot be stored, because the disk is
// full or somebody else holds the database. Telegram keeps them for a day and
// gives them again, so nothing is lost; but who wrote should know.
type untaken struct {
	mu    sync.Mutex
	since time.Time // zero: updates are stored
	told  map[int64]bool
}

// fail notes that an update of a chat was not stored, which was tried from began
// on, and says whether the chat is to be told: once in an outage, when it has
// lasted a little.
func (u *untaken) fail(chat int64, began time.Time) (tell bool) {
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
func (u *untaken) again(chat int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.told, chat)
}

func (u *untaken) over() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.since, u.told = time.Time{}, nil
}

// lasts says whether updates are still not stored.
func (u *untaken) lasts() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.since.IsZero()
}

// notTaken has the chats told whose updates were not stored, by their lanes.
func (b *Bot) notTaken(updates []outbox.Update, began time.Time) {
	for _, u := range updates {
		if (u.Chat > 0 || u.Chat == b.deskChat()) && b.untaken.fail(u.Chat, began) {
			b.lanes.wakeWith(u.Chat, func(l *lane) { l.untold = true })
		}
	}
}

// tellUntaken tells the chat that what it sent could not be stored, if that is
// so still.
func (l *lane) tellUntaken(ctx context.Context) {
	l.lanes.mu.Lock()
	due := l.untold
	l.untold = false
	l.lanes.mu.Unlock()
	if !due || !l.untaken.lasts() {
		return
	}
	m := conversation.Message{HTML: deskUntaken}
	if l.chat > 0 {
		m = l.cfg.Dialogue.NotTaken(l.now())
	}
	if !l.tell(ctx, m) {
		l.untaken.again(l.chat)
	}
}
