package mailer

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// The postman's habits.
const (
	// round is how often the outbox is looked at unasked; the pauses between
	// attempts are multiples of it.
	round = 5 * time.Second
	// hands is how many letters are delivered at once.
	hands = 3
	// grace is how long a letter in hand may take when the program stops;
	// a database write then has writeTimeout more.
	grace        = 4 * time.Second
	writeTimeout = 2 * time.Second
	// lease outlives the longest delivery (Timeouts.Longest), so that nobody
	// sends a letter whose answer is still awaited.
	lease = 20 * time.Minute
	// patience is how long the relay may be out of reach before it is an
	// outage; a fault of our own settings is one at once. The third attempt
	// falls behind it, so somebody is told within a minute. A connection that
	// is lost behind RCPT may be due to that letter, so it has longer.
	patience       = 30 * time.Second
	patienceBehind = 15 * time.Minute
	// silence is how long a relay may take until it has listened to the
	// sender; the attempt itself goes on (RFC 5321, 4.5.3.2: for minutes).
	silence = 40 * time.Second
)

// Postman delivers the letters of an outbox. Set the first two fields, call
// Run once; Kick may be called at any time.
type Postman struct {
	Outbox Outbox
	// Deliver makes one attempt, usually SMTP.Deliver. It must return soon
	// after its context ends.
	Deliver func(ctx context.Context, letter outbox.Letter) Verdict
	// Compose returns what people and the desk are told when a letter was
	// accepted (incident.LetterSent, problem "") or will not go
	// (incident.LetterRefused and why); nil for nothing.
	Compose func(l outbox.Letter, n incident.Number, state incident.LetterState, at time.Time, problem string) Compose
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
func (p *Postman) Kick() {
	p.init()
	select {
	case p.kick <- struct{}{}:
	default: // one is waiting already
	}
}

func (p *Postman) init() {
	p.once.Do(func() {
		p.kick = make(chan struct{}, 1)
		if p.Now == nil {
			p.Now = time.Now
		}
		if p.Logger == nil {
			p.Logger = slog.New(slog.DiscardHandler)
		}
	})
}

// Run delivers letters until ctx ends, then waits a few seconds for those in
// hand; what is not finished by then is given back to the outbox. It returns
// nil: an outbox that does not answer is logged and asked again.
func (p *Postman) Run(ctx context.Context) error {
	p.init()
	w := &walk{Postman: p, busy: map[int64]bool{}, inHand: map[int64]*hand{}, done: make(chan attempt)}
	// Deliveries outlive ctx by grace.
	delivering, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, abandon) })()

	// A restart often mends settings: what waits is tried at once.
	w.write(ctx, "wake", func(ctx context.Context) error { return p.Outbox.WakeLetters(ctx, p.Now()) })
	tick := time.NewTicker(round)
	defer tick.Stop()
	for ctx.Err() == nil {
		w.claim(ctx, delivering)
		select {
		case <-ctx.Done():
		case <-p.kick:
		case a := <-w.done:
			w.settle(ctx, a)
		case <-tick.C:
			w.writeAgain(ctx, false)
			w.listen()
		}
	}
	for w.out > 0 {
		w.settle(ctx, <-w.done)
	}
	w.writeAgain(ctx, true)
	return nil
}
