package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"intakebot/incident"
)

// The questions of this file are for a self-check. They change nothing at
// Telegram that lasts.

// GroupInfo is a group and what the bot may do in it.
type GroupInfo struct {
	ID    int64  `json:"id"`
	Kind  string `json:"type"` // group, supergroup, channel, private
	Title string `json:"title"`
	Forum bool   `json:"is_forum"`
	// Reactions are those that the group allows; nil: all.
	Reactions   []reaction  `json:"available_reactions"`
	Permissions permissions `json:"permissions"` // of plain members

	Status string `json:"-"` // of the bot: member, administrator, restricted, left, kicked
	// MaySend is the bot's right to send anything; Forbidden are the kinds of
	// files that it may not send.
	MaySend   bool                      `json:"-"`
	Forbidden []incident.AttachmentKind `json:"-"`
	// SlowMode is how many seconds plain members wait between two messages.
	SlowMode int `json:"slow_mode_delay"`
}

type reaction struct {
	Emoji string `json:"emoji"` // "" for one of Telegram's other kinds
}

// permissions are ChatPermissions and the like fields of ChatMemberRestricted;
// what is not said is allowed.
type permissions struct {
	Messages   *bool `json:"can_send_messages"`
	Photos     *bool `json:"can_send_photos"`
	Documents  *bool `json:"can_send_documents"`
	Videos     *bool `json:"can_send_videos"`
	Voices     *bool `json:"can_send_voice_notes"`
	VideoNotes *bool `json:"can_send_video_notes"`
	Audios     *bool `json:"can_send_audios"`
	Others     *bool `json:"can_send_other_messages"` // animations among them
}

// forbidden are the kinds of files that are not allowed.
func (p permissions) forbidden() (kinds []incident.AttachmentKind) {
	for _, row := range []struct {
		said *bool
		kind incident.AttachmentKind
	}{
		{p.Photos, incident.Photo}, {p.Documents, incident.Document}, {p.Videos, incident.Video}, {p.Voices, incident.Voice},
		{p.VideoNotes, incident.VideoNote}, {p.Audios, incident.Audio}, {p.Others, incident.Animation},
	} {
		if !allowed(row.said) {
			kinds = append(kinds, row.kind)
		}
	}
	return kinds
}

func allowed(said *bool) bool { return said == nil || *said }

// MayReact says whether the sign that a message has arrived is allowed.
func (g GroupInfo) MayReact() bool {
	return g.Reactions == nil || slices.Contains(g.Reactions, reaction{string(SignArrived)})
}

// In says whether the bot is in the group.
func (g GroupInfo) In() bool { return g.Status != "left" && g.Status != "kicked" && g.Status != "" }

// MovedError: the group became a supergroup and has that id now.
type MovedError struct{ To int64 }

func (e *MovedError) Error() string { return "the group became a supergroup" }

// ErrNoGroup: Telegram knows no such chat, or does not show it to this bot.
var ErrNoGroup = errors.New("the bot is in no chat with this id")

// AskGroup asks about a chat and the rights of the bot, me, in it. ErrNoGroup and
// *MovedError are errors to branch on.
func AskGroup(ctx context.Context, c *Client, id, me int64) (GroupInfo, error) {
	var g GroupInfo
	if err := c.call(ctx, "getChat", request{Chat: id}, &g); err != nil {
		return g, noGroup(err)
	}
	var member struct {
		Status string `json:"status"`
		permissions
	}
	if err := c.call(ctx, "getChatMember", request{Chat: id, User: me}, &member); err != nil {
		return g, noGroup(err)
	}
	rights := member.permissions // of a restricted member
	switch g.Status = member.Status; g.Status {
	case "administrator", "creator":
		rights = permissions{}
	case "member":
		rights = g.Permissions
	}
	g.MaySend, g.Forbidden = allowed(rights.Messages), rights.forbidden()
	return g, nil
}

// AskTopic asks whether the group has the topic in which the desk works and takes
// messages in it, by the sign that somebody types: it is gone in five seconds.
func AskTopic(ctx context.Context, c *Client, group int64) error {
	return c.call(ctx, "sendChatAction", request{Chat: group, Thread: c.thread(group), Action: "typing"}, nil)
}

// noGroup finds out what a refusal to tell of a chat means.
func noGroup(err error) error {
	answer, answered := answerOf(err)
	switch {
	case !answered:
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

// FindGroups looks for groups in the updates that wait at Telegram: that is how an
// id is learned. It asks without an offset and without a list of kinds, so it
// confirms nothing and changes nothing. A bot that is running has taken them
// already and is disturbed for a moment. ErrConflict is an error to branch on.
func FindGroups(ctx context.Context, c *Client) ([]GroupInfo, error) {
	var updates []map[string]json.RawMessage
	err := c.call(ctx, "getUpdates", map[string]any{"timeout": 0, "limit": 100}, &updates)
	if Conflicting(err) {
		return nil, ErrConflict
	}
	var found []GroupInfo
	for _, u := range updates {
		for _, raw := range u {
			var about struct {
				Chat   GroupInfo `json:"chat"`
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
			found = slices.DeleteFunc(found, func(known GroupInfo) bool { return known.ID == g.ID })
			found = append(found, g)
		}
	}
	return slices.DeleteFunc(found, func(g GroupInfo) bool { return !g.In() }), err
}
