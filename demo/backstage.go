package demo

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"intakebot/app"
	"intakebot/app/config"
	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// backstage is what the page knows of the running program.
type backstage struct {
	app.Program
	world    *world
	settings config.Settings
	trouble  *complaints
}

// What the demo remembers in its own data from one start to the next.
const (
	metaClock = "demo_clock" // by how many milliseconds the clock is ahead
	metaDesk  = "demo_desk"  // the support group of the last time
)

// resume prepares the data of an earlier demonstration before the first update:
// the clock goes on where it was, and the group is a new one, in which nothing
// has been said.
func (b *backstage) resume(ctx context.Context) {
	w := b.world
	if value, err := b.Register.Meta(ctx, metaClock); err == nil && value != "" {
		if ahead, err := strconv.ParseInt(value, 10, 64); err == nil {
			w.clock.Advance(time.Duration(ahead) * time.Millisecond)
		}
	}
	if value, err := b.Register.Meta(ctx, metaDesk); err == nil && value != "" {
		if former, err := strconv.ParseInt(value, 10, 64); err == nil && former != w.group.ID() {
			_ = b.Register.DeskMoved(ctx, former, w.group.ID())
		}
	}
	_ = b.Register.SetMeta(ctx, metaDesk, strconv.FormatInt(w.group.ID(), 10))
	b.trouble.forget() // what serve warns of at its start is meant for a real one
}

// advance moves the clock and wakes who waits for it.
func (b *backstage) advance(d time.Duration) {
	b.world.clock.Advance(d)
	b.world.redis.tick()
	ahead := time.Until(b.world.clock.Now()).Round(time.Millisecond)
	_ = b.Register.SetMeta(context.Background(), metaClock, strconv.FormatInt(ahead.Milliseconds(), 10))
	b.Bot.Kick()
	b.Mail.Kick()
}

func (b *backstage) setRedisDown(down bool) {
	if err := b.world.redis.setDown(down); err != nil {
		b.trouble.tell(err.Error())
	}
}

// gauges asks the stores; what does not answer is left out.
func (b *backstage) gauges(ctx context.Context) simulator.Gauges {
	g := simulator.Gauges{LastError: b.trouble.lastError()}
	if c, err := b.Register.Counts(ctx); err == nil {
		incidents, open := 0, 0
		for status, n := range c.Incidents {
			incidents += n
			if status.Open() {
				open += n
			}
		}
		messages, letters := c.Outbox[outbox.Telegram], c.Outbox[outbox.Mail]
		waiting, stale, dead := c.Waiting, messages.Pending+c.StaleCards, messages.Dead+letters.Dead
		g.Waiting, g.Messages, g.Letters, g.Dead = &waiting, &stale, &letters.Pending, &dead
		g.Incidents, g.Open = &incidents, &open
	}
	if at, ok, err := b.Register.NextDue(ctx, outbox.Mail); err == nil && ok && !at.IsZero() {
		g.NextLetterAt = &at
	}
	if n, err := b.Drafts.Count(ctx); err == nil {
		g.Drafts = &n
	}
	return g
}

// rows are the incidents, newest first.
func (b *backstage) rows(ctx context.Context) ([]simulator.Row, error) {
	var rows []simulator.Row
	err := b.Register.Each(ctx, incident.Period{}, func(i incident.Incident) error {
		rows = append(rows, row(i))
		return nil
	})
	slices.Reverse(rows)
	return rows, err
}

// letterStates are an escalation's states in few words.
var letterStates = map[incident.LetterState]string{
	incident.LetterQueued: "в очереди", incident.LetterSent: "отправлено", incident.LetterRefused: "не принято",
	incident.LetterReturned: "вернулось",
}

// sides are the sides of an incident in few words.
var sides = map[incident.Side]string{
	incident.ByReporter: "заявитель", incident.ByDesk: "техподдержка", incident.BySystem: "бот", incident.ByMail: "почта",
}

func row(i incident.Incident) simulator.Row {
	r := simulator.Row{
		Number: i.Number.String(), Status: string(i.Status), StatusName: i.Status.String(),
		Organisation: i.Answers.Get(incident.Organisation), Reporter: i.Answers.Get(incident.FullName),
		Assignee: i.Assignee, RegisteredAt: i.RegisteredAt,
	}
	if e, ok := i.LastEscalation(); ok {
		r.Letter = letterStates[e.Letter]
	}
	for _, a := range i.Answers {
		value := a.Value
		if a.Key == incident.PhoneNumber {
			value = i.Phone().String()
		}
		r.Fields = append(r.Fields, simulator.RowField{Label: a.Label, Value: value})
	}
	if len(i.Attachments) > 0 {
		r.Fields = append(r.Fields, simulator.RowField{Label: "Вложения", Value: titles(i.Attachments)})
	}
	for _, e := range i.History {
		entry := simulator.RowEntry{At: e.At, By: sides[e.By], What: incident.RegulationLine().Happened(e.Kind), Text: e.Text}
		if e.Name != "" {
			entry.By = e.Name
		}
		if len(e.Attachments) > 0 {
			entry.Text = strings.TrimSpace(entry.Text + "\n" + titles(e.Attachments))
		}
		r.History = append(r.History, entry)
	}
	return r
}

func titles(attachments []incident.Attachment) string {
	var names []string
	for _, a := range attachments {
		names = append(names, a.Title())
	}
	return strings.Join(names, ", ")
}
