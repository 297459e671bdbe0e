package inbox

import (
	"context"
	"errors"
	"time"

	"intakebot/bot/telegram"
	"intakebot/internal/loop"
)

// webhookAgain is the pause before an address that Telegram refused is offered
// again: only DNS can mend it while the program runs.
const webhookAgain = 10 * time.Minute

// Take brings updates in until ctx ends.
func (in *Inbox) Take(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; failures++ {
		err := in.cfg.Source.Connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, telegram.ErrToken) {
			in.cfg.Log.Stop(err)
			return
		}
		in.answered(err)
		if err == nil {
			break
		}
		var refused *telegram.WebhookError
		if errors.As(err, &refused) {
			in.cfg.Log.Error("telegram refuses the webhook", "error", refused)
			loop.Pause(ctx, webhookAgain, in.webhook)
			continue
		}
		in.cfg.Log.Warn("telegram does not answer, trying again", "error", err)
		loop.Pause(ctx, max(loop.Backoff(failures), telegram.Classify(0, err).RetryAfter), nil)
	}
	if ctx.Err() != nil {
		return
	}
	in.cfg.Log.Info("telegram answers", "webhook", in.cfg.Source.Webhook != nil)
	close(in.connected)
	if in.cfg.Source.Webhook == nil {
		in.poll(ctx)
		return
	}
	in.watch(ctx)
}

// Announce sets the menus of commands, once, aside from everything else: people
// are answered without them.
func (in *Inbox) Announce(ctx context.Context) {
	select {
	case <-in.connected:
	case <-ctx.Done():
		return
	}
	for failures := 0; ; failures++ {
		err := in.cfg.Source.Announce(ctx, in.cfg.Private, in.cfg.Desk, in.cfg.Introduction)
		r := telegram.Classify(0, err)
		if err == nil || ctx.Err() != nil {
			return
		}
		in.cfg.Log.Warn("the command menu was not set", "error", err)
		if r.Kind != telegram.Temporary && r.Kind != telegram.RateLimited {
			return
		}
		if !loop.Pause(ctx, max(time.Second<<min(failures, 8), r.RetryAfter), nil) {
			return
		}
	}
}

// poll asks for updates, stores them, and confirms them by the next question.
// It begins without an offset: Telegram remembers what was not confirmed.
func (in *Inbox) poll(ctx context.Context) {
	in.singleton.acquire(ctx)
	began, offset, failures := time.Now(), int64(0), 0
	for ctx.Err() == nil {
		raws, err := in.cfg.Source.Poll(ctx, offset)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			in.answered(nil)
			in.singleton.note(ctx)
			var next int64
			if next, err = in.store(ctx, raws); err == nil {
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
			in.cfg.Log.Complain("updates not stored, not confirmed", "count", len(raws), "error", err)
			in.workers.await(ctx, in.stores.fail(), unavailableAfter)
			continue
		}
		in.pollFailed(err)
		switch {
		case contested(err) && time.Since(began) < yieldPeriod*in.cfg.ListenFirst:
			in.singleton.await(ctx)
			began, offset, failures = time.Now(), 0, 0
		case contested(err):
			loop.Pause(ctx, pauseContested, nil)
		default:
			loop.Pause(ctx, max(loop.Backoff(failures), telegram.Classify(0, err).RetryAfter), nil)
			failures++
		}
	}
}

func (in *Inbox) pollFailed(err error) {
	in.answered(err)
	if contested(err) {
		in.cfg.Log.Complain("somebody else takes this bot's updates: another process with the same token, or a webhook; stop it", "error", err)
		return
	}
	in.cfg.Log.Warn("no updates from telegram", "error", err)
}
