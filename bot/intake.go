package bot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"intakebot/internal/failpoint"
	"intakebot/outbox"
)

// allowedUpdates are the kinds that the bot reads (Bot API, Update).
var allowedUpdates = []string{"message", "edited_message", "callback_query", "my_chat_member"}

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
	var updates []outbox.Update
	for _, raw := range raws {
		id, chat := address(raw)
		if id == 0 {
			b.log.Error("an update without a readable id was passed over", "bytes", len(raw))
			continue
		}
		offset = max(offset, id+1)
		updates = append(updates, outbox.Update{ID: id, Chat: chat, Raw: raw})
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
	for _, one := range fresh {
		b.lanes.wake(one.Chat)
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
