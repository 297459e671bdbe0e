package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"intakebot/internal/loop"
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

// kinds are those that the bot reads (Bot API, Update).
var kinds = []string{"message", "edited_message", "callback_query", "my_chat_member"}

const (
	// pollFor is how long Telegram holds a getUpdates request that has nothing
	// to tell (Bot API, getUpdates, timeout).
	pollFor = 50 * time.Second
	// pollLate is how much later its answer may come: after that the connection
	// is a forgotten one.
	pollLate = 10 * time.Second
)

// Connect makes sure that the token works (else ErrToken) and that updates come
// the way that is configured. Updates that wait at Telegram are kept. A
// *WebhookError says that Telegram will not deliver to Webhook.
func (s Source) Connect(ctx context.Context) error {
	var me Identity
	err := s.call(ctx, "getMe", nil, &me)
	if Classify(0, err).Kind == Unauthorized {
		return ErrToken
	}
	if err != nil {
		return err
	}
	s.cfg.Group.setUsername(me.Username)
	if s.Webhook != nil {
		return s.SetWebhook(ctx)
	}
	return s.call(ctx, "deleteWebhook", nil, nil)
}

// SetWebhook has Telegram deliver updates by the webhook. A *WebhookError says
// that it will not; it goes on as before then.
func (s Source) SetWebhook(ctx context.Context) error {
	return refusedWebhook(s.call(ctx, "setWebhook", map[string]any{
		"url": s.Webhook.URL, "secret_token": s.Webhook.Secret, "allowed_updates": kinds,
	}, nil))
}

// Poll fetches the updates from an offset on; 0 is none, so that nothing is
// confirmed. There are servers that do not hold a request that has nothing to
// tell: their answers are awaited in peace.
func (s Source) Poll(ctx context.Context, offset int64) (raws []json.RawMessage, err error) {
	params := map[string]any{"timeout": int(s.pollFor.Seconds()), "limit": 100, "allowed_updates": kinds}
	if offset != 0 {
		params["offset"] = offset
	}
	err = s.updates(ctx, s.pollFor, params, &raws)
	return raws, err
}

// Peek waits for an update and returns the id of the first one, 0 when there is
// none. It confirms nothing.
func (s Source) Peek(ctx context.Context, seconds int) (id int64, err error) {
	var heard []json.RawMessage
	held := time.Duration(seconds) * time.Second
	if err = s.updates(ctx, held, map[string]any{"timeout": seconds, "limit": 1}, &heard); len(heard) > 0 {
		id, _ = Address(heard[0])
	}
	return id, err
}

// emptyAfter is how long an answer without updates takes at least.
const emptyAfter = time.Second

// updates asks for updates, with a request that is held for so long.
func (s Source) updates(ctx context.Context, held time.Duration, params any, heard *[]json.RawMessage) error {
	began := time.Now()
	asking, cancel := context.WithTimeout(s.Health.polling(ctx), held+s.pollLate)
	defer cancel()
	_, err := s.ask(asking, s.polls, "getUpdates", params, heard)
	s.Health.pollEnded()
	if err == nil && len(*heard) == 0 {
		loop.Pause(ctx, min(emptyAfter, held)-time.Since(began), nil)
	}
	return err
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
	// Took is how long a request without parameters takes, there and back; HTTP
	// is the version that was agreed upon, "HTTP/2.0".
	Took time.Duration `json:"-"`
	HTTP string        `json:"-"`
}

// Identify asks who the token belongs to. ErrToken when nobody.
func (s Source) Identify(ctx context.Context) (Identity, error) {
	var me Identity
	began := time.Now()
	resp, err := s.ask(ctx, s.sends, "getMe", nil, &me)
	if Classify(0, err).Kind == Unauthorized {
		return me, ErrToken
	}
	if resp == nil {
		return me, err
	}
	me.Took, me.HTTP = time.Since(began), resp.Proto
	if at, bad := http.ParseTime(resp.Header.Get("Date")); bad == nil {
		// The header has whole seconds, cut off; it was written on the way.
		me.Dated, me.Ahead = true, began.Add(me.Took/2).Sub(at.Add(time.Second/2))
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
	return d, s.call(ctx, "getWebhookInfo", nil, &d)
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
	return errors.New("telegram: " + InRussian(d.LastError))
}
