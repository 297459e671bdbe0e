package harness

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
)

// AsBot calls a method of the Bot API and returns the answer.
func (h *Harness) AsBot(method, query string) string {
	h.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(h.Telegram.URL() + "/bot" + h.Telegram.Token() + "/" + method + "?" + query)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	return string(answer)
}

// BreaksWebhook: what stands before the bot answers Telegram by an error, and
// Telegram has noticed.
func (h *Harness) BreaksWebhook() {
	front := StartFront(h)
	h.Env["WEBHOOK_URL"] = front.URL + "/telegram/updates"
	h.AsBot("setWebhook", "url="+h.Env["WEBHOOK_URL"])
	h.Clerk().Send("/start")
	<-front.Noticed
}

// front is a web server before the bot, broken until it is mended.
type front struct {
	*httptest.Server
	Mended  atomic.Bool
	refused atomic.Int32
	Noticed chan struct{} // closed at the second refusal: of the first Telegram knows then
}

func StartFront(h *Harness) *front {
	bot := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: h.Env["HTTP_ADDR"]})
	bot.Transport = &http.Transport{DisableKeepAlives: true}
	f := &front{Noticed: make(chan struct{})}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.Mended.Load() {
			bot.ServeHTTP(w, r)
			return
		}
		if f.refused.Add(1) == 2 {
			close(f.Noticed)
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	h.Cleanup(f.Close)
	return f
}
