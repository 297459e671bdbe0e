package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"intakebot/app/config"
)

// listener is one address that is listened on.
type listener struct {
	variable, addr string
	handler        http.Handler
	at             net.Addr // once it is open
}

// listeners are what is served where. With METRICS_ADDR, metrics and health move
// there, and HTTP_ADDR has the webhook alone: it may be open to the world.
func listeners(s config.Settings, looks, hook http.Handler) []*listener {
	switch {
	case s.MetricsAddr == "" && s.HTTPAddr == "":
		return nil
	case s.MetricsAddr == "":
		return []*listener{{variable: "HTTP_ADDR", addr: s.HTTPAddr, handler: withWebhook(s, hook, looks)}}
	}
	all := []*listener{{variable: "METRICS_ADDR", addr: s.MetricsAddr, handler: looks}}
	if s.WebhookURL != "" {
		all = append(all, &listener{variable: "HTTP_ADDR", addr: s.HTTPAddr, handler: withWebhook(s, hook, http.NotFoundHandler())})
	}
	return all
}

// open listens and serves until the returned function is called; failed is told
// when that ends by itself.
func (s *listener) open(log *slog.Logger, failed func(error)) (shut func(context.Context), err error) {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.variable, err)
	}
	s.at = listener.Addr()
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
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

// withWebhook serves the webhook at its path and everything else by others.
func withWebhook(s config.Settings, hook, others http.Handler) http.Handler {
	if s.WebhookURL == "" {
		return others
	}
	// Compared by hand: in a pattern of the mux a brace or a space in the
	// path would mean something.
	path := s.WebhookPath()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			hook.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}
