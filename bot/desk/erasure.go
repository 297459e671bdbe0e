package desk

import (
	"context"
	"errors"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/inbox"
	"intakebot/bot/notify"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// An erasure begins in the transaction in which a person asks for it (reporter), or
// when the retention ends (a duty). The register is empty then, but letters go
// first, the group shows what it shows, and the draft and the database's files
// are looked after; Erasures goes on, whatever stops it in between, until
// nothing is left.

// ErasureStore is what the erasures need of the register.
type ErasureStore interface {
	Expire(ctx context.Context, before time.Time, limit int) (done bool, err error)
	Erasures(ctx context.Context) (chats []int64, err error)
	ResumeErasure(ctx context.Context, chat int64) (outbox.Erasure, error)
	ErasureTold(ctx context.Context, chat int64, posts []outbox.Message) error
	ErasureDone(ctx context.Context, chat int64) error
	Scrub(ctx context.Context) error
	Put(ctx context.Context, posts ...outbox.Message) error
	Meta(ctx context.Context, key string) (string, error)
	SetMeta(ctx context.Context, key, value string) error
}

// Erasures goes on with the erasures under way and begins those of the
// retention. Everything is required.
type Erasures struct {
	Retention  Retention
	Dialogue   *conversation.Dialogue
	Group      *telegram.Group
	Configured int64 // the group's id when it was set up
	Store      ErasureStore
	Notify     notify.Notifier
	Courier    *delivery.Courier
	// Nudge tells the worker of a chat, Kick wakes everybody.
	Nudge       func(chat int64, n inbox.Nudge)
	Kick        func()
	Wake, Cards loop.Signal
	Now         func() time.Time
	Log         *loop.Supervisor

	// scrubFrom is when the database's files may be cleaned again; Run alone
	// uses it.
	scrubFrom time.Time
}

// Retention is how long the data of an incident are kept after its end; the
// zero Retention keeps them for good.
type Retention struct{ Years, Months, Days int }

// before is the moment before which an incident ended too long ago.
func (r Retention) before(now time.Time) time.Time { return now.AddDate(-r.Years, -r.Months, -r.Days) }

// expirePortion is how many incidents one look at the retention erases, so that
// nobody waits for the register meanwhile.
const expirePortion = 20

// expiredKey is the day when the retention was last looked at, in the
// register's meta.
const expiredKey = "expired_on"

// scrubPatience is how long the person waits for the cleaning of the database's
// files to succeed: somebody who reads an older state, or a want of room,
// hinders it. It is tried on, but told then; scrubAgain is the pause after a
// failure that the next moment does not mend.
const (
	scrubPatience = time.Hour
	scrubAgain    = 10 * time.Minute
)

// Run looks at the erasures under way now and then, and whenever something that
// one may wait for has come about.
func (er *Erasures) Run(ctx context.Context) {
	er.Log.Every(ctx, "an erasure waits", 15*time.Second, er.Wake, er.resumeAll)
}

// resumeAll goes on with the erasures under way and begins those of the
// retention.
func (er *Erasures) resumeAll(ctx context.Context) error {
	if err := er.expire(ctx); err != nil {
		return err
	}
	chats, err := er.Store.Erasures(ctx)
	for _, chat := range chats {
		err = errors.Join(err, er.resume(ctx, chat))
	}
	return err
}

// expire looks once a day for what was kept long enough.
func (er *Erasures) expire(ctx context.Context) error {
	term, local := er.Retention, er.Now().In(er.Dialogue.Location)
	day := local.Format(time.DateOnly)
	if term == (Retention{}) || er.Dialogue.Quiet.Quiet(local) { // the desk may have to be told
		return nil
	}
	last, err := er.Store.Meta(ctx, expiredKey)
	if err != nil || last == day {
		return err
	}
	done, err := er.Store.Expire(ctx, term.before(er.Now()), expirePortion)
	if err != nil {
		return err
	}
	er.Cards.Raise()
	if !done {
		er.Wake.Raise()
		return nil
	}
	return er.Store.SetMeta(ctx, expiredKey, day)
}

// resume does what can be done for an erasure now.
func (er *Erasures) resume(ctx context.Context, chat int64) error {
	e, err := er.Store.ResumeErasure(ctx, chat)
	if errors.Is(err, incident.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Draft {
		er.Nudge(chat, inbox.Nudge{EraseDraft: true})
	}
	if posts := notify.Empty(e); len(posts) > 0 {
		if err := er.Store.Put(ctx, posts...); err != nil {
			return err
		}
		er.Courier.Wake()
	}
	// While a letter waits, which can take days, the rest is cleaned already.
	if e.Dirty && (e.Letters > 0 || !e.Waits()) {
		e.Dirty = !er.scrubbed(ctx, e)
	}
	age := er.Now().Sub(e.AskedAt)
	switch {
	case !e.Told && groupIsOutOfReach(e, age):
		for _, one := range e.Group {
			e.Stayed = append(e.Stayed, one.MessageRef)
		}
	case e.Waits(), e.Dirty && (e.Told || age < scrubPatience):
		return nil
	case e.Told:
		er.Log.Info("an erasure is complete", "count", len(e.Numbers))
		return er.Store.ErasureDone(ctx, chat)
	}
	err = er.Store.ErasureTold(ctx, chat, er.Notify.LastWords(e, er.Now(), er.Group.ID(), er.Group.ID() != er.Configured))
	er.Kick()
	return err
}

// groupIsOutOfReach says that only the group is left and does not answer for as
// long as anything is tried: the person hears of the end then, with what stayed.
func groupIsOutOfReach(e outbox.Erasure, age time.Duration) bool {
	return e.Chat != 0 && e.Waits() && e.Letters == 0 && !e.Draft && age > outbox.KeepTrying
}

// scrubbed cleans the files of the database; false when that has to wait.
func (er *Erasures) scrubbed(ctx context.Context, e outbox.Erasure) bool {
	if er.Now().Before(er.scrubFrom) {
		return false
	}
	err := er.Store.Scrub(ctx)
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	er.Log.Check(err)
	if e.Told || !errors.Is(err, incident.ErrReadElsewhere) {
		er.scrubFrom = er.Now().Add(scrubAgain)
		er.Log.Error("the database's files still hold what was erased", "again", scrubAgain, "error", err)
	}
	return false
}
