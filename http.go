package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// handler serves health, metrics and the webhook.
func (p parts) handler(s Settings) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", p.ready)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &gauges{parts: p})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	if s.WebhookURL == "" {
		return mux
	}
	// Compared by hand: in a pattern of the mux a brace or a space in the
	// path would mean something.
	path := s.webhookPath()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			p.bot.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ready answers 200 when every part answers, else 503, with a line a part.
func (p parts) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	var lines strings.Builder
	code := http.StatusOK
	for _, part := range []struct {
		name string
		ask  func(context.Context) error
	}{{"redis", p.drafts.Ping}, {"sqlite", p.register.Ping}, {"telegram", p.bot.Reachable}} {
		if err := part.ask(ctx); err != nil {
			code = http.StatusServiceUnavailable
			fmt.Fprintf(&lines, "%s: %v\n", part.name, err)
			continue
		}
		fmt.Fprintf(&lines, "%s: ok\n", part.name)
	}
	w.WriteHeader(code)
	fmt.Fprint(w, lines.String())
}

// gauges reads the counters of the stores when Prometheus asks.
type gauges struct{ parts }

var (
	waitingDesc   = prometheus.NewDesc("intakebot_updates_waiting", "Updates in the inbox that are not worked on yet.", nil, nil)
	setAsideDesc  = prometheus.NewDesc("intakebot_updates_quarantined", "Updates set aside after three failures.", nil, nil)
	outboxDesc    = prometheus.NewDesc("intakebot_outbox", "Rows of the outbox by channel and state.", []string{"channel", "state"}, nil)
	incidentsDesc = prometheus.NewDesc("intakebot_incidents", "Incidents by status.", []string{"status"}, nil)
	draftsDesc    = prometheus.NewDesc("intakebot_drafts", "Unfinished drafts.", nil, nil)
)

// Describe implements prometheus.Collector.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, ch) }

// Collect implements prometheus.Collector.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	set := func(d *prometheus.Desc, v int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	if n, err := g.drafts.Count(ctx); err == nil {
		set(draftsDesc, n)
	}
	c, err := g.register.Counts(ctx)
	if err != nil {
		return
	}
	set(waitingDesc, c.Waiting)
	set(setAsideDesc, c.Quarantined)
	for channel, o := range c.Outbox {
		set(outboxDesc, o.Pending, string(channel), "pending")
		set(outboxDesc, o.Dead, string(channel), "dead")
	}
	for status, n := range c.Incidents {
		set(incidentsDesc, n, string(status))
	}
}
