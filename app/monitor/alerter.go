package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"intakebot/mailer"
	"intakebot/outbox"
	"intakebot/storage"
)

// Alerter tells ALERT_EMAIL by mail of what the group cannot be told: Telegram
// is out of reach or cannot reach the bot, the group takes no messages, a store
// does not answer, the register is not copied. A part that is away for alarmAfter
// makes one letter, its return another one, across restarts too.
type Alerter struct {
	AlerterOptions
	kick    chan struct{}
	outages map[string]*outage
}

// outage is the time in which a part is away.
type outage struct {
	since time.Time
	told  bool
}

const (
	// alarmAfter is how long a part must be away before it is told of: what
	// passes by itself is nobody's concern.
	alarmAfter = 10 * time.Minute
	watchEvery = time.Minute
	// askWithin and deliverWithin bound a look and a letter past the outbox.
	askWithin     = 5 * time.Second
	deliverWithin = time.Minute
)

// AlerterOptions are what an Alerter works with.
type AlerterOptions struct {
	Probes   []Probe
	Letters  mailer.Letters
	Register *storage.Register
	Queued   func() // there is a new letter in the outbox
	// Deliver hands a letter over at once, when the outbox cannot be written.
	Deliver func(context.Context, outbox.Letter) mailer.Verdict
	Now     func() time.Time
	Logger  *slog.Logger
}

// NewAlerter returns an Alerter; Run makes it work.
func NewAlerter(o AlerterOptions) *Alerter {
	w := &Alerter{AlerterOptions: o, kick: make(chan struct{}, 1), outages: map[string]*outage{}}
	w.Probes = slices.Clone(w.Probes)
	for i, one := range w.Probes {
		if one.Name == "sqlite" {
			w.Probes[i].Ask = w.writes
		}
	}
	return w
}

// Kick makes the watchman look now; it never blocks, and a nil one does nothing.
func (w *Alerter) Kick() {
	if w == nil {
		return
	}
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

// Run asks the probes every minute until ctx ends.
func (w *Alerter) Run(ctx context.Context) {
	w.resume(ctx)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.kick:
		}
		for _, one := range w.Probes {
			w.look(ctx, one)
		}
	}
}

// Where the register notes since when a part is away of which a letter tells,
// and when it was last written for no other reason than to try.
const (
	metaAlarm   = "alarm_" // + part
	metaWatched = "watched_at"
)

// resume takes up the outages of which letters have told before a restart.
func (w *Alerter) resume(ctx context.Context) {
	for _, one := range w.Probes {
		value, err := w.Register.Meta(ctx, metaAlarm+one.Name)
		if since, bad := time.Parse(time.RFC3339Nano, value); err == nil && bad == nil {
			w.outages[one.Name] = &outage{since: since, told: true}
		}
	}
}

// writes learns of a full disk too, of which nobody would hear while nobody
// writes to the bot.
func (w *Alerter) writes(ctx context.Context) error {
	return w.Register.SetMeta(ctx, metaWatched, w.Now().UTC().Format(time.RFC3339Nano))
}

func (w *Alerter) look(ctx context.Context, one Probe) {
	asking, cancel := context.WithTimeout(ctx, askWithin)
	err := one.Ask(asking)
	cancel()
	if ctx.Err() != nil {
		return // the program stops
	}
	o, now := w.outages[one.Name], w.Now()
	switch {
	case err == nil && o == nil:
	case err == nil && (!o.told || w.tell(ctx, mailer.Alarm{Part: one.Name, Since: o.since, At: now, Over: true})):
		w.Logger.Info("a part answers again", "part", one.Name, "since", o.since)
		delete(w.outages, one.Name)
	case err == nil:
	case o == nil:
		w.Logger.Warn("a part does not answer", "part", one.Name, "error", err)
		w.outages[one.Name] = &outage{since: now}
	case !o.told && now.Sub(o.since) >= alarmAfter:
		o.told = w.tell(ctx, mailer.Alarm{Part: one.Name, Since: o.since, At: now, Problem: err.Error()})
	}
}

// tell puts the letter into the outbox and notes it; the key makes it one letter
// however often that is repeated. It says whether the letter is on its way.
func (w *Alerter) tell(ctx context.Context, a mailer.Alarm) bool {
	l, err := w.Letters.Alarm(a)
	if err != nil {
		w.Logger.Error("an alarm cannot be written", "part", a.Part, "error", err)
		return true // and never will be
	}
	if err = w.put(ctx, a, l); err == nil {
		w.Queued()
		w.Logger.Warn("an alarm goes by mail", "part", a.Part, "over", a.Over)
		return true
	}
	w.Logger.Error("an alarm cannot be put into the outbox, it goes without", "part", a.Part, "error", err)
	ctx, cancel := context.WithTimeout(ctx, deliverWithin)
	defer cancel()
	return w.Deliver(ctx, l).Outcome == mailer.Accepted
}

func (w *Alerter) put(ctx context.Context, a mailer.Alarm, l outbox.Letter) error {
	note, end := a.Since.UTC().Format(time.RFC3339Nano), "away"
	if a.Over {
		note, end = "", "back"
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	err := w.Register.Put(ctx, outbox.Message{
		Key:     fmt.Sprintf("alarm:%s:%d:%s", a.Part, a.Since.UnixMilli(), end),
		Channel: outbox.Mail, Rank: outbox.RankNotice, Body: l.Encode(),
	})
	if err != nil {
		return err
	}
	return w.Register.SetMeta(ctx, metaAlarm+a.Part, note)
}
