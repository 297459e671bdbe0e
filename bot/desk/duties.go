package desk

import (
	"context"
	"fmt"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/notify"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// DutyStore is what the duties need of the register.
type DutyStore interface {
	OpenIncidents(ctx context.Context) ([]incident.Incident, error)
	Act(ctx context.Context, a incident.Act, compose func(incident.Incident) ([]outbox.Message, error)) (incident.Incident, bool, error)
	Put(ctx context.Context, posts ...outbox.Message) error
	Known(ctx context.Context, key string) (bool, error)
	Meta(ctx context.Context, key string) (string, error)
	SetMeta(ctx context.Context, key, value string) error
}

// Terms are the times of what time itself brings about.
type Terms struct {
	// RemindUntakenAfter and RemindUnansweredAfter are how long a card may
	// wait for somebody, and a person for an answer, before the desk is
	// reminded; once a working day. 0 never reminds.
	RemindUntakenAfter, RemindUnansweredAfter time.Duration
	// Retention is how long data are kept after the end of an incident.
	Retention Retention
}

// Duties is what time itself brings about. Everything is required.
type Duties struct {
	Terms    Terms
	Dialogue *conversation.Dialogue
	Store    DutyStore
	Notify   notify.Notifier
	Courier  *delivery.Courier
	Kick     func() // wakes everybody
	Wake     loop.Signal
	Now      func() time.Time
	Log      *loop.Supervisor
}

const (
	// closesAfter is the silence after a solution that closes an incident;
	// the day before, the person is warned.
	closesAfter = incident.LapsesAfter
	warnsAfter  = 24 * time.Hour
)

// Run looks at the open incidents now and then. Every duty has a key of its own
// in the outbox or the history, so it is done once however often it is looked
// at.
func (d *Duties) Run(ctx context.Context) { d.Log.Every(ctx, "duties", 15*time.Second, d.Wake, d.do) }

func (d *Duties) do(ctx context.Context) error {
	all, err := d.Store.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	now := d.Now()
	quiet := d.Dialogue.Quiet.Quiet(now.In(d.Dialogue.Location))
	var posts []outbox.Message
	for _, i := range all {
		if !quiet && i.Status == incident.Resolved && now.Sub(i.StatusAt) >= closesAfter {
			if err := d.autoClose(ctx, i, now); err != nil {
				return err
			}
			continue
		}
		if !quiet {
			more, err := d.dutiesOf(ctx, i, now)
			if err != nil {
				return err
			}
			posts = append(posts, more...)
		}
	}
	if err := d.Store.Put(ctx, posts...); err != nil {
		return err
	}
	if !quiet && d.Dialogue.Calendar.Works(now.In(d.Dialogue.Location)) {
		err = d.tellDesk(ctx, all, now)
	}
	d.Courier.Wake()
	return err
}

// tellDesk sends the digest or a reminder, when one is due.
func (d *Duties) tellDesk(ctx context.Context, all []incident.Incident, now time.Time) error {
	if greeted, err := d.sendDigest(ctx, all, now); greeted || err != nil {
		return err
	}
	return d.remindDesk(ctx, all, now)
}

// autoClose closes a solved incident after two days of silence.
func (d *Duties) autoClose(ctx context.Context, i incident.Incident, now time.Time) error {
	a := incident.Act{
		ID: fmt.Sprintf("lapse:%s:%d", i.Number, i.StatusAt.UnixMilli()), Number: i.Number,
		Action: incident.Lapse, By: incident.BySystem, At: now,
	}
	_, done, err := d.Store.Act(ctx, a, func(i incident.Incident) ([]outbox.Message, error) {
		return d.Notify.DeskActed(i, a, 0), nil
	})
	if done {
		d.Kick() // else nothing is new: to look at once again would never end
	}
	return err
}

// dutiesOf are what the person is told unasked: that an escalation is possible
// when the repair takes long, and that a solved incident is about to close.
func (d *Duties) dutiesOf(ctx context.Context, i incident.Incident, now time.Time) ([]outbox.Message, error) {
	add := func(key string, m conversation.Message) []outbox.Message {
		return []outbox.Message{delivery.ToPerson(key, i.Reporter, i.Number, delivery.Say(m))}
	}
	late := i.SupportTime(now) >= d.Dialogue.EscalationAfter
	if (i.Status == incident.Registered || i.Status == incident.InProgress) && late && len(i.Escalations) == 0 {
		return add("offer:"+string(i.Number), d.Dialogue.OfferEscalation(i)), nil
	}
	if i.Status == incident.Resolved && now.Sub(i.StatusAt) >= warnsAfter {
		end := fmt.Sprintf("%s:%d", i.Number, i.StatusAt.UnixMilli())
		// The key of older releases, which letters had too.
		if told, err := d.Store.Known(ctx, "closing:"+end); told || err != nil {
			return nil, err
		}
		return add("closes:"+end, d.Dialogue.Closing(i, now)), nil
	}
	return nil, nil
}
