package simulator

import "strings"

// deliver queues an update about a message if the bot may see it.
func (tg *Telegram) deliver(m *message, kind string) {
	if tg.visible(m) {
		tg.push(kind, m.chat.id, m.wire())
	}
}

// visible applies membership and privacy mode
// (https://core.telegram.org/bots/features#privacy-mode).
func (tg *Telegram) visible(m *message) bool {
	c := m.chat
	if c.isPrivate() {
		return true
	}
	if !c.botIn() {
		return false
	}
	if !tg.privacy || c.botStatus == "administrator" || m.service.describe() != "" {
		return true
	}
	if m.reply != nil && m.reply.byBot(tg) {
		return true
	}
	for _, e := range m.entities {
		if e.Type == "bot_command" && e.Offset == 0 {
			command := m.text[:utf16Index(m.text, e.Length)]
			_, name, addressed := strings.Cut(command, "@")
			return !addressed || strings.EqualFold(name, tg.bot.Username)
		}
	}
	return false
}

// Block stops the bot in the private chat: it is told once, and its messages are
// refused with 403 until Unblock or the next message.
func (a *Actor) Block() { a.switchBlock(true) }

// Unblock lets the bot write again.
func (a *Actor) Unblock() { a.switchBlock(false) }

func (a *Actor) switchBlock(blocked bool) {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	a.setBlocked(a.room(), blocked)
}

func (a *Actor) setBlocked(c *chat, blocked bool) {
	if !c.isPrivate() || c.blocked == blocked {
		return
	}
	c.blocked = blocked
	before, after := "kicked", "member"
	if blocked {
		before, after = after, before
	}
	a.tg.tellMembership(c, a.person.account, before, after)
}

// tellMembership queues my_chat_member: somebody changed what the bot is in a
// chat.
func (tg *Telegram) tellMembership(c *chat, by *account, before, after string) {
	tg.push("my_chat_member", c.id, map[string]any{
		"chat": c.wire(), "from": by, "date": tg.now().Unix(),
		"old_chat_member": memberAs(before, tg.bot), "new_chat_member": memberAs(after, tg.bot),
	})
	tg.touch(c)
	tg.hub.Publish(Event{Kind: EventChat, At: tg.now(), ChatID: c.id, Text: after})
}
