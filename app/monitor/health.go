package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"intakebot/outbox"
	"intakebot/storage"
)

// Probe asks something that the program works with.
type Probe struct {
	Name string
	Ask  func(context.Context) error // nil when it works
}

// Sources are what health and metrics are read from when somebody asks.
type Sources struct {
	// Needed are what the program cannot work without.
	Needed      []Probe
	MailProblem func() error
	Counts      func(context.Context) (storage.Counts, error)
	Drafts      func(context.Context) (int, error)
	// Mailbox says why no letters come in, MailCounts are those that did, by
	// state; nil when no mailbox is read.
	Mailbox    func() error
	MailCounts func(context.Context) (map[string]int, error)
	// NewestCopy is nil when nobody wants copies.
	NewestCopy func() (time.Time, error)
	// Folders are those whose disks may fill, by what is in them.
	Folders map[string]string
	Now     func() time.Time
}

// Handler serves health and metrics.
func Handler(sources Sources, m *Metrics, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", sources.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}))
	return mux
}

// ready answers 200 when every part answers, else 503, with a line a part. They
// are asked side by side: one that hangs says nothing of the others. What was
// given up and letters that do not leave are named, but are no reason to turn
// people away: the bot works.
func (s Sources) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	problems := make([]error, len(s.Needed))
	var undelivered error
	var asked sync.WaitGroup
	for k, part := range s.Needed {
		asked.Go(func() { problems[k] = part.Ask(ctx) })
	}
	asked.Go(func() { undelivered = s.undelivered(ctx) })
	asked.Wait()
	var lines strings.Builder
	code := http.StatusOK
	for k, part := range s.Needed {
		if err := problems[k]; err != nil {
			code = http.StatusServiceUnavailable
			fmt.Fprintf(&lines, "%s: %v\n", part.Name, err)
			continue
		}
		fmt.Fprintf(&lines, "%s: ok\n", part.Name)
	}
	fmt.Fprintf(&lines, "mail: %s\n", okOr(s.MailProblem()))
	if s.Mailbox != nil {
		fmt.Fprintf(&lines, "mailbox: %s\n", okOr(s.Mailbox()))
	}
	fmt.Fprintf(&lines, "outbox: %s\n", okOr(undelivered))
	w.WriteHeader(code)
	fmt.Fprint(w, lines.String())
}

// undelivered says how much of the outbox was given up.
func (s Sources) undelivered(ctx context.Context) error {
	c, err := s.Counts(ctx)
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
