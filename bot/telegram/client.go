package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
)

// Config is what a Client is made of. Token, APIURL and Logger are required.
type Config struct {
	Token  string
	APIURL string // a slash at its end is ignored
	// FilesURL is a web server with the files of a server of one's own, which
	// serves none itself; "": APIURL.
	FilesURL string
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
	polls  *http.Client // for getUpdates, which takes as long as it is held, and files
	sends  interruptible
	api    *bot.Bot // for uploads
	pace   *pace
	Health Health
	// Works is called when Telegram takes messages again after several that it
	// did not take; nil for nobody.
	Works    func()
	noTimes  atomic.Bool  // the server knows no <tg-time>
	failures atomic.Int32 // sends that failed since one succeeded
	// pollFor and pollLate are the constants, but in tests.
	pollFor, pollLate time.Duration
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
	cfg.FilesURL = strings.TrimSuffix(cmp.Or(cfg.FilesURL, cfg.APIURL), "/")
	c := &Client{cfg: cfg, log: cfg.Logger, pace: newPace(cfg.Limits),
		polls: newHTTP(cfg), sends: interruptible{newHTTP(cfg)}, pollFor: pollFor, pollLate: pollLate}
	api, err := bot.New(cfg.Token, bot.WithSkipGetMe(), bot.WithServerURL(cfg.APIURL), bot.WithHTTPClient(sendTimeout, c.sends),
		bot.WithErrorsHandler(func(err error) { c.log.Debug("telegram library", "error", c.Scrub(err)) }))
	if err != nil {
		return nil, c.Scrub(err)
	}
	c.api = api
	return c, nil
}

// ID is the bot's own id, the first part of its token.
func (c *Client) ID() int64 { return c.api.ID() }

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
	if away := redirected(err); away != nil {
		return away
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
