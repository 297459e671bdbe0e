package main

import (
	"time"

	"intakebot/bot"
)

// meter is Metrics as the bot knows it.
type meter struct{ *metrics }

// Turn implements bot.Meter.
func (m meter) Turn(outcome bot.TurnOutcome, took time.Duration) {
	m.metrics.Turn(string(outcome), took)
}

func turnOutcomes() (names []string) {
	for _, o := range bot.TurnOutcomes {
		names = append(names, string(o))
	}
	return names
}

// sources are what monitor reads of the parts.
func (p parts) sources(now func() time.Time) Sources {
	s := Sources{
		Needed:      []Probe{{"redis", p.drafts.Ping}, {"sqlite", p.register.Ping}, {"telegram", p.bot.Reachable}},
		MailProblem: p.bot.MailProblem, Counts: p.register.Counts, Drafts: p.drafts.Count, Now: now,
	}
	if p.copies != nil {
		s.NewestCopy = p.copies.newest
	}
	return s
}

// watched are what ALERT_EMAIL hears of besides.
func (p parts) watched() []Probe {
	probes := []Probe{{"desk", p.bot.DeskReachable}, {"webhook", p.bot.WebhookFails}}
	if p.copies != nil {
		probes = append(probes, Probe{"copies", p.copies.Fresh})
	}
	return probes
}
