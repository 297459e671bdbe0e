package telegram

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync"
	"time"
)

// Health is what is known of Telegram and of the support group.
type Health struct {
	mu       sync.Mutex
	answered time.Time // the last good answer to the intake
	problem  string
	// asked is when the poll that is under way was sent, zero while none is.
	asked time.Time
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

// heldFor is how long after it was sent a poll that has no answer yet says that
// Telegram is there: it holds the request. What fails does so sooner, or was never
// sent.
const heldFor = 2 * time.Second

// polling notes when a poll has been sent on a connection.
func (h *Health) polling(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if w.Err == nil {
			h.asked = time.Now()
		}
	}})
}

func (h *Health) pollEnded() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = time.Time{}
}

// Reachable returns nil when Telegram answered within the last two minutes, or
// holds a poll now, else why not.
func (h *Health) Reachable() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.problem != "" && !h.asked.IsZero() && time.Since(h.asked) > heldFor:
		return nil
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
