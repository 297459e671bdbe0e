package bot

import (
	"context"
	"errors"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// An erasure begins in the transaction in which a person asks for it (lane), or
// when the retention ends (a duty). The register is empty then, but letters go
// first, the group shows what it shows, and the draft and the database's files
// are looked after; keepForgetting goes on, whatever stops it in between, until
// nothing is left.

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

// forget carries out the person's wish.
func (l *lane) forget(ctx context.Context) error {
	err := l.cfg.Register.Forget(ctx, l.chat, l.now(), farewell)
	if err != nil {
		return err
	}
	l.log.Info("a person is forgotten", "chat", l.chat)
	l.lanes.mu.Lock()
	l.leaving = true
	l.lanes.mu.Unlock()
	l.told()
	l.erasures.raise()
	l.bulletins.raise() // what cannot be delivered is no longer needed
	return nil
}

// leave empties Redis once everything that was said is sent. Who has agreed
// again by then has begun a new conversation, which overwrote the old one.
func (l *lane) leave(ctx context.Context) {
	l.lanes.mu.Lock()
	leaving := l.leaving && len(l.rows) == 0 && len(l.replies) == 0
	if leaving {
		l.leaving = false // a duty raises it again should this fail
	}
	l.lanes.mu.Unlock()
	if !leaving {
		return
	}
	person, err := l.cfg.Register.Reporter(ctx, l.chat)
	if err == nil && person.Consent.Version == "" {
		err = l.cfg.Drafts.Forget(ctx, l.chat)
	}
	if err == nil {
		err = l.cfg.Register.DraftErased(ctx, l.chat)
		l.erasures.raise()
	}
	if err != nil {
		l.fatal(err)
		l.log.Warn("the draft of a forgotten person is not erased yet", "chat", l.chat, "error", err)
	}
}

// keepForgetting looks at the erasures under way now and then, and whenever
// something that one may wait for has come about.
func (b *Bot) keepForgetting(ctx context.Context) {
	for {
		if err := b.goOnErasing(ctx); err != nil && ctx.Err() == nil {
			b.fatal(err)
			b.complain("an erasure waits", "error", err)
		}
		if !pause(ctx, 15*time.Second, b.erasures) {
			return
		}
	}
}

// goOnErasing goes on with the erasures under way and begins those of the
// retention.
func (b *Bot) goOnErasing(ctx context.Context) error {
	if err := b.expire(ctx); err != nil {
		return err
	}
	chats, err := b.cfg.Register.Erasures(ctx)
	for _, chat := range chats {
		err = errors.Join(err, b.goOnForgetting(ctx, chat))
	}
	return err
}

// expire looks once a day for what was kept long enough.
func (b *Bot) expire(ctx context.Context) error {
	term, local := b.cfg.Duties.Retention, b.now().In(b.cfg.Dialogue.Location)
	day := local.Format(time.DateOnly)
	if term == (Retention{}) || b.cfg.Dialogue.Quiet.Quiet(local) { // the desk may have to be told
		return nil
	}
	last, err := b.cfg.Register.Meta(ctx, expiredKey)
	if err != nil || last == day {
		return err
	}
	done, err := b.cfg.Register.Expire(ctx, term.before(b.now()), expirePortion)
	if err != nil {
		return err
	}
	b.cards.raise()
	if !done {
		b.erasures.raise()
		return nil
	}
	return b.cfg.Register.SetMeta(ctx, expiredKey, day)
}

// goOnForgetting does what can be done for an erasure now.
func (b *Bot) goOnForgetting(ctx context.Context, chat int64) error {
	e, err := b.cfg.Register.Sweep(ctx, chat)
	if errors.Is(err, incident.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Draft {
		b.lanes.wakeWith(chat, func(l *lane) { l.leaving = true })
	}
	if err := b.emptyGroup(ctx, e); err != nil {
		return err
	}
	// While a letter waits, which can take days, the rest is cleaned already.
	if e.Dirty && (e.Letters > 0 || !e.Waits()) {
		e.Dirty = !b.scrubbed(ctx, e)
	}
	age := b.now().Sub(e.AskedAt)
	switch {
	case !e.Told && b.groupIsOutOfReach(e, age):
		for _, one := range e.Group {
			e.Stayed = append(e.Stayed, one.MessageRef)
		}
	case e.Waits(), e.Dirty && (e.Told || age < scrubPatience):
		return nil
	case e.Told:
		b.log.Info("an erasure is complete", "count", len(e.Numbers))
		return b.cfg.Register.ErasureDone(ctx, chat)
	}
	err = b.cfg.Register.ErasureTold(ctx, chat, b.lastWords(e))
	b.Kick()
	return err
}

// groupIsOutOfReach says that only the group is left and does not answer for as
// long as anything is tried: the person hears of the end then, with what stayed.
func (b *Bot) groupIsOutOfReach(e outbox.Erasure, age time.Duration) bool {
	return e.Chat != 0 && e.Waits() && e.Letters == 0 && !e.Draft && age > outbox.KeepTrying
}

// scrubbed cleans the files of the database; false when that has to wait.
func (b *Bot) scrubbed(ctx context.Context, e outbox.Erasure) bool {
	if b.now().Before(b.scrubFrom) {
		return false
	}
	err := b.cfg.Register.Scrub(ctx)
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	b.fatal(err)
	if e.Told || !errors.Is(err, incident.ErrReadElsewhere) {
		b.scrubFrom = b.now().Add(scrubAgain)
		b.log.Error("the database's files still hold what was erased", "again", scrubAgain, "error", err)
	}
	return false
}
