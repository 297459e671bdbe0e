package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"intakebot/incident"
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

// ready answers 200 when every part answers, else 503, with a line a part. They
// are asked side by side: one that hangs says nothing of the others. What was
// given up and letters that do not leave are named, but are no reason to turn
// people away: the bot works.
func (p parts) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	names := []string{"redis", "sqlite", "telegram"}
	problems := make([]error, len(names))
	var undelivered error
	var asked sync.WaitGroup
	for k, ask := range []func(context.Context) error{p.drafts.Ping, p.register.Ping, p.bot.Reachable} {
		asked.Go(func() { problems[k] = ask(ctx) })
	}
	asked.Go(func() { undelivered = p.undelivered(ctx) })
	asked.Wait()
	var lines strings.Builder
	code := http.StatusOK
	for k, name := range names {
		if err := problems[k]; err != nil {
			code = http.StatusServiceUnavailable
			fmt.Fprintf(&lines, "%s: %v\n", name, err)
			continue
		}
		fmt.Fprintf(&lines, "%s: ok\n", name)
	}
	fmt.Fprintf(&lines, "mail: %s\n", okOr(p.bot.MailProblem()))
	fmt.Fprintf(&lines, "outbox: %s\n", okOr(undelivered))
	w.WriteHeader(code)
	fmt.Fprint(w, lines.String())
}

// undelivered says how much of the outbox was given up.
func (p parts) undelivered(ctx context.Context) error {
	c, err := p.register.Counts(ctx)
	telegram, mail := c.Outbox[incident.Telegram].Dead, c.Outbox[incident.Mail].Dead
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

// gauges reads the counters of the stores when Prometheus asks.
type gauges struct{ parts }

var (
	waitingDesc   = prometheus.NewDesc("intakebot_updates_waiting", "Updates in the inbox that are not worked on yet.", nil, nil)
	missingDesc   = prometheus.NewDesc("intakebot_updates_missing", "Updates of the last month that never came, by gaps in their ids.", nil, nil)
	setAsideDesc  = prometheus.NewDesc("intakebot_updates_quarantined", "Updates set aside after three failures.", nil, nil)
	outboxDesc    = prometheus.NewDesc("intakebot_outbox", "Rows of the outbox by channel and state: pending, dead (should have arrived and will not), unreachable (the person blocked the bot).", []string{"channel", "state"}, nil)
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
	set(missingDesc, c.Missing)
	for channel, o := range c.Outbox {
		set(outboxDesc, o.Pending, string(channel), "pending")
		set(outboxDesc, o.Dead, string(channel), "dead")
		set(outboxDesc, o.Unreachable, string(channel), "unreachable")
	}
	for status, n := range c.Incidents {
		set(incidentsDesc, n, string(status))
	}
}
