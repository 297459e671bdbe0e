package monitor

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"intakebot/incident"
	"intakebot/storage"
)

// gauges reads the counters of the stores when Prometheus asks.
type gauges struct{ Sources }

var (
	upDesc        = prometheus.NewDesc("intakebot_up", "Whether a part that the bot cannot work without answers: 1 or 0.", []string{"part"}, nil)
	oldestDesc    = prometheus.NewDesc("intakebot_updates_oldest_seconds", "How long the update waits that has waited longest; 0 when none does.", nil, nil)
	outboxAgeDesc = prometheus.NewDesc("intakebot_outbox_oldest_seconds", "How long the row of the outbox waits that has waited longest, by channel; 0 when none does.", []string{"channel"}, nil)
	cardsDesc     = prometheus.NewDesc("intakebot_cards_stale", "Cards in the group that do not show their incident as it is.", nil, nil)
	blockedDesc   = prometheus.NewDesc("intakebot_people_unreachable", "People who blocked the bot.", nil, nil)
	waitingDesc   = prometheus.NewDesc("intakebot_updates_waiting", "Updates in the inbox that are not worked on yet.", nil, nil)
	missingDesc   = prometheus.NewDesc("intakebot_updates_missing", "Updates of the last month that never came, by gaps in their ids.", nil, nil)
	setAsideDesc  = prometheus.NewDesc("intakebot_updates_quarantined", "Updates set aside after three failures.", nil, nil)
	outboxDesc    = prometheus.NewDesc("intakebot_outbox", "Rows of the outbox by channel and state: pending, dead (should have arrived and will not), unreachable (the person blocked the bot).", []string{"channel", "state"}, nil)
	incidentsDesc = prometheus.NewDesc("intakebot_incidents", "Incidents by status.", []string{"status"}, nil)
	oldCardDesc   = prometheus.NewDesc("intakebot_cards_oldest_seconds", "How long the change waits for its card in the group that has waited longest; 0 when none does.", nil, nil)
	freeDesc      = prometheus.NewDesc("intakebot_disk_free_bytes", "What is left on a disk, by what is on it: register, copies.", []string{"holds"}, nil)
	copyDesc      = prometheus.NewDesc("intakebot_copy_seconds", "The age of the newest copy in BACKUP_DIR; +Inf while that folder cannot be read.", nil, nil)
	mailboxDesc   = prometheus.NewDesc("intakebot_mailbox_up", "Whether the mailbox is watched: 1 or 0.", nil, nil)
	receivedDesc  = prometheus.NewDesc("intakebot_mail_received", "Letters that came back, by state: waiting, held (somebody is to link them), quarantined.", []string{"state"}, nil)
	draftsDesc    = prometheus.NewDesc("intakebot_drafts", "Unfinished drafts.", nil, nil)
)

// Describe implements prometheus.Collector. It asks nobody: the program's start
// does not wait for a store that is away.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		upDesc, oldestDesc, outboxAgeDesc, cardsDesc, blockedDesc, waitingDesc, missingDesc, setAsideDesc, outboxDesc, incidentsDesc, draftsDesc, copyDesc, mailboxDesc, receivedDesc, oldCardDesc, freeDesc,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	set := func(d *prometheus.Desc, v int, labels ...string) { gauge(d, float64(v), labels...) }
	age := func(d *prometheus.Desc, since time.Time, labels ...string) {
		waits := 0.0
		if !since.IsZero() {
			waits = max(0, g.Now().Sub(since).Seconds())
		}
		gauge(d, waits, labels...)
	}
	for _, part := range g.Needed {
		up := 1
		if part.Ask(ctx) != nil {
			up = 0
		}
		set(upDesc, up, part.Name)
	}
	if n, err := g.Drafts(ctx); err == nil {
		set(draftsDesc, n)
	}
	if g.NewestCopy != nil {
		if at, err := g.NewestCopy(); err == nil {
			age(copyDesc, at)
		} else {
			gauge(copyDesc, math.Inf(1)) // a series that is missing raises no alert
		}
	}
	for holds, folder := range g.Folders {
		if free := storage.FreeBytes(folder); free >= 0 {
			gauge(freeDesc, float64(free), holds)
		}
	}
	if g.Mailbox != nil {
		up := 1
		if g.Mailbox() != nil {
			up = 0
		}
		set(mailboxDesc, up)
		if counts, err := g.MailCounts(ctx); err == nil {
			for _, state := range []string{"waiting", "held", "quarantined"} {
				set(receivedDesc, counts[state], state)
			}
		}
	}
	c, err := g.Counts(ctx)
	if err != nil {
		return
	}
	set(waitingDesc, c.Waiting)
	age(oldestDesc, c.OldestWaitingAt)
	set(cardsDesc, c.StaleCards)
	age(oldCardDesc, c.OldestStaleAt)
	set(blockedDesc, c.Unreachable)
	set(setAsideDesc, c.Quarantined)
	set(missingDesc, c.Missing)
	for channel, o := range c.Outbox {
		set(outboxDesc, o.Pending, string(channel), "pending")
		set(outboxDesc, o.Dead, string(channel), "dead")
		set(outboxDesc, o.Unreachable, string(channel), "unreachable")
		age(outboxAgeDesc, o.OldestAt, string(channel))
	}
	for _, status := range incident.Statuses {
		set(incidentsDesc, c.Incidents[status], string(status))
	}
}
