package app

import (
	"context"
	"path/filepath"
	"time"

	"intakebot/app/monitor"
	"intakebot/bot"
	"intakebot/bot/inbox"
	"intakebot/storage"
)

// stores are the register as the parts of the bot need it.
func stores(r *storage.Register) bot.Stores {
	return bot.Stores{Inbox: r, Reporter: r, Delivery: r, Desk: r, Cards: r, Bulletins: r, Duties: r, Erasures: r, Group: r, Start: r, Mail: r}
}

// meter is Metrics as the bot knows it.
type meter struct{ *monitor.Metrics }

// Turn implements bot.Meter.
func (m meter) Turn(outcome inbox.TurnOutcome, took time.Duration) {
	m.Metrics.Turn(string(outcome), took)
}

func turnOutcomes() (names []string) {
	for _, o := range inbox.TurnOutcomes {
		names = append(names, string(o))
	}
	return names
}

// sources are what monitor reads of the parts.
func (p Program) sources(now func() time.Time) monitor.Sources {
	s := monitor.Sources{
		Needed:      []monitor.Probe{{Name: "redis", Ask: p.Drafts.Ping}, {Name: "sqlite", Ask: p.Register.Ping}, {Name: "telegram", Ask: p.Bot.Reachable}},
		MailProblem: p.Bot.MailProblem, Counts: p.Register.Counts, Drafts: p.Drafts.Count, Now: now,
	}
	if p.Mailbox != nil {
		s.Mailbox, s.MailCounts = p.mailboxProblem, p.Register.MailCounts
	}
	s.Folders = map[string]string{"register": filepath.Dir(p.registerPath)}
	if p.backups != nil {
		s.NewestCopy, s.Folders["copies"] = p.backups.newest, p.backups.folder
	}
	return s
}

// watched are what ALERT_EMAIL hears of besides.
func (p Program) watched() []monitor.Probe {
	probes := []monitor.Probe{{Name: "desk", Ask: p.Bot.DeskReachable}, {Name: "webhook", Ask: p.Bot.WebhookFails}}
	if p.Mailbox != nil {
		probes = append(probes, monitor.Probe{Name: "mailbox", Ask: func(context.Context) error { return p.mailboxProblem() }})
	}
	if p.backups != nil {
		probes = append(probes, monitor.Probe{Name: "copies", Ask: p.backups.Fresh})
	}
	return probes
}
