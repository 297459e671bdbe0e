package bot

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/go-telegram/bot"

	"intakebot/failpoint"
	"intakebot/incident"
)

// allowedUpdates are the kinds that the bot reads (Bot API, Update).
var allowedUpdates = []string{"message", "edited_message", "callback_query", "my_chat_member"}

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

// intake brings updates in until ctx ends.
func (b *Bot) intake(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		err := b.connect(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, ErrToken) {
			b.broken(ErrToken)
			return
		}
		err = b.scrub(err)
		b.answered(err)
		b.log.Warn("telegram does not answer, trying again", "error", err)
		pause(ctx, backoff(failures), nil)
		failures++
	}
	if b.cfg.Webhook == nil {
		b.poll(ctx)
		return
	}
	b.watch(ctx)
}

// connect makes sure that the token works and that updates come the way that
// is configured. Updates that wait at Telegram are kept.
func (b *Bot) connect(ctx context.Context) error {
	me, err := b.api.GetMe(ctx)
	if f, _, _ := judge(err); f == credential {
		return ErrToken
	}
	if err != nil {
		return err
	}
	b.desk.Lock()
	b.desk.username = me.Username
	b.desk.Unlock()
	if b.cfg.Webhook != nil {
		if err := b.setWebhook(ctx); err != nil {
			return err
		}
	} else if _, err := b.api.DeleteWebhook(ctx, &bot.DeleteWebhookParams{}); err != nil {
		return err
	}
	b.answered(nil)
	if err := b.announce(ctx); err != nil {
		if f, _, _ := judge(err); f == retry || f == flooded {
			return err
		}
		b.log.Warn("the command menu was not set", "error", b.scrub(err))
	}
	b.log.Info("telegram answers", "webhook", b.cfg.Webhook != nil)
	return nil
}

// poll asks for updates, stores them, and confirms them by the next question.
// It begins without an offset: Telegram remembers what was not confirmed.
func (b *Bot) poll(ctx context.Context) {
	b.takeTurn(ctx)
	began, offset, failures := time.Now(), int64(0), 0
	for ctx.Err() == nil {
		raws, err := b.getUpdates(ctx, offset)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			b.answered(nil)
			b.notePolling(ctx)
			var next int64
			if next, err = b.store(ctx, raws); err == nil {
				failures = 0
				if next != 0 { // it may be lower: ids restart after a quiet week
					offset = next
				}
				continue
			}
			if ctx.Err() != nil {
				return
			}
			// Telegram keeps them, and is asked again: others may have
			// written meanwhile, who are to be told.
			b.complain("updates not stored, not confirmed", "count", len(raws), "error", err)
			b.lanes.await(ctx, b.stores.fail(), unavailableAfter)
			continue
		}
		b.pollFailed(err)
		switch {
		case contested(err) && time.Since(began) < youth*b.cfg.Probation:
			b.awaitTurn(ctx)
			began, offset, failures = time.Now(), 0, 0
		case contested(err):
			pause(ctx, pauseContested, nil)
		default:
			pause(ctx, backoff(failures), nil)
			failures++
		}
	}
}

func (b *Bot) pollFailed(err error) {
	b.answered(err)
	if contested(err) {
		b.complain("somebody else takes this bot's updates: another process with the same token, or a webhook; stop it", "error", err)
		return
	}
	b.log.Warn("no updates from telegram", "error", err)
}

func (b *Bot) getUpdates(ctx context.Context, offset int64) ([]json.RawMessage, error) {
	params := map[string]any{"timeout": pollFor, "limit": 100, "allowed_updates": allowedUpdates}
	if offset != 0 {
		params["offset"] = offset
	}
	var raws []json.RawMessage
	err := b.call(ctx, "getUpdates", params, &raws)
	return raws, err
}

// errNoUpdate: nothing that was received has the id of an update.
var errNoUpdate = errors.New("no update of the batch has a readable id")

// store puts updates into the inbox and wakes their lanes. It returns the
// offset that confirms them.
func (b *Bot) store(ctx context.Context, raws []json.RawMessage) (offset int64, err error) {
	if len(raws) == 0 {
		return 0, nil
	}
	var updates []incident.Update
	for _, raw := range raws {
		id, chat := address(raw)
		if id == 0 {
			b.log.Error("an update without a readable id was passed over", "bytes", len(raw))
			continue
		}
		offset = max(offset, id+1)
		updates = append(updates, incident.Update{ID: id, Chat: chat, Raw: raw})
	}
	if len(updates) == 0 {
		return 0, errNoUpdate
	}
	failpoint.Pass(failpoint.Fetched)
	began := time.Now()
	fresh, err := b.cfg.Register.Receive(ctx, b.now(), updates)
	if err != nil {
		b.fatal(err)
		b.notTaken(updates, began)
		return 0, err
	}
	failpoint.Pass(failpoint.Stored)
	b.untaken.over()
	for _, chat := range fresh {
		b.lanes.wake(chat)
	}
	return offset, nil
}

// prune forgets updates and messages that were done long ago.
func (b *Bot) prune(ctx context.Context) {
	for {
		if err := b.cfg.Register.Prune(ctx, b.now()); err != nil && ctx.Err() == nil {
			b.log.Error("prune inbox and outbox", "error", err)
		}
		if !pause(ctx, time.Hour, nil) {
			return
		}
	}
}
