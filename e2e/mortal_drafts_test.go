package e2e

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// memoryDrafts keeps live conversations as storage.Drafts does in Redis, and
// misbehaves as Redis does.
type memoryDrafts struct {
	ttl time.Duration
	now func() time.Time

	mu   sync.Mutex
	rows map[int64]keptDraft
	mood mood
	slow time.Duration // with moodSlow
}

type keptDraft struct {
	outbox.SavedDraft
	token string
	live  bool
}

// mood is how Redis behaves.
type mood int

const (
	moodFine  mood = iota
	moodAway       // nothing is done, every call fails
	moodSlow       // every call takes its time; one of a second or more fails, and may have been done
	moodLossy      // what is written is done, and the answer is lost
	moods
)

func (m mood) String() string { return [...]string{"fine", "away", "slow", "lossy"}[m] }

var errRedis = errors.New("redis does not answer")

// behave changes the mood.
func (d *memoryDrafts) behave(m mood, slow time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mood, d.slow = m, slow
}

// flush forgets everything.
func (d *memoryDrafts) flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.rows)
}

// asked is the time that an answer takes, and what becomes of the call: done
// says whether it has its effect.
func (d *memoryDrafts) asked(ctx context.Context) (done bool, err error) {
	d.mu.Lock()
	m, slow := d.mood, d.slow
	d.mu.Unlock()
	switch m {
	case moodAway:
		return false, errRedis
	case moodLossy:
		return true, errRedis
	case moodSlow:
		const patience = time.Second // go-redis's timeout
		timer := time.NewTimer(min(slow, patience))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return true, ctx.Err()
		}
		if slow >= patience {
			return true, errRedis
		}
	}
	return true, nil
}

// row is the draft of a chat if it has not expired; the mutex is held.
func (d *memoryDrafts) row(chat int64) (keptDraft, bool) {
	kept, ok := d.rows[chat]
	if ok && !d.now().Before(kept.ExpiresAt) {
		delete(d.rows, chat)
		return keptDraft{}, false
	}
	return kept, ok
}

func (d *memoryDrafts) Load(ctx context.Context, chat int64) (outbox.SavedDraft, error) {
	if _, err := d.asked(ctx); err != nil {
		return outbox.SavedDraft{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, _ := d.row(chat)
	if len(kept.Data) == 0 {
		return outbox.SavedDraft{Rev: kept.Rev}, nil
	}
	return kept.SavedDraft, nil
}

func (d *memoryDrafts) Save(ctx context.Context, chat, expect int64, token string, data []byte, live, renew bool) (int64, error) {
	done, err := d.asked(ctx)
	if !done {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, there := d.row(chat)
	switch {
	case there && kept.token == token:
	case kept.Rev != expect:
		return 0, errors.Join(err, incident.ErrConflict)
	default:
		end := kept.ExpiresAt
		if renew || !there {
			end = d.now().Add(d.ttl)
		}
		kept = keptDraft{outbox.SavedDraft{Data: bytes.Clone(data), Rev: expect + 1, ExpiresAt: end}, token, live && len(data) > 0}
		if d.rows == nil {
			d.rows = map[int64]keptDraft{}
		}
		d.rows[chat] = kept
	}
	if err != nil {
		return 0, err
	}
	return kept.Rev, nil
}

func (d *memoryDrafts) Expiring(ctx context.Context, before time.Time) (map[int64]time.Time, error) {
	if _, err := d.asked(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	ends := map[int64]time.Time{}
	for chat := range d.rows {
		if kept, ok := d.row(chat); ok && kept.live && kept.ExpiresAt.Before(before) {
			ends[chat] = kept.ExpiresAt
		}
	}
	return ends, nil
}

func (d *memoryDrafts) Forget(ctx context.Context, chat int64) error {
	done, err := d.asked(ctx)
	if done {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.rows, chat)
	}
	return err
}
