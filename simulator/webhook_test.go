package simulator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/simulator"
)

// hook is a bot's webhook that remembers what it accepted.
type hook struct {
	mu     sync.Mutex
	refuse func(update) int // a status other than 200
	texts  []string
	secret string
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var u update
	_ = json.NewDecoder(r.Body).Decode(&u)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secret = r.Header.Get("X-Telegram-Bot-Api-Secret-Token")
	if h.refuse != nil {
		if status := h.refuse(u); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	h.texts = append(h.texts, u.Message.Text)
}

func TestWebhook(t *testing.T) {
	tg := start(t, simulator.Options{LoopbackWebhooks: true, WebhookBackoff: 10 * time.Millisecond})
	h := &hook{}
	server := httptest.NewServer(h)
	defer server.Close()
	anna, boris := tg.Person("Анна", "").Chat(), tg.Person("Борис", "").Chat()
	anna.Send("до вебхука")

	failing := 3
	h.refuse = func(u update) int {
		if u.Message.Text == "до вебхука" && failing > 0 {
			failing--
			return 503
		}
		return 0
	}
	must(t, tg, "setWebhook", fields{"url": server.URL + "/hook", "secret_token": "s3cret"})
	anna.Send("после")
	boris.Send("не ждёт")
	awaitConfirmed(t, tg)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.secret != "s3cret" || slices.Index(h.texts, "до вебхука") > slices.Index(h.texts, "после") || len(h.texts) != 3 {
		t.Errorf("%q %q", h.secret, h.texts)
	}
	info := decode[struct {
		URL     string `json:"url"`
		Pending int    `json:"pending_update_count"`
		Error   string `json:"last_error_message"`
	}](t, must(t, tg, "getWebhookInfo", nil))
	if info.Error != "Wrong response from the webhook: 503 Service Unavailable" || info.Pending != 0 || info.URL != server.URL+"/hook" {
		t.Errorf("%+v", info)
	}
	if got := do(t, tg, "getUpdates", nil); got.Code != 409 || got.Description != "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first" {
		t.Errorf("%+v", got)
	}
	must(t, tg, "deleteWebhook", nil)
	anna.Send("снова опрос")
	if got := updates(t, tg, 0); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	must(t, tg, "deleteWebhook", fields{"drop_pending_updates": true})
	if got := updates(t, tg, 0); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestWebhookEndsPoll(t *testing.T) {
	tg := start(t, simulator.Options{LoopbackWebhooks: true, WebhookBackoff: 10 * time.Millisecond})
	poll := make(chan reply)
	go func() { poll <- do(t, tg, "getUpdates", fields{"timeout": 50}) }()
	awaitPoll(t, tg)
	must(t, tg, "setWebhook", fields{"url": "http://127.0.0.1:9/"})
	if got := <-poll; got.Code != 409 {
		t.Errorf("%+v", got)
	}
	tg.Person("Анна", "").Chat().Send("некому")
	// The failure is not an event; the next call sees it soon enough.
	for deadline := time.Now().Add(10 * time.Second); ; {
		info := string(must(t, tg, "getWebhookInfo", nil).Result)
		if strings.Contains(info, "Connection refused") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(info)
		}
	}
}

func TestWebhookTwice(t *testing.T) {
	tg := start(t, simulator.Options{LoopbackWebhooks: true, WebhookBackoff: 10 * time.Millisecond})
	tg.SetTwice(true)
	h := &hook{}
	server := httptest.NewServer(h)
	defer server.Close()
	must(t, tg, "setWebhook", fields{"url": server.URL})
	tg.Person("Анна", "").Chat().Send("раз")
	awaitConfirmed(t, tg)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.texts) != 2 {
		t.Errorf("%q", h.texts)
	}
}

func awaitConfirmed(t *testing.T, tg *simulator.Telegram) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := tg.AwaitConfirmed(ctx); err != nil {
		t.Fatal(err)
	}
}
