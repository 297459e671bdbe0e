package storage

import (
	"context"
	"sync"

	"intakebot/outbox"
)

// unsentChats knows of which chats nothing waits in the outbox, so that nobody has to
// read it before each answer. What it says of the others is a guess.
type unsentChats struct {
	mu sync.Mutex
	// put counts what was put, chats are those for which something was and is not
	// seen to be sent: what the last was.
	put   int
	chats map[int64]int
}

// add is called before the commit.
func (u *unsentChats) add(m outbox.Message) {
	if m.Channel != outbox.Telegram {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.chats == nil {
		u.chats = map[int64]int{}
	}
	u.put++
	u.chats[m.Chat] = u.put
}

// of is what was put last for a chat, 0 if nothing waits.
func (u *unsentChats) of(chat int64) (last int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.chats[chat]
}

// remove forgets a chat for which nothing waited after that was put.
func (u *unsentChats) remove(chat int64, last int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.chats[chat] == last {
		delete(u.chats, chat)
	}
}

// load learns what waits since the process before.
func (u *unsentChats) load(s *session) error {
	chats, err := query(s, single[int64], `SELECT DISTINCT chat FROM outbox INDEXED BY outbox_of_chat WHERE state = 'pending' AND channel = 'telegram'`)
	for _, chat := range chats {
		u.add(outbox.Message{Channel: outbox.Telegram, Chat: chat})
	}
	return err
}

// Pending is that of Reader.
func (r *Register) Pending(ctx context.Context, chat int64) (bool, error) {
	last := r.unsent.of(chat)
	if last == 0 {
		return false, nil
	}
	waits, err := r.Reader.Pending(ctx, chat)
	if err == nil && !waits {
		r.unsent.remove(chat, last)
	}
	return waits, err
}
