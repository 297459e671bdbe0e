package inbox

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"intakebot/bot/telegram"
	"intakebot/internal/loop"
)

// maxUpdate bounds the body of a webhook request; Telegram's updates are a few
// kilobytes.
const maxUpdate = 1 << 20

// ServeHTTP takes updates by webhook (Bot API, setWebhook): 200 once they are
// stored, 503 when they cannot be, so that Telegram keeps them.
func (in *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hook := in.cfg.Source.Webhook
	given := r.Header.Get("X-Telegram-Bot-Api-Secret-Token")
	switch {
	case hook == nil:
		http.NotFound(w, r)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	case subtle.ConstantTimeCompare([]byte(given), []byte(hook.Secret)) != 1:
		in.refuse(w)
		return
	}
	select {
	case <-in.running:
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	_, err = in.store(r.Context(), []json.RawMessage{raw})
	switch {
	case errors.Is(err, errNoUpdate):
		http.Error(w, "the body is no update", http.StatusBadRequest)
		return
	case err != nil:
		in.stores.fail()
		in.cfg.Log.Complain("update not stored, not confirmed", "error", err)
		w.Header().Set("Retry-After", "1")
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	in.cfg.Source.Health.DeliveredAt(in.cfg.Now())
	in.answered(nil)
}

// unauthorizedLimit is how many requests with a wrong secret are answered: guessing is
// slow, and the log is not flooded. Those with the right one never wait.
func unauthorizedLimit() *rate.Limiter { return rate.NewLimiter(rate.Every(time.Second), 10) }

// refuse answers a request that does not know the secret.
func (in *Inbox) refuse(w http.ResponseWriter) {
	if !in.unauthorized.Allow() {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many requests", http.StatusTooManyRequests)
		return
	}
	in.cfg.Log.Warn("somebody calls the webhook without its secret")
	http.Error(w, "wrong secret token", http.StatusUnauthorized)
}

// watchEvery is the pause between two looks at the webhook.
const watchEvery = 50 * time.Second

// watch looks now and then, while updates come by webhook, whether Telegram is
// there and the webhook is still ours. A second process with the same token that
// polls has removed it: it is set again, and that process waits.
func (in *Inbox) watch(ctx context.Context) {
	every := watchEvery
	for loop.Pause(ctx, every, in.webhook) {
		info, err := in.cfg.Source.Delivery(ctx)
		if err == nil && info.URL != in.cfg.Source.Webhook.URL {
			in.cfg.Log.Complain("somebody else took this bot's webhook away, it is set again: another process with the same token; stop it")
			err = in.cfg.Source.SetWebhook(ctx)
		}
		every = max(watchEvery, telegram.Classify(0, err).RetryAfter)
		var refused *telegram.WebhookError
		if errors.As(err, &refused) {
			in.cfg.Log.Error("telegram refuses the webhook", "error", refused)
			every = webhookAgain
		}
		if ctx.Err() == nil {
			in.answered(err)
		}
	}
}
