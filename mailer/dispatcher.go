package mailer

import (
	"context"
	"sync/atomic"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// dispatcher is one Run of a worker. All of it belongs to Run's goroutine; the
// goroutines that deliver only send their attempt on done.
type dispatcher struct {
	*Worker
	// busy holds the letters claimed and not yet recorded. A claim that ran
	// out, or was woken, while the letter is still under way is not a second
	// letter.
	busy     map[int64]bool
	underWay map[int64]*delivery
	done     chan attempt
	// unwritten are the records that the outbox did not take yet.
	unwritten []record
	outage    outage
	// works says that a letter got as far as the recipient since the start,
	// or since the last outage.
	works bool
}

// delivery is an attempt under way.
type delivery struct {
	began time.Time // by the worker's clock
	since time.Time // by the real one, which network timeouts follow
	heard atomic.Bool
}

// attempt is a finished delivery.
type attempt struct {
	outbox.Claimed
	letter  outbox.Letter
	began   time.Time
	verdict Verdict
	dropped bool // ended by our own stop, says nothing of the server
}

// record is a write to the outbox that must succeed in the end.
type record struct {
	id    int64
	write func(ctx context.Context) error
	tries int
	again time.Time // not before
}

// claim takes as many due letters as may be under way besides those that are,
// and sends each on its way.
func (d *dispatcher) claim(ctx, delivering context.Context) {
	free := concurrency - len(d.underWay)
	if free == 0 {
		return
	}
	rows, err := d.Outbox.Claim(ctx, outbox.Mail, d.Now(), lease, nil, free)
	if err != nil {
		if ctx.Err() == nil {
			d.Logger.Error("cannot take letters from the outbox", "error", err)
		}
		return
	}
	for _, row := range rows {
		if d.busy[row.ID] {
			continue
		}
		d.busy[row.ID] = true
		letter, err := outbox.DecodeLetter(row.Body)
		row.Body = nil // the letter holds it
		if err != nil {
			d.unreadable(ctx, row, err)
			continue
		}
		letter.Key = row.Key
		d.start(delivering, row, letter)
	}
}

// start makes an attempt in a goroutine of its own.
func (d *dispatcher) start(ctx context.Context, row outbox.Claimed, letter outbox.Letter) {
	one := &delivery{began: d.Now(), since: time.Now()}
	d.underWay[row.ID] = one
	go func() {
		v := d.Deliver(withHeard(ctx, func() { one.heard.Store(true) }), letter)
		final := v.Outcome == Accepted || v.Outcome == Refused
		d.done <- attempt{Claimed: row, letter: letter, began: one.began, verdict: v, dropped: ctx.Err() != nil && !final}
	}()
}

// finishAttempt records what an attempt means for its letter and for the others.
func (d *dispatcher) finishAttempt(ctx context.Context, a attempt) {
	delete(d.underWay, a.ID)
	now := d.Now()
	d.log(a)
	if a.dropped {
		d.postpone(ctx, a, now, "", false)
		return
	}
	switch a.verdict.Outcome {
	case Accepted:
		d.finishLetter(ctx, a, incident.LetterSent, now, "")
	case Refused:
		d.finishLetter(ctx, a, incident.LetterRefused, now, a.verdict.Problem())
	default:
		until, ok := nextAttempt(a.Claimed, now)
		if ok {
			d.postpone(ctx, a, until, a.verdict.Problem(), true)
		} else {
			d.finishLetter(ctx, a, incident.LetterRefused, now, "не удалось передать за пять дней: "+a.verdict.Problem())
		}
	}
	d.watch(ctx, a, now)
}

func (d *dispatcher) postpone(ctx context.Context, a attempt, until time.Time, reason string, counts bool) {
	d.record(ctx, record{id: a.ID, write: func(ctx context.Context) error {
		return d.Outbox.Postpone(ctx, a.ID, until, reason, counts)
	}})
}

func (d *dispatcher) finishLetter(ctx context.Context, a attempt, state incident.LetterState, at time.Time, problem string) {
	var compose Compose
	if d.Messages != nil && a.Number != "" {
		compose = d.Messages(a.letter, state, problem, at)
	}
	d.record(ctx, record{id: a.ID, write: func(ctx context.Context) error {
		err := d.Outbox.FinishLetter(ctx, a.ID, a.letter, a.Number, state, at, problem, compose)
		if err == nil && d.OnLetterDone != nil {
			d.OnLetterDone()
		}
		return err
	}})
}

// unreadable ends a row that this release cannot read; the desk is told of it
// with what else is undelivered.
func (d *dispatcher) unreadable(ctx context.Context, row outbox.Claimed, reason error) {
	d.Logger.Error("a letter cannot be read", "incident", row.Number, "key", row.Key, "error", reason)
	d.record(ctx, record{id: row.ID, write: func(ctx context.Context) error {
		return d.Outbox.MarkDead(ctx, row.ID, outbox.Unreadable, reason.Error(), nil)
	}})
}

// record writes r, or keeps it to be written within a minute: an accepted
// letter must not go a second time because the disk was full for a while.
func (d *dispatcher) record(ctx context.Context, r record) {
	if d.write(ctx, "record", r.write) {
		delete(d.busy, r.id)
		return
	}
	r.again = d.Now().Add(outbox.PauseAfter(min(r.tries, 2)))
	r.tries++
	d.unwritten = append(d.unwritten, r)
}

// writeAgain tries the records that failed before, those whose time has come
// or all.
func (d *dispatcher) writeAgain(ctx context.Context, all bool) {
	waiting := d.unwritten
	d.unwritten = nil
	for _, r := range waiting {
		if all || !d.Now().Before(r.again) {
			d.record(ctx, r)
		} else {
			d.unwritten = append(d.unwritten, r)
		}
	}
}

// write makes one write to the outbox and says whether it succeeded. It has a
// time of its own, so that the end of ctx does not undo what is known.
func (d *dispatcher) write(ctx context.Context, what string, do func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	err := do(ctx)
	if err != nil {
		d.Logger.Error("cannot write to the outbox", "what", what, "error", err)
	}
	return err == nil
}

func (d *dispatcher) wake(ctx context.Context, now time.Time) bool {
	return d.write(ctx, "wake", func(ctx context.Context) error { return d.Outbox.Wake(ctx, outbox.Mail, now) })
}

// log writes the line of an attempt. From RCPT on a server's words can hold the
// recipient's address, so they stay out of it; before that they concern our
// settings and are what the administrator needs.
func (d *dispatcher) log(a attempt) {
	attrs := []any{"incident", a.Number, "letter", a.letter.Kind, "seq", a.letter.Seq, "attempt", a.Attempts,
		"outcome", a.verdict.Outcome.String(), "stage", a.verdict.Stage, "code", a.verdict.Code}
	if a.verdict.Err != nil && (a.verdict.Code == 0 || !a.verdict.Stage.aboutLetter()) {
		attrs = append(attrs, "error", a.verdict.Err)
	}
	d.Logger.Info("letter", attrs...)
}
