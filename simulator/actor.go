package simulator

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Actor is a person in one chat: what she does there and what she sees. What an
// actor does reaches the bot as updates; nothing waits for the bot. For waiting
// see AwaitText and its like; Must makes an Actor whose failures end a test.
//
// The mark is the moment when she last sent, edited or pressed: AwaitText looks at what the
// bot did since.
type Actor struct {
	tg        *Telegram
	person    *Person
	chat      *chat // the chat that was joined; room is what it has become
	anonymous bool
	thread    int
	replyTo   int
	manner
	*memory
}

// memory is shared by all the ways in which a person speaks in a chat.
type memory struct {
	mark      int64 // Telegram.seq
	clipboard string
}

func (a *Actor) room() *chat { return a.chat.now() }

// Person is who acts.
func (a *Actor) Person() *Person { return a.person }

// ChatID is the chat that the actor is in; it changes when a group migrates.
func (a *Actor) ChatID() int64 {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.room().id
}

// Anonymous is the same person speaking as the group, as an anonymous
// administrator does: from is GroupAnonymousBot, sender_chat the group. Her
// presses on buttons still carry her own name, as Telegram's do.
func (a *Actor) Anonymous() *Actor {
	b := *a
	b.anonymous = true
	return &b
}

// In is the same person speaking in a topic of a forum.
func (a *Actor) In(topic int) *Actor {
	b := *a
	b.thread = topic
	return &b
}

// Replying is the same person replying to a message with whatever she sends: a
// text, a photo, an album.
func (a *Actor) Replying(messageID int) *Actor {
	b := *a
	b.replyTo = messageID
	return &b
}

// Send writes a text, cut into several messages above 4096 characters as
// Telegram's clients do, and returns the last one's id. A first message starts
// the bot; a message after Block unblocks it first. If a message of the bot
// forces a reply, the text is that reply.
func (a *Actor) Send(text string) int { return a.say(text, 0) }

// Reply writes a text as a reply to a message.
func (a *Actor) Reply(messageID int, text string) int { return a.say(text, messageID) }

// Command sends /name, with arguments after a space if there are any.
func (a *Actor) Command(name string, arguments ...string) int {
	return a.Send(strings.Join(append([]string{"/" + strings.TrimPrefix(name, "/")}, arguments...), " "))
}

func (a *Actor) say(text string, replyTo int) int {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	text, _ = trimmed(cleanText(text), nil)
	id := 0
	for text != "" {
		cut := utf16Index(text, maxText)
		part, _ := trimmed(text[:cut], nil)
		text = text[cut:]
		if part != "" {
			id = a.put(replyTo, &message{text: part, entities: detect(part)})[0]
		}
	}
	return id
}

// put adds the actor's messages to the chat and queues the updates; the mutex is
// held.
func (a *Actor) put(replyTo int, messages ...*message) []int {
	tg, c := a.tg, a.room()
	a.wake(c)
	replyTo = cmp.Or(replyTo, a.replyTo, c.forced[a.person.ID()])
	delete(c.forced, a.person.ID())
	for _, m := range messages {
		m.from = a.person.account
		if a.anonymous {
			group := c.wire()
			m.as, m.voice = &group, groupAnonymousBot
		}
		if m.reply == nil {
			m.reply = c.byID[replyTo]
		}
		if a.thread != 0 {
			m.thread, m.topic = a.thread, c.forum
		} else if m.reply != nil && m.reply.topic {
			m.thread, m.topic = m.reply.thread, true
		}
		a.apply(tg, m)
	}
	tg.add(c, messages...)
	a.mark = tg.seq
	ids := make([]int, len(messages))
	for i, m := range messages {
		ids[i] = m.id
		tg.deliver(m, "message")
	}
	return ids
}

// wake starts the bot in a private chat, and unblocks it.
func (a *Actor) wake(c *chat) {
	if c.isPrivate() {
		a.setBlocked(c, false)
		c.started = true
	}
}

// Delete takes a message off the screen, her own or in a private chat the bot's.
// Bots are not told.
func (a *Actor) Delete(messageID int) error {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	m := a.room().byID[messageID]
	if m == nil {
		return fmt.Errorf("simulator: no message %d to delete", messageID)
	}
	a.tg.remove(m)
	return nil
}

// React puts an emoji under a message; "" takes it back.
func (a *Actor) React(messageID int, emoji string) error {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	c := a.room()
	m := c.byID[messageID]
	if m == nil {
		return fmt.Errorf("simulator: no message %d to react to", messageID)
	}
	former := a.tg.react(m, a.person.account, emoji)
	list := func(emoji string) []wireReaction {
		if emoji == "" {
			return []wireReaction{}
		}
		return []wireReaction{{"emoji", emoji}}
	}
	a.tg.push("message_reaction", c.id, map[string]any{
		"chat": c.wire(), "message_id": messageID, "user": a.person.account, "date": a.tg.now().Unix(),
		"old_reaction": list(former), "new_reaction": list(emoji),
	})
	return nil
}

// Typing is the bot's chat action of the last five seconds, "" if there is none.
func (a *Actor) Typing() string {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	if c := a.room(); a.tg.now().Sub(c.actionAt) < 5*time.Second {
		return c.action
	}
	return ""
}

// Commands is the command menu that the actor's client offers.
func (a *Actor) Commands() []Command {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.tg.menu(a.room(), a.person.account)
}
