package mailer

import (
	"context"
	"time"

	"intakebot/outbox"
)

// outage is a time in which letters do not leave, whatever they say.
type outage struct {
	since time.Time // zero: none
	// shown: it lasts long enough to be one, and the alarm was raised.
	shown bool
}

// watch follows the outage: its first failure begins it, the first attempt
// that gets as far as the recipient ends it and makes the letters that waited
// due at once.
func (d *dispatcher) watch(ctx context.Context, a attempt, now time.Time) {
	switch {
	case a.verdict.reachedRecipient():
		d.ended(ctx, now)
		return
	case a.verdict.Outcome == Refused:
		return // by ourselves, nobody was asked
	}
	if d.outage.since.IsZero() {
		d.outage.since = a.began
	}
	if d.outage.shown || now.Sub(d.outage.since) >= a.verdict.outageAfter() {
		d.failing(a.verdict.Problem())
	}
}

// watchGreetings notices a relay that takes our connections and says nothing:
// the attempt itself ends only minutes later.
func (d *dispatcher) watchGreetings() {
	for _, one := range d.underWay {
		if one.heard.Load() || time.Since(one.since) < greetingTimeout || d.outage.shown {
			continue
		}
		if d.outage.since.IsZero() {
			d.outage.since = one.began
		}
		d.failing(Verdict{Stage: StageDial}.Problem())
	}
}

// failing says that letters do not leave.
func (d *dispatcher) failing(problem string) {
	if !d.outage.shown {
		d.Logger.Error("letters do not leave", "since", d.outage.since, "problem", problem)
	}
	d.outage.shown, d.works = true, false
	d.alarm(outbox.MailOutage{Since: d.outage.since, Problem: problem})
}

// ended notes that letters leave.
func (d *dispatcher) ended(ctx context.Context, now time.Time) {
	since := d.outage.since
	if !since.IsZero() && !d.wake(ctx, now) {
		return // again with the next letter
	}
	if !d.works {
		d.alarm(outbox.MailOutage{Since: since, EndedAt: now})
	}
	d.outage, d.works = outage{}, true
}

func (d *dispatcher) alarm(o outbox.MailOutage) {
	if d.Alarm != nil {
		d.Alarm(o)
	}
}

// outageAfter is how long an outage must last before it is called one.
func (v Verdict) outageAfter() time.Duration {
	switch {
	case v.Outcome == OurFault:
		return 0
	case v.Stage.aboutLetter():
		return outageAfterRcpt
	}
	return outageAfter
}

// reachedRecipient says whether the server listened to us as far as RCPT and
// answered: a letter that it puts off or refuses there is no outage.
func (v Verdict) reachedRecipient() bool {
	return v.Outcome == Accepted || v.Code != 0 && v.Stage.aboutLetter() && v.Outcome != OurFault
}
