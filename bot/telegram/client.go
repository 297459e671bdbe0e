package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"

	"intakebot/internal/failpoint"
)

// sendTimeout is how long one request may take. Near its limits Telegram
// answers late but does deliver, so a short timeout makes duplicates.
const sendTimeout = 65 * time.Second

// Config is what a Client is made of. Token, APIURL and Logger are required.
type Config struct {
	Token  string
	APIURL string // a slash at its end is ignored
	// Thread is the topic of a forum in which the desk works, 0 for none.
	Thread int
	Limits Limits
	// Group is the support group, nil when nothing is sent there.
	Group     *Group
	Transport http.RoundTripper // nil: net/http's own
	// Proxy chooses the proxy of a request, nil for what the environment says
	// (http.ProxyFromEnvironment). Its errors are logged.
	Proxy  func(*http.Request) (*url.URL, error)
	Meter  Meter // nil: nobody reads it
	Logger *slog.Logger
}

// Client speaks with Telegram. Make it with NewClient.
type Client struct {
	cfg    Config
	log    *slog.Logger
	http   *http.Client // for getUpdates, which takes as long as it is held, and files
	api    *bot.Bot
	pace   *pace
	Health Health
	// Works is called when Telegram takes messages again after several that it
	// did not take; nil for nobody.
	Works    func()
	failures atomic.Int32 // sends that failed since one succeeded
}

// NewClient checks the configuration and makes a Client; it asks nobody
// anything.
func NewClient(cfg Config) (*Client, error) {
	if cfg.Meter == nil {
		cfg.Meter = unmetered{}
	}
	if cfg.Group == nil {
		cfg.Group = &Group{}
	}
	cfg.APIURL = strings.TrimSuffix(cfg.APIURL, "/")
	c := &Client{cfg: cfg, log: cfg.Logger, pace: newPace(cfg.Limits), http: newHTTP(cfg)}
	api, err := bot.New(cfg.Token, bot.WithSkipGetMe(), bot.WithServerURL(cfg.APIURL),
		bot.WithHTTPClient(sendTimeout, interruptible{newHTTP(cfg)}),
		bot.WithErrorsHandler(func(err error) { c.log.Debug("telegram library", "error", c.Scrub(err)) }))
	if err != nil {
		return nil, c.Scrub(err)
	}
	c.api = api
	return c, nil
}

// ID is the bot's own id, the first part of its token.
func (c *Client) ID() int64 { return c.api.ID() }

// interruptible lets a test end the process around a request.
type interruptible struct{ *http.Client }

// Do implements the library's HttpClient.
func (i interruptible) Do(req *http.Request) (*http.Response, error) {
	failpoint.Pass(failpoint.BeforeRequest)
	resp, err := i.Client.Do(req)
	failpoint.Pass(failpoint.AfterRequest)
	return resp, err
}

// newHTTP makes a client that goes through the proxy, if there is one (http
// and socks5), and closes idle connections before Telegram does.
func newHTTP(cfg Config) *http.Client {
	transport := cfg.Transport
	if transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.IdleConnTimeout = 20 * time.Second
		t.MaxIdleConnsPerHost = 32
		if cfg.Proxy != nil {
			t.Proxy = cfg.Proxy
		}
		transport = t
	}
	return &http.Client{Transport: metered{transport, cfg.Meter}, Timeout: sendTimeout}
}

// call makes a request of the Bot API in JSON, for what the library does not
// offer, and returns the header of the answer, empty when there was none.
func (c *Client) call(ctx context.Context, method string, params, result any) (http.Header, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.APIURL+"/bot"+c.cfg.Token+"/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, c.Scrub(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.Scrub(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return resp.Header, c.Scrub(err)
	}
	var answer struct {
		OK     bool            `json:"ok"`
		Result json.RawMessage `json:"result"`
		APIError
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return resp.Header, fmt.Errorf("telegram: %s answered %s without JSON", method, resp.Status)
	}
	if !answer.OK {
		return resp.Header, &answer.APIError
	}
	return resp.Header, json.Unmarshal(answer.Result, result)
}

// Scrub takes the token out of an error's text: errors of net/http carry the
// address, and the token is a part of it. The chain is cut then, except for what
// callers look for.
//
// An answer that is no JSON is quoted whole by the library, and what Telegram
// echoes may hold a message: of that nothing is left.
func (c *Client) Scrub(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if strings.Contains(text, "error decode response body") {
		return errors.New("telegram answered without JSON")
	}
	if !strings.Contains(text, c.cfg.Token) {
		return err
	}
	text = strings.ReplaceAll(text, c.cfg.Token, "***")
	for _, kept := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kept) {
			return fmt.Errorf("%s: %w", strings.TrimSuffix(text, ": "+kept.Error()), kept)
		}
	}
	return errors.New(text)
}
