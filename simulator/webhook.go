package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// webhook is where updates are POSTed. Each chat with waiting updates has a lane,
// a goroutine that delivers them one after another: a failing update holds back
// its own chat only.
type webhook struct {
	url, secret string
	address     string        // that the host's name leads to, "" when it is nobody's business
	slots       chan struct{} // as many deliveries at once as max_connections
	lanes       map[int64]bool
	ctx         context.Context // ends when the webhook is replaced or deleted
	cancel      context.CancelFunc
	lastError   string
	lastErrorAt time.Time
	goneSince   time.Time // every answer since then was 410
}

var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// setWebhook: https://core.telegram.org/bots/api#setwebhook.
func (tg *Telegram) setWebhook(q *request) (any, error) {
	if q.str("url") == "" {
		return tg.deleteWebhook(q)
	}
	address, err := tg.checkWebhook(q.str("url"))
	if err != nil {
		return nil, err
	}
	if secret := q.str("secret_token"); secret != "" && !secretToken.MatchString(secret) {
		return nil, badRequest("secret token contains unallowed characters")
	}
	if err := tg.setAllowed(q); err != nil {
		return nil, err
	}
	connections := q.int("max_connections")
	if connections < 1 || connections > 100 {
		connections = 40
	}
	tg.endPoll("terminated by setWebhook request")
	tg.dropWebhook(q.bool("drop_pending_updates"))
	tg.hook = &webhook{
		url:     q.str("url"),
		secret:  q.str("secret_token"),
		address: address,
		slots:   make(chan struct{}, connections),
		lanes:   map[int64]bool{},
	}
	tg.hook.ctx, tg.hook.cancel = context.WithCancel(tg.ctx)
	tg.wakeLanes()
	return true, nil
}

// deleteWebhook: https://core.telegram.org/bots/api#deletewebhook.
func (tg *Telegram) deleteWebhook(q *request) (any, error) {
	tg.dropWebhook(q.bool("drop_pending_updates"))
	return true, nil
}

func (tg *Telegram) dropWebhook(withUpdates bool) {
	if tg.hook != nil {
		tg.hook.cancel()
		tg.hook = nil
	}
	if withUpdates {
		tg.pending = nil
		tg.settled.fire()
		tg.announcePending()
	}
}

// getWebhookInfo: https://core.telegram.org/bots/api#getwebhookinfo.
func (tg *Telegram) getWebhookInfo(*request) (any, error) {
	tg.expire()
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(tg.pending)}
	if len(tg.allowed) > 0 {
		kinds := []string{}
		for kind := range tg.allowed {
			kinds = append(kinds, kind)
		}
		slices.Sort(kinds)
		info["allowed_updates"] = kinds
	}
	if h := tg.hook; h != nil {
		info["url"] = h.url
		info["max_connections"] = cap(h.slots)
		if h.address != "" {
			info["ip_address"] = h.address
		}
		if h.lastError != "" {
			info["last_error_date"] = h.lastErrorAt.Unix()
			info["last_error_message"] = h.lastError
		}
	}
	return info, nil
}

// post delivers one update. Every answer but 2xx is an error, and its Retry-After
// is the pause that the bot asks for.
func (tg *Telegram) post(h *webhook, u *update) (retryAfter time.Duration, err error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-h.ctx.Done():
		return 0, h.ctx.Err()
	}
	ctx, cancel := context.WithTimeout(h.ctx, tg.opt.WebhookTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(u.body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := tg.opt.WebhookTransport.RoundTrip(r)
	if err != nil {
		return 0, asFailure(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	if resp.StatusCode/100 == 2 {
		tg.noteGone(h, false)
		return 0, nil
	}
	seconds, _ := strconv.Atoi(strings.TrimSpace(resp.Header.Get("Retry-After")))
	tg.noteGone(h, resp.StatusCode == http.StatusGone)
	return min(time.Duration(seconds)*time.Second, maxRetryAfter), deliveryFailure("Wrong response from the webhook: " + resp.Status)
}

// noteGone removes the webhook of a bot that has answered 410 for a day.
func (tg *Telegram) noteGone(h *webhook, gone bool) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	switch {
	case !gone:
		h.goneSince = time.Time{}
	case h.goneSince.IsZero():
		h.goneSince = tg.now()
	case tg.now().Sub(h.goneSince) > dropGoneAfter && tg.hook == h:
		tg.dropWebhook(false)
	}
}

// deliveryFailure is a last_error_message in Telegram's words.
type deliveryFailure string

func (f deliveryFailure) Error() string { return string(f) }

func asFailure(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return deliveryFailure("Read timeout expired")
	case errors.Is(err, syscall.ECONNREFUSED):
		return deliveryFailure("Connection refused")
	}
	return err
}
