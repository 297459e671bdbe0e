package mailer

import (
	"context"
	"sync/atomic"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// walk is one Run of a postman. All of it belongs to Run's goroutine; the
// goroutines that deliver only send their attempt on done.
type walk struct {
	*Postman
	// busy holds the letters claimed and not yet recorded. A claim that ran
	// out, or was woken, while the letter is still in hand is not a second
	// letter.
	busy map[int64]bool
	out  int // deliveries under way
	// inHand are those deliveries.
	inHand map[int64]*hand
	done   chan attempt
	// unwritten are the records that the outbox did not take yet.
	unwritten []record
	outage    outage
	// works says that a letter got as far as the recipient since the start,
	// or since the last outage.
	works bool
}

// hand is a delivery under way.
type hand struct {
	began time.Time // by the postman's clock
	since time.Time // by the real one, which network timeouts follow
	heard atomic.Bool
}

// attempt is a finished delivery.
type attempt struct {
	QueuedLetter
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

// claim takes as many due letters as there are free hands and sends each on
// its way.
func (w *walk) claim(ctx, delivering context.Context) {
	free := hands - w.out
	if free == 0 {
		return
	}
	letters, err := w.Outbox.ClaimLetters(ctx, w.Now(), lease, free)
	if err != nil {
		if ctx.Err() == nil {
			w.Logger.Error("cannot take letters from the outbox", "error", err)
		}
		return
	}
	for _, q := range letters {
		if w.busy[q.ID] {
			continue
		}
		w.busy[q.ID] = true
		w.out++
		h := &hand{began: w.Now(), since: time.Now()}
		w.inHand[q.ID] = h
		go func() {
			v := w.Deliver(withHeard(delivering, func() { h.heard.Store(true) }), q.Letter)
			final := v.Outcome == Accepted || v.Outcome == Refused
			w.done <- attempt{QueuedLetter: q, began: h.began, verdict: v, dropped: delivering.Err() != nil && !final}
		}()
	}
}

// settle records what an attempt means for its letter and for the others.
func (w *walk) settle(ctx context.Context, a attempt) {
	w.out--
	delete(w.inHand, a.ID)
	now := w.Now()
	w.log(a)
	if a.dropped {
		w.postpone(ctx, a, now, "")
		return
	}
	switch a.verdict.Outcome {
	case Accepted:
		w.finish(ctx, a, incident.LetterSent, now, "")
	case Refused:
		w.finish(ctx, a, incident.LetterRefused, now, a.verdict.Problem())
	default:
		until, ok := a.nextAttempt(now)
		if ok {
			w.postpone(ctx, a, until, a.verdict.Problem())
		} else {
			w.finish(ctx, a, incident.LetterRefused, now, "не удалось передать за пять дней: "+a.verdict.Problem())
		}
	}
	w.watch(ctx, a, now)
}

func (w *walk) postpone(ctx context.Context, a attempt, until time.Time, reason string) {
	w.record(ctx, record{id: a.ID, write: func(ctx context.Context) error {
		return w.Outbox.PostponeLetter(ctx, a.ID, until, reason)
	}})
}

func (w *walk) finish(ctx context.Context, a attempt, state incident.LetterState, at time.Time, problem string) {
	var compose Compose
	if w.Compose != nil {
		compose = w.Compose(a.Letter, a.Number, state, at, problem)
	}
	w.record(ctx, record{id: a.ID, write: func(ctx context.Context) error {
		return w.Outbox.SettleLetter(ctx, a.ID, a.Letter, a.Number, state, at, problem, compose)
	}})
}

// record writes r, or keeps it to be written within a minute: an accepted
// letter must not go a second time because the disk was full for a while.
func (w *walk) record(ctx context.Context, r record) {
	if w.write(ctx, "record", r.write) {
		delete(w.busy, r.id)
		return
	}
	r.again = w.Now().Add(outbox.PauseAfter(min(r.tries, 2)))
	r.tries++
	w.unwritten = append(w.unwritten, r)
}

// writeAgain tries the records that failed before, those whose time has come
// or all.
func (w *walk) writeAgain(ctx context.Context, all bool) {
	waiting := w.unwritten
	w.unwritten = nil
	for _, r := range waiting {
		if all || !w.Now().Before(r.again) {
			w.record(ctx, r)
		} else {
			w.unwritten = append(w.unwritten, r)
		}
	}
}

// write makes one write to the outbox and says whether it succeeded. It has a
// time of its own, so that the end of ctx does not undo what is known.
func (w *walk) write(ctx context.Context, what string, do func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	err := do(ctx)
	if err != nil {
		w.Logger.Error("cannot write to the outbox", "what", what, "error", err)
	}
	return err == nil
}

// log writes the line of an attempt. From RCPT on a server's words can hold the
// recipient's address, so they stay out of it; before that they concern our
// settings and are what the administrator needs.
func (w *walk) log(a attempt) {
	attrs := []any{"incident", a.Number, "letter", a.Letter.Kind, "seq", a.Letter.Seq, "attempt", a.Attempts + 1,
		"outcome", a.verdict.Outcome.String(), "stage", a.verdict.Stage, "code", a.verdict.Code}
	if a.verdict.Err != nil && (a.verdict.Code == 0 || !a.verdict.Stage.aboutLetter()) {
		attrs = append(attrs, "error", a.verdict.Err)
	}
	w.Logger.Info("letter", attrs...)
}

// outage is a time in which letters do not leave, whatever they say.
type outage struct {
	since time.Time // zero: none
	// shown: it lasts long enough to be one, and the alarm was raised.
	shown bool
}

// watch follows the outage: its first failure begins it, the first attempt
// that gets as far as the recipient ends it and makes the letters that waited
// due at once.
func (w *walk) watch(ctx context.Context, a attempt, now time.Time) {
	switch {
	case a.verdict.reachedRecipient():
		w.ended(ctx, now)
		return
	case a.verdict.Outcome == Refused:
		return // by ourselves, nobody was asked
	}
	if w.outage.since.IsZero() {
		w.outage.since = a.began
	}
	if w.outage.shown || now.Sub(w.outage.since) >= a.verdict.patience() {
		w.failing(a.verdict.Problem())
	}
}

// listen notices a relay that takes our connections and says nothing: the
// attempt itself ends only minutes later.
func (w *walk) listen() {
	for _, h := range w.inHand {
		if h.heard.Load() || time.Since(h.since) < silence || w.outage.shown {
			continue
		}
		if w.outage.since.IsZero() {
			w.outage.since = h.began
		}
		w.failing(Verdict{Stage: StageDial}.Problem())
	}
}

// failing says that letters do not leave.
func (w *walk) failing(problem string) {
	if !w.outage.shown {
		w.Logger.Error("letters do not leave", "since", w.outage.since, "problem", problem)
	}
	w.outage.shown, w.works = true, false
	w.alarm(outbox.MailOutage{Since: w.outage.since, Problem: problem})
}

// ended notes that letters leave.
func (w *walk) ended(ctx context.Context, now time.Time) {
	since := w.outage.since
	if !since.IsZero() && !w.write(ctx, "wake", func(ctx context.Context) error { return w.Outbox.WakeLetters(ctx, now) }) {
		return // again with the next letter
	}
	if !w.works {
		w.alarm(outbox.MailOutage{Since: since, EndedAt: now})
	}
	w.outage, w.works = outage{}, true
}

func (w *walk) alarm(o outbox.MailOutage) {
	if w.Alarm != nil {
		w.Alarm(o)
	}
}

// patience is how long an outage must last before it is called one.
func (v Verdict) patience() time.Duration {
	switch {
	case v.Outcome == OurFault:
		return 0
	case v.Stage.aboutLetter():
		return patienceBehind
	}
	return patience
}

// reachedRecipient says whether the server listened to us as far as RCPT and
// answered: a letter that it puts off or refuses there is no outage.
func (v Verdict) reachedRecipient() bool {
	return v.Outcome == Accepted || v.Code != 0 && v.Stage.aboutLetter()
}
