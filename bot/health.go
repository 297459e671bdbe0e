package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"intakebot/outbox"
)

// health is what the intake knows of Telegram.
type health struct {
	sync.Mutex
	answered time.Time // the last good answer
	problem  string
	// delivered is when Telegram last delivered an update, by the bot's clock.
	delivered time.Time
	desk      error // why the support group took no message the last time
}

// DeskReachable returns why the support group took no message the last time,
// nil when it did or nobody has tried.
func (b *Bot) DeskReachable(context.Context) error {
	b.health.Lock()
	defer b.health.Unlock()
	return b.health.desk
}

// deskAnswered notes what came of a message to the support group: delivered or
// gone; other fates say nothing of the group.
func (b *Bot) deskAnswered(f fate, err error) {
	b.health.Lock()
	defer b.health.Unlock()
	switch f {
	case delivered, unchanged:
		b.health.desk = nil
	case gone:
		b.health.desk = err
	}
}

// Reachable returns nil when Telegram answered within the last two minutes,
// else why not.
func (b *Bot) Reachable(context.Context) error {
	b.health.Lock()
	defer b.health.Unlock()
	switch {
	case b.health.problem != "":
		return errors.New(b.health.problem)
	case b.health.answered.IsZero():
		return errors.New("no answer yet")
	case time.Since(b.health.answered) > 2*time.Minute:
		return errors.New("no answer for two minutes")
	}
	return nil
}

func (b *Bot) answered(err error) {
	b.health.Lock()
	recovered := b.health.problem != "" && err == nil
	if err == nil {
		b.health.answered, b.health.problem = time.Now(), ""
	} else {
		b.health.problem = err.Error()
	}
	b.health.Unlock()
	if recovered {
		b.wakeOutbox(b.work)
	}
}

// wakeOutbox makes what waits in the outbox due: something shows that Telegram
// takes messages again. Not more often than every few seconds.
func (b *Bot) wakeOutbox(ctx context.Context) {
	if !b.woken.pass(5 * time.Second) {
		return
	}
	if err := b.cfg.Register.Wake(ctx, outbox.Telegram, b.now()); err != nil {
		b.log.Error("wake the outbox", "error", err)
	}
	b.carryOn()
}

// probe tries what waits for a chat, whose person is there: if Telegram takes
// it, all the others follow. Not more often than every few seconds, whoever is
// there: while Telegram takes nothing, the pauses between attempts should last.
func (b *Bot) probe(ctx context.Context, chat int64) {
	if !b.probed.pass(5 * time.Second) {
		return
	}
	if err := b.cfg.Register.WakeChat(ctx, chat, b.now()); err != nil {
		b.log.Error("wake a chat's outbox", "error", err)
	}
	b.courier.raise()
}

// outage is how many sends in a row must fail before the next that does not is
// news.
const outage = 3

// failed counts a message that Telegram did not take for a reason of its own.
func (b *Bot) failed() { b.failures.Add(1) }

// works notes that Telegram took a message.
func (b *Bot) works(ctx context.Context) {
	if b.failures.Swap(0) >= outage {
		b.wakeOutbox(ctx)
	}
}
