package bot

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/go-telegram/bot"
	"golang.org/x/time/rate"
)

// Webhook says where Telegram delivers updates.
type Webhook struct {
	URL    string
	Secret string // the X-Telegram-Bot-Api-Secret-Token header
}

// maxUpdate bounds the body of a webhook request; Telegram's updates are a few
// kilobytes.
const maxUpdate = 1 << 20

// ServeHTTP takes updates by webhook (Bot API, setWebhook): 200 once they are
// stored, 503 when they cannot be, so that Telegram keeps them.
func (b *Bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hook := b.cfg.Webhook
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
		b.stranger(w)
		return
	}
	select {
	case <-b.running:
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
	_, err = b.store(r.Context(), []json.RawMessage{raw})
	switch {
	case errors.Is(err, errNoUpdate):
		http.Error(w, "the body is no update", http.StatusBadRequest)
		return
	case err != nil:
		b.stores.fail()
		b.complain("update not stored, not confirmed", "error", err)
		w.Header().Set("Retry-After", "1")
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	b.health.Lock()
	b.health.delivered = b.now()
	b.health.Unlock()
	b.answered(nil)
}

// strangers is how many requests with a wrong secret are answered: guessing is
// slow, and the log is not flooded. Those with the right one never wait.
func strangers() *rate.Limiter { return rate.NewLimiter(rate.Every(time.Second), 10) }

// stranger answers a request that does not know the secret.
func (b *Bot) stranger(w http.ResponseWriter) {
	if !b.strangers.Allow() {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many requests", http.StatusTooManyRequests)
		return
	}
	b.log.Warn("somebody calls the webhook without its secret")
	http.Error(w, "wrong secret token", http.StatusUnauthorized)
}

// watch looks now and then, while updates come by webhook, whether Telegram is
// there and the webhook is still ours. A second process with the same token that
// polls has removed it: it is set again, and that process waits.
func (b *Bot) watch(ctx context.Context) {
	for pause(ctx, 50*time.Second, b.webhook) {
		info, err := b.api.GetWebhookInfo(ctx)
		if err == nil && info.URL != b.cfg.Webhook.URL {
			b.complain("somebody else took this bot's webhook away, it is set again: another process with the same token; stop it")
			err = b.setWebhook(ctx)
		}
		if ctx.Err() == nil {
			b.answered(b.scrub(err))
		}
	}
}

func (b *Bot) setWebhook(ctx context.Context) error {
	_, err := b.api.SetWebhook(ctx, &bot.SetWebhookParams{
		URL: b.cfg.Webhook.URL, SecretToken: b.cfg.Webhook.Secret, AllowedUpdates: allowedUpdates,
	})
	return err
}
