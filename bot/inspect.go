package bot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The questions of this file are for a self-check. They change nothing at
// Telegram and need no Run.

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
func (b *Bot) Identify(ctx context.Context) (Identity, error) {
	var me Identity
	began := time.Now()
	header, err := b.request(ctx, "getMe", struct{}{}, &me)
	var answer *apiError
	if errors.As(err, &answer) && (answer.Code == http.StatusUnauthorized || answer.Code == http.StatusNotFound) {
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
func (b *Bot) Delivery(ctx context.Context) (d Delivery, err error) {
	return d, b.call(ctx, "getWebhookInfo", struct{}{}, &d)
}

// WebhookFails returns why Telegram cannot deliver the updates that wait, nil
// when something came since its last failure, when nothing waits, or when
// updates are fetched: a broken proxy or certificate before the bot shows nowhere
// else. That Telegram does not answer is Reachable's to say.
func (b *Bot) WebhookFails(ctx context.Context) error {
	if b.cfg.Webhook == nil {
		return nil
	}
	d, err := b.Delivery(ctx)
	b.health.Lock()
	defer b.health.Unlock()
	if err != nil || d.Pending == 0 || d.LastErrorAt == 0 || d.LastErrorAt < b.health.delivered.Unix() {
		return nil
	}
	return errors.New("telegram: " + d.LastError)
}

// Group is a group and what the bot may do in it.
type Group struct {
	ID    int64  `json:"id"`
	Kind  string `json:"type"` // group, supergroup, channel, private
	Title string `json:"title"`
	Forum bool   `json:"is_forum"`
	// Reactions are those that the group allows; nil: all.
	Reactions   []reaction  `json:"available_reactions"`
	Permissions permissions `json:"permissions"` // of plain members

	Status string `json:"-"` // of the bot: member, administrator, restricted, left, kicked
	// MaySend, MaySendPhotos and MaySendFiles are the bot's rights.
	MaySend, MaySendPhotos, MaySendFiles bool `json:"-"`
}

type reaction struct {
	Emoji string `json:"emoji"` // "" for one of Telegram's other kinds
}

// permissions are ChatPermissions and the like fields of ChatMemberRestricted;
// what is not said is allowed.
type permissions struct {
	Messages  *bool `json:"can_send_messages"`
	Photos    *bool `json:"can_send_photos"`
	Documents *bool `json:"can_send_documents"`
}

func allowed(said *bool) bool { return said == nil || *said }

// MayReact says whether the sign that a message has arrived is allowed.
func (g Group) MayReact() bool {
	return g.Reactions == nil || slices.Contains(g.Reactions, reaction{receiptSign})
}

// In says whether the bot is in the group.
func (g Group) In() bool { return g.Status != "left" && g.Status != "kicked" && g.Status != "" }

// MovedError: the group became a supergroup and has that id now.
type MovedError struct{ To int64 }

func (e *MovedError) Error() string { return "the group became a supergroup" }

// ErrNoGroup: Telegram knows no such chat, or does not show it to this bot.
var ErrNoGroup = errors.New("the bot is in no chat with this id")

// Group asks about a chat and the rights of the bot, me, in it. ErrNoGroup and
// *MovedError are errors to branch on.
func (b *Bot) Group(ctx context.Context, id, me int64) (Group, error) {
	var g Group
	if err := b.call(ctx, "getChat", map[string]any{"chat_id": id}, &g); err != nil {
		return g, noGroup(err)
	}
	var member struct {
		Status string `json:"status"`
		permissions
	}
	if err := b.call(ctx, "getChatMember", map[string]any{"chat_id": id, "user_id": me}, &member); err != nil {
		return g, noGroup(err)
	}
	rights := member.permissions // of a restricted member
	switch g.Status = member.Status; g.Status {
	case "administrator", "creator":
		rights = permissions{}
	case "member":
		rights = g.Permissions
	}
	g.MaySend, g.MaySendPhotos, g.MaySendFiles = allowed(rights.Messages), allowed(rights.Photos), allowed(rights.Documents)
	return g, nil
}

// noGroup finds out what a refusal to tell of a chat means.
func noGroup(err error) error {
	var answer *apiError
	switch {
	case !errors.As(err, &answer):
		return err
	case answer.Parameters.MigrateTo != 0:
		return &MovedError{answer.Parameters.MigrateTo}
	case answer.Code == http.StatusForbidden || strings.Contains(strings.ToLower(answer.Description), "chat not found"):
		return ErrNoGroup
	}
	return err
}

// ErrConflict: updates cannot be looked at, they go by webhook or to another
// process.
var ErrConflict = errors.New("somebody else takes this bot's updates")

// Groups looks for groups in the updates that wait at Telegram: that is how an
// id is learned. It asks without an offset and without a list of kinds, so it
// confirms nothing and changes nothing. A bot that is running has taken them
// already and is disturbed for a moment. ErrConflict is an error to branch on.
func (b *Bot) Groups(ctx context.Context) ([]Group, error) {
	var updates []map[string]json.RawMessage
	err := b.call(ctx, "getUpdates", map[string]any{"timeout": 0, "limit": 100}, &updates)
	var answer *apiError
	if errors.As(err, &answer) && answer.Code == http.StatusConflict {
		return nil, ErrConflict
	}
	var found []Group
	for _, u := range updates {
		for _, raw := range u {
			var about struct {
				Chat   Group `json:"chat"`
				Member *struct {
					Status string `json:"status"`
				} `json:"new_chat_member"`
			}
			if json.Unmarshal(raw, &about) != nil || about.Chat.ID >= 0 || about.Chat.Kind == "channel" {
				continue // the update's number, a press, a private chat
			}
			g := about.Chat
			g.Status = "member"
			if about.Member != nil {
				g.Status = about.Member.Status
			}
			found = slices.DeleteFunc(found, func(known Group) bool { return known.ID == g.ID })
			found = append(found, g)
		}
	}
	return slices.DeleteFunc(found, func(g Group) bool { return !g.In() }), err
}
