package mailer

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

const (
	// pollEvery is how often the outbox is looked at unasked; the pauses
	// between attempts are multiples of it.
	pollEvery = 5 * time.Second
	// concurrency is how many letters are delivered at once.
	concurrency = 3
	// grace is how long a delivery under way may take when the program stops;
	// a database write then has writeTimeout more.
	grace        = 4 * time.Second
	writeTimeout = 2 * time.Second
	// lease outlives the longest delivery (Timeouts.Longest), so that nobody
	// sends a letter whose answer is still awaited.
	lease = 20 * time.Minute
	// outageAfter is how long the relay may be out of reach before it is an
	// outage; a fault of our own settings is one at once. The third attempt
	// falls behind it, so somebody is told within a minute. A connection that
	// is lost behind RCPT may be due to that letter, so it has longer.
	outageAfter     = 30 * time.Second
	outageAfterRcpt = 15 * time.Minute
	// greetingTimeout is how long a relay may take until it has accepted the
	// sender; then it counts as silent, though the attempt itself goes on
	// (RFC 5321, 4.5.3.2: for minutes).
	greetingTimeout = 40 * time.Second
)

// Worker delivers the letters of an outbox. Set the first two fields, call
// Run once; Kick may be called at any time.
type Worker struct {
	Outbox Outbox
	// Deliver makes one attempt, usually SMTP.Deliver. It must return soon
	// after its context ends.
	Deliver func(ctx context.Context, letter outbox.Letter) Verdict
	// Messages returns what people and the desk are told when a letter was
	// accepted (incident.LetterSent, problem "") or will not go
	// (incident.LetterRefused and why); nil for nothing.
	Messages func(l outbox.Letter, state incident.LetterState, problem string, at time.Time) Compose
	// OnLetterDone is called when that is in the outbox: there is something
	// to send, and the card changed. nil for nobody.
	OnLetterDone func()
	// Alarm is told that letters do not leave, and why, whenever an attempt
	// shows it anew: the relay cannot be reached, or refuses us rather than a
	// letter. It is told that they leave (EndedAt is set) at the end of that,
	// and by the first letter that goes after the start of Run: an outage may
	// have begun before it, and Since is then zero. It must not block. nil for
	// nobody.
	Alarm func(outbox.MailOutage)
	// Now is the clock, nil for time.Now.
	Now func() time.Time
	// Logger gets a line an attempt: number, stage and code, never an
	// address, a name or a text. nil for none.
	Logger *slog.Logger

	once sync.Once
	kick chan struct{}
}

// Kick says that there is a new letter: the outbox is looked at now. It never
// blocks.
func (w *Worker) Kick() {
	w.init()
	select {
	case w.kick <- struct{}{}:
	default: // one is waiting already
	}
}

func (w *Worker) init() {
	w.once.Do(func() {
		w.kick = make(chan struct{}, 1)
		if w.Now == nil {
			w.Now = time.Now
		}
		if w.Logger == nil {
			w.Logger = slog.New(slog.DiscardHandler)
		}
	})
}

// Run delivers letters until ctx ends, then waits a few seconds for those under
// way; what is not finished by then is given back to the outbox. It returns
// nil: an outbox that does not answer is logged and asked again.
func (w *Worker) Run(ctx context.Context) error {
	w.init()
	d := &dispatcher{Worker: w, busy: map[int64]bool{}, underWay: map[int64]*delivery{}, done: make(chan attempt)}
	// Deliveries outlive ctx by grace.
	delivering, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, abandon) })()

	// A restart often mends settings: what waits is tried at once.
	d.wake(ctx, w.Now())
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		d.claim(ctx, delivering)
		select {
		case <-ctx.Done():
		case <-w.kick:
		case a := <-d.done:
			d.finishAttempt(ctx, a)
		case <-tick.C:
			d.writeAgain(ctx, false)
			d.watchGreetings()
		}
	}
	for len(d.underWay) > 0 {
		d.finishAttempt(ctx, <-d.done)
	}
	d.writeAgain(ctx, true)
	return nil
}
