package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
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
	slots       chan struct{} // as many deliveries at once as max_connections
	lanes       map[int64]bool
	ctx         context.Context // ends when the webhook is replaced or deleted
	cancel      context.CancelFunc
	lastError   string
	lastErrorAt time.Time
}

var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// setWebhook: https://core.telegram.org/bots/api#setwebhook. Other than Telegram
// it takes any http or https address with any port.
func (tg *Telegram) setWebhook(q *request) (any, error) {
	address := q.str("url")
	if address == "" {
		return tg.deleteWebhook(q)
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, badRequest("bad webhook: An HTTPS URL must be provided for webhook")
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
		url:    address,
		secret: q.str("secret_token"),
		slots:  make(chan struct{}, connections),
		lanes:  map[int64]bool{},
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
		info["ip_address"] = "127.0.0.1"
		if h.lastError != "" {
			info["last_error_date"] = h.lastErrorAt.Unix()
			info["last_error_message"] = h.lastError
		}
	}
	return info, nil
}

func (tg *Telegram) wakeLanes() {
	for _, u := range tg.pending {
		tg.wakeLane(u.chat)
	}
}

// wakeLane makes sure that a goroutine delivers this chat's updates.
func (tg *Telegram) wakeLane(chat int64) {
	h := tg.hook
	if h == nil || tg.down || tg.closed || h.lanes[chat] {
		return
	}
	h.lanes[chat] = true
	tg.goLocked(func() { tg.runLane(h, chat) })
}

func (tg *Telegram) runLane(h *webhook, chat int64) {
	pause := tg.opt.WebhookBackoff
	for {
		u := tg.nextInLane(h, chat)
		if u == nil {
			return
		}
		retryAfter, err := tg.post(h, u)
		if h.ctx.Err() != nil {
			return
		}
		if err == nil {
			tg.delivered(h, u)
			pause = tg.opt.WebhookBackoff
			continue
		}
		tg.mu.Lock()
		h.lastError, h.lastErrorAt = err.Error(), tg.now()
		tg.mu.Unlock()
		if retryAfter == 0 {
			retryAfter = pause
			pause = min(2*pause, time.Minute)
		}
		timer := time.NewTimer(retryAfter)
		select {
		case <-timer.C:
		case <-h.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// nextInLane returns the chat's oldest update, or nil when the lane ends.
func (tg *Telegram) nextInLane(h *webhook, chat int64) *update {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.expire()
	i := slices.IndexFunc(tg.pending, func(u *update) bool { return u.chat == chat })
	if tg.hook != h || tg.down || i < 0 {
		delete(h.lanes, chat)
		return nil
	}
	return tg.pending[i]
}

func (tg *Telegram) delivered(h *webhook, u *update) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	i := slices.Index(tg.pending, u)
	if tg.hook != h || i < 0 {
		return
	}
	tg.pending = slices.Delete(tg.pending, i, i+1)
	tg.settle(u)
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
		return 0, nil
	}
	seconds, _ := strconv.Atoi(strings.TrimSpace(resp.Header.Get("Retry-After")))
	return time.Duration(seconds) * time.Second, deliveryFailure("Wrong response from the webhook: " + resp.Status)
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
