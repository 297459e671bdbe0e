package simulator

import "slices"

// SetReactions allows or forbids reactions in the group; they are allowed at
// first.
func (g *Group) SetReactions(allowed bool) {
	g.change(func(c *chat) { c.noReactions = !allowed })
}

// Mute forbids plain members, the bot among them, to write, or allows it again;
// people who are played go on.
func (g *Group) Mute(muted bool) {
	g.change(func(c *chat) { c.muted = muted })
}

// SetSlowMode makes the group say that plain members wait so many seconds
// between two messages; 0 ends it.
func (g *Group) SetSlowMode(seconds int) { g.change(func(c *chat) { c.slowMode = seconds }) }

// Forbid forbids plain members to send messages of these kinds (text, photo,
// document, video, voice …); none allows all again.
func (g *Group) Forbid(kinds ...string) {
	g.change(func(c *chat) { c.forbidden = kinds })
}

// Refuse makes the group answer everything that the bot sends or edits there
// with a refusal; the zero Refusal ends that.
func (g *Group) Refuse(r Refusal) {
	g.change(func(c *chat) { c.refusal = r })
}

// CloseTopic closes a topic to plain members.
func (g *Group) CloseTopic(topic int) {
	g.change(func(c *chat) { c.closed[topic] = true })
}

// DeleteTopic deletes a topic with all its messages.
func (g *Group) DeleteTopic(topic int) {
	g.change(func(c *chat) {
		delete(c.topics, topic)
		for _, m := range slices.Clone(c.messages) {
			if m.thread == topic || m.id == topic {
				g.tg.remove(m)
			}
		}
	})
}

func (g *Group) change(f func(*chat)) {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	f(g.chat.now())
}

// rights are the kinds of messages as the refusals of a group call them.
var rights = map[string]string{
	"text": "text messages", "photo": "photos", "document": "documents", "video": "videos", "voice": "voice notes",
	"audio": "music", "animation": "animations", "video_note": "video notes", "sticker": "stickers",
	"contact": "contacts", "location": "locations", "poll": "polls",
}

// permit refuses what plain members may not send.
func (c *chat) permit(m *message) error {
	if c.botStatus != "administrator" && (c.muted || slices.Contains(c.forbidden, m.kind())) {
		return badRequest("not enough rights to send %s to the chat", rights[m.kind()])
	}
	return nil
}
