package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// Webhook says where Telegram delivers updates.
type Webhook struct {
	URL    string
	Secret string // the X-Telegram-Bot-Api-Secret-Token header
}

// Source is where updates come from.
type Source struct {
	*Client
	Webhook *Webhook // nil: they are fetched
}

// Command is a row of the menu of commands.
type Command struct{ Name, Help string }

// kinds are those that the bot reads (Bot API, Update).
var kinds = []string{"message", "edited_message", "callback_query", "my_chat_member"}

// pollFor is how long Telegram holds a getUpdates request that has nothing to
// tell, in seconds (Bot API, getUpdates, timeout).
const pollFor = 50

// Connect makes sure that the token works (else ErrToken) and that updates come
// the way that is configured. Updates that wait at Telegram are kept.
func (s Source) Connect(ctx context.Context) error {
	me, err := s.api.GetMe(ctx)
	if Classify(0, err).Kind == Unauthorized {
		return ErrToken
	}
	if err != nil {
		return s.Scrub(err)
	}
	s.cfg.Group.setUsername(me.Username)
	if s.Webhook != nil {
		return s.SetWebhook(ctx)
	}
	_, err = s.api.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
	return s.Scrub(err)
}

// Announce tells Telegram the commands of the private chats and of the desk.
// Where several bots are in a group, a menu of its own makes a bare command go
// to the right one.
func (s Source) Announce(ctx context.Context, private, desk []Command) error {
	for _, menu := range []struct {
		commands []Command
		scope    models.BotCommandScope
	}{
		{private, &models.BotCommandScopeAllPrivateChats{}},
		{desk, &models.BotCommandScopeChat{ChatID: s.cfg.Group.ID()}},
	} {
		var commands []models.BotCommand
		for _, c := range menu.commands {
			commands = append(commands, models.BotCommand{Command: c.Name, Description: c.Help})
		}
		if _, err := s.api.SetMyCommands(ctx, &bot.SetMyCommandsParams{Commands: commands, Scope: menu.scope}); err != nil {
			return s.Scrub(err)
		}
	}
	return nil
}

// SetWebhook has Telegram deliver updates by the webhook.
func (s Source) SetWebhook(ctx context.Context) error {
	_, err := s.api.SetWebhook(ctx, &bot.SetWebhookParams{
		URL: s.Webhook.URL, SecretToken: s.Webhook.Secret, AllowedUpdates: kinds,
	})
	return s.Scrub(err)
}

// Poll fetches the updates from an offset on; 0 is none, so that nothing is
// confirmed.
func (s Source) Poll(ctx context.Context, offset int64) (raws []json.RawMessage, err error) {
	params := map[string]any{"timeout": pollFor, "limit": 100, "allowed_updates": kinds}
	if offset != 0 {
		params["offset"] = offset
	}
	_, err = s.call(ctx, "getUpdates", params, &raws)
	return raws, err
}

// Peek waits for an update and returns the id of the first one, 0 when there is
// none. It confirms nothing.
func (s Source) Peek(ctx context.Context, seconds int) (id int64, err error) {
	var heard []struct {
		ID int64 `json:"update_id"`
	}
	_, err = s.call(ctx, "getUpdates", map[string]any{"timeout": seconds, "limit": 1}, &heard)
	if len(heard) > 0 {
		id = heard[0].ID
	}
	return id, err
}

// Identity is the bot as Telegram knows it (Bot API, getMe).
type Identity struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	// ReadsAll: privacy mode is off, the bot gets everything said in its groups.
	ReadsAll bool `json:"can_read_all_group_messages"`
	// Joins: it can be added to groups.
	Joins bool `json:"can_join_groups"`
	// Ahead is by how much this machine's clock is ahead of Telegram's, to a
	// second or so; Dated says that Telegram told its time.
	Ahead time.Duration `json:"-"`
	Dated bool          `json:"-"`
}

// Identify asks who the token belongs to. ErrToken when nobody.
func (s Source) Identify(ctx context.Context) (Identity, error) {
	var me Identity
	began := time.Now()
	header, err := s.call(ctx, "getMe", struct{}{}, &me)
	if Classify(0, err).Kind == Unauthorized {
		return me, ErrToken
	}
	if at, bad := http.ParseTime(header.Get("Date")); bad == nil {
		// The header has whole seconds, cut off; it was written on the way.
		me.Dated, me.Ahead = true, began.Add(time.Since(began)/2).Sub(at.Add(time.Second/2))
	}
	return me, err
}

// Delivery is how Telegram delivers updates (Bot API, getWebhookInfo).
type Delivery struct {
	URL         string   `json:"url"` // "": they are fetched
	Pending     int      `json:"pending_update_count"`
	LastError   string   `json:"last_error_message"`
	LastErrorAt int64    `json:"last_error_date"` // Unix time, 0: none
	Allowed     []string `json:"allowed_updates"`
}

// Delivery asks how updates are delivered.
func (s Source) Delivery(ctx context.Context) (d Delivery, err error) {
	_, err = s.call(ctx, "getWebhookInfo", struct{}{}, &d)
	return d, err
}

// WebhookFails returns why Telegram cannot deliver the updates that wait, nil
// when something came since its last failure, when nothing waits, or when
// updates are fetched: a broken proxy or certificate before the bot shows nowhere
// else. That Telegram does not answer is Health.Reachable's to say.
func (s Source) WebhookFails(ctx context.Context) error {
	if s.Webhook == nil {
		return nil
	}
	d, err := s.Delivery(ctx)
	if err != nil || d.Pending == 0 || d.LastErrorAt == 0 || d.LastErrorAt < s.Health.LastDelivered().Unix() {
		return nil
	}
	return errors.New("telegram: " + d.LastError)
}
