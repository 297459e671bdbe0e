package telegram

import (
	"errors"
	"sync"
	"time"
)

// Health is what is known of Telegram and of the support group.
type Health struct {
	mu       sync.Mutex
	answered time.Time // the last good answer to the intake
	problem  string
	// delivered is when Telegram last delivered an update, by the bot's clock.
	delivered time.Time
	desk      error // why the support group took no message the last time
}

// Answered notes what came of a request for updates; recovered says that the
// one before failed.
func (h *Health) Answered(err error) (recovered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	recovered = h.problem != "" && err == nil
	if err == nil {
		h.answered, h.problem = time.Now(), ""
	} else {
		h.problem = err.Error()
	}
	return recovered
}

// Reachable returns nil when Telegram answered within the last two minutes,
// else why not.
func (h *Health) Reachable() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.problem != "":
		return errors.New(h.problem)
	case h.answered.IsZero():
		return errors.New("no answer yet")
	case time.Since(h.answered) > 2*time.Minute:
		return errors.New("no answer for two minutes")
	}
	return nil
}

// DeliveredAt notes that Telegram delivered an update by the webhook.
func (h *Health) DeliveredAt(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.delivered = at
}

// LastDelivered is when an update came by the webhook.
func (h *Health) LastDelivered() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.delivered
}

// Desk returns why the support group took no message the last time, nil when it
// did or nobody has tried.
func (h *Health) Desk() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.desk
}

// deskAnswered notes what came of a message to the support group; most results
// say nothing of it.
func (h *Health) deskAnswered(r Result) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch r.Kind {
	case Delivered:
		h.desk = nil
	case ChatUnavailable, Deleted:
		h.desk = r.Err
	}
}
