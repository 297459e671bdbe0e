package simulator

import "slices"

// getChat: https://core.telegram.org/bots/api#getchat.
func (tg *Telegram) getChat(q *request) (any, error) {
	c, err := tg.findChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	full := struct {
		wireChat
		AccentColor   int             `json:"accent_color_id"`
		MaxReactions  int             `json:"max_reaction_count"`
		Reactions     *[]wireReaction `json:"available_reactions,omitempty"` // absent: all
		Permissions   map[string]bool `json:"permissions,omitempty"`
		PinnedMessage *wireMessage    `json:"pinned_message,omitempty"`
		SlowMode      int             `json:"slow_mode_delay,omitempty"`
	}{wireChat: c.wire(), MaxReactions: 11, SlowMode: c.slowMode}
	if c.noReactions {
		full.Reactions = &[]wireReaction{}
	}
	if !c.isPrivate() {
		full.Permissions = c.permissions()
	}
	if n := len(c.pinned); n > 0 && c.byID[c.pinned[n-1]] != nil {
		full.PinnedMessage = c.byID[c.pinned[n-1]].wire()
	}
	return full, nil
}

// permissionKinds are the fields of ChatPermissions and the kind that each is
// about (https://core.telegram.org/bots/api#chatpermissions).
var permissionKinds = map[string]string{
	"can_send_messages": "text", "can_send_photos": "photo", "can_send_documents": "document", "can_send_videos": "video",
	"can_send_voice_notes": "voice", "can_send_video_notes": "video_note", "can_send_audios": "audio",
	"can_send_polls": "poll", "can_send_other_messages": "sticker",
}

func (c *chat) permissions() map[string]bool {
	all := map[string]bool{"can_pin_messages": false}
	for name, kind := range permissionKinds {
		all[name] = !c.muted && !slices.Contains(c.forbidden, kind)
	}
	return all
}

// wireMember is https://core.telegram.org/bots/api#chatmember, with the fields
// of an administrator that a bot may look at.
type wireMember struct {
	Status      string   `json:"status"`
	User        *account `json:"user"`
	UntilDate   *int     `json:"until_date,omitempty"` // kicked
	Anonymous   *bool    `json:"is_anonymous,omitempty"`
	CanBeEdited *bool    `json:"can_be_edited,omitempty"`
	CanManage   *bool    `json:"can_manage_chat,omitempty"`
	CanDelete   *bool    `json:"can_delete_messages,omitempty"`
	CanPin      *bool    `json:"can_pin_messages,omitempty"`
}

func memberAs(status string, a *account) wireMember {
	w := wireMember{Status: status, User: a}
	no, yes, zero := false, true, 0
	switch status {
	case "kicked":
		w.UntilDate = &zero
	case "administrator":
		w.Anonymous, w.CanBeEdited, w.CanManage, w.CanDelete, w.CanPin = &no, &no, &yes, &yes, &yes
	}
	return w
}

// member describes an account's place in a chat; false when it has none.
func (tg *Telegram) member(c *chat, id int64) (wireMember, bool) {
	switch {
	case id == tg.bot.ID:
		return memberAs(c.botStatus, tg.bot), true
	case c.isPrivate() && id == c.owner.ID:
		return memberAs("member", c.owner), true
	case c.members[id] == nil:
		return wireMember{}, false
	case c.admins[id]:
		return memberAs("administrator", c.members[id]), true
	}
	return memberAs("member", c.members[id]), true
}

// getChatMember: https://core.telegram.org/bots/api#getchatmember.
func (tg *Telegram) getChatMember(q *request) (any, error) {
	c, err := tg.findChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	id := q.int64("user_id")
	if m, there := tg.member(c, id); there {
		return m, nil
	}
	if p := tg.people[id]; p != nil && !c.isPrivate() {
		return memberAs("left", p.account), nil
	}
	return nil, badRequest("PARTICIPANT_ID_INVALID")
}

// getChatAdministrators: https://core.telegram.org/bots/api#getchatadministrators.
func (tg *Telegram) getChatAdministrators(q *request) (any, error) {
	c, err := tg.findChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	if c.isPrivate() {
		return nil, badRequest("there are no administrators in the private chat")
	}
	found := []wireMember{}
	for _, a := range c.viewers() {
		if c.admins[a.ID] {
			found = append(found, memberAs("administrator", a))
		}
	}
	if c.botStatus == "administrator" {
		found = append(found, memberAs("administrator", tg.bot))
	}
	return found, nil
}

// getChatMemberCount: https://core.telegram.org/bots/api#getchatmembercount.
func (tg *Telegram) getChatMemberCount(q *request) (any, error) {
	c, err := tg.findChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	return len(c.viewers()) + 1, nil
}

// leaveChat: https://core.telegram.org/bots/api#leavechat.
func (tg *Telegram) leaveChat(q *request) (any, error) {
	c, err := tg.findChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	if c.isPrivate() {
		return nil, badRequest("chat member status can't be changed in private chats")
	}
	c.botStatus = "left"
	tg.touch(c)
	return true, nil
}
