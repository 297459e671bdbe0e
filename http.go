package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"intakebot/outbox"
)

// site is one address that is listened on.
type site struct {
	variable, addr string
	handler        http.Handler
	at             net.Addr // once it is open
}

// sites are what is served where. With METRICS_ADDR, metrics and health move
// there, and HTTP_ADDR has the webhook alone: it may be open to the world.
func (p parts) sites(s Settings, log *slog.Logger) []*site {
	looks := p.looks(log)
	switch {
	case s.MetricsAddr == "" && s.HTTPAddr == "":
		return nil
	case s.MetricsAddr == "":
		return []*site{{variable: "HTTP_ADDR", addr: s.HTTPAddr, handler: p.withWebhook(s, looks)}}
	}
	all := []*site{{variable: "METRICS_ADDR", addr: s.MetricsAddr, handler: looks}}
	if s.WebhookURL != "" {
		all = append(all, &site{variable: "HTTP_ADDR", addr: s.HTTPAddr, handler: p.withWebhook(s, http.NotFoundHandler())})
	}
	return all
}

// open listens and serves until the returned function is called; failed is told
// when that ends by itself.
func (s *site) open(log *slog.Logger, failed func(error)) (shut func(context.Context), err error) {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.variable, err)
	}
	s.at = listener.Addr()
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: libraryLog(log),
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serve %s: %w", s.addr, err))
		}
	}()
	return func(ctx context.Context) {
		_ = server.Shutdown(ctx)
		<-ended
	}, nil
}

// libraryLog takes what a library prints into the log: a line an event there too.
func libraryLog(to *slog.Logger) *log.Logger { return slog.NewLogLogger(to.Handler(), slog.LevelWarn) }

// looks serves health and metrics.
func (p parts) looks(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", p.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.metrics.registry, promhttp.HandlerOpts{ErrorLog: libraryLog(log)}))
	return mux
}

// withWebhook serves the webhook at its path and everything else by others.
func (p parts) withWebhook(s Settings, others http.Handler) http.Handler {
	if s.WebhookURL == "" {
		return others
	}
	// Compared by hand: in a pattern of the mux a brace or a space in the
	// path would mean something.
	path := s.webhookPath()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			p.bot.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// part is something that the program cannot work without.
type part struct {
	name string
	ask  func(context.Context) error // nil when it works
}

func (p parts) needed() []part {
	return []part{{"redis", p.drafts.Ping}, {"sqlite", p.register.Ping}, {"telegram", p.bot.Reachable}}
}

// ready answers 200 when every part answers, else 503, with a line a part. They
// are asked side by side: one that hangs says nothing of the others. What was
// given up and letters that do not leave are named, but are no reason to turn
// people away: the bot works.
func (p parts) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	needed := p.needed()
	problems := make([]error, len(needed))
	var undelivered error
	var asked sync.WaitGroup
	for k, part := range needed {
		asked.Go(func() { problems[k] = part.ask(ctx) })
	}
	asked.Go(func() { undelivered = p.undelivered(ctx) })
	asked.Wait()
	var lines strings.Builder
	code := http.StatusOK
	for k, part := range needed {
		if err := problems[k]; err != nil {
			code = http.StatusServiceUnavailable
			fmt.Fprintf(&lines, "%s: %v\n", part.name, err)
			continue
		}
		fmt.Fprintf(&lines, "%s: ok\n", part.name)
	}
	fmt.Fprintf(&lines, "mail: %s\n", okOr(p.bot.MailProblem()))
	fmt.Fprintf(&lines, "outbox: %s\n", okOr(undelivered))
	w.WriteHeader(code)
	fmt.Fprint(w, lines.String())
}

// undelivered says how much of the outbox was given up.
func (p parts) undelivered(ctx context.Context) error {
	c, err := p.register.Counts(ctx)
	telegram, mail := c.Outbox[outbox.Telegram].Dead, c.Outbox[outbox.Mail].Dead
	if err == nil && telegram+mail > 0 {
		err = fmt.Errorf("%d undelivered (telegram %d, mail %d), see /retry in the group", telegram+mail, telegram, mail)
	}
	return err
}

func okOr(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}
