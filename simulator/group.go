package simulator

import (
	"fmt"
	"slices"
)

// Group is a group that the bot may be a member of.
type Group struct {
	tg   *Telegram
	chat *chat
}

// GroupOption changes what kind of group Telegram.Group makes.
type GroupOption func(*chat)

// Basic makes a basic group, which can become a supergroup by Migrate.
func Basic() GroupOption { return func(c *chat) { c.kind = basicGroup } }

// Forum makes a supergroup with topics: see Group.Topic.
func Forum() GroupOption { return func(c *chat) { c.forum = true } }

// BotAdministrator makes the bot an administrator: it sees everything in spite of
// privacy mode, pins, and deletes what others wrote.
func BotAdministrator() GroupOption { return func(c *chat) { c.botStatus = "administrator" } }

// WithoutBot makes a group that the bot is not in; AddBot adds it.
func WithoutBot() GroupOption { return func(c *chat) { c.botStatus = "left" } }

// WithID gives the group an id of the caller's choice.
func WithID(id int64) GroupOption { return func(c *chat) { c.id = id } }

// Group makes a supergroup of which the bot is a plain member. No update tells of
// it.
func (tg *Telegram) Group(title string, options ...GroupOption) *Group {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	c := newChat(0, supergroup)
	c.title = title
	for _, o := range options {
		o(c)
	}
	tg.nameChat(c)
	g := &Group{tg, c}
	tg.groups = append(tg.groups, g)
	return g
}

// Groups returns all groups, in the order in which they were made.
func (tg *Telegram) Groups() []*Group {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return slices.Clone(tg.groups)
}

// nameChat gives a chat without an id the next one of its kind and registers it.
func (tg *Telegram) nameChat(c *chat) {
	if c.id == 0 {
		c.id = -4_000_000_000 - tg.nextGroup
		if c.kind == supergroup {
			c.id = -1_001_000_000_000 - tg.nextGroup
		}
		tg.nextGroup++
	}
	tg.chats[c.id] = c
}

// ID is the chat's id; it changes with Migrate.
func (g *Group) ID() int64 {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	return g.chat.now().id
}

// Title is the group's name.
func (g *Group) Title() string {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	return g.chat.now().title
}

// Staff makes a new person who is in the group and returns her there. No update
// tells of it.
func (g *Group) Staff(firstName, lastName string) *Actor {
	return g.Join(g.tg.Person(firstName, lastName))
}

// Join puts a person into the group, again without an update, and returns her
// there.
func (g *Group) Join(p *Person) *Actor {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	g.chat.now().members[p.account.ID] = p.account
	return p.seat(g.chat)
}

// Welcome is Join with the service message that Telegram shows.
func (g *Group) Welcome(p *Person) *Actor {
	a := g.Join(p)
	g.serve(p, serviceFields{NewMembers: []*account{p.account}})
	return a
}

// Leave takes a person out of the group, with the service message.
func (g *Group) Leave(p *Person) {
	g.serve(p, serviceFields{LeftMember: p.account})
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	delete(g.chat.now().members, p.account.ID)
	delete(g.chat.now().admins, p.account.ID)
}

// MakeAdmin makes a member an administrator.
func (g *Group) MakeAdmin(p *Person) {
	g.change(func(c *chat) { c.admins[p.account.ID] = true })
}

// Rename changes the title, with the service message.
func (g *Group) Rename(by *Person, title string) {
	g.tg.mu.Lock()
	g.chat.now().title = title
	g.tg.mu.Unlock()
	g.serve(by, serviceFields{NewTitle: title})
}

// Topic opens a topic in a forum and returns its message_thread_id, which is the
// id of its root message.
func (g *Group) Topic(by *Person, name string) int {
	id := g.serve(by, serviceFields{TopicCreated: &wireTopic{name, 7322096}})
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	g.chat.now().topics[id] = name
	return id
}

// serve adds a service message and returns its id.
func (g *Group) serve(by *Person, s serviceFields) int {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	return g.tg.serve(g.chat.now(), by.account, s).id
}

func (tg *Telegram) serve(c *chat, by *account, s serviceFields) *message {
	m := &message{from: by, service: s}
	tg.add(c, m)
	tg.deliver(m, "message")
	return m
}

// KickBot throws the bot out: my_chat_member comes from the person, and until
// AddBot the bot's calls are refused with 403.
func (g *Group) KickBot(by *Person) { g.setBot(by, "kicked") }

// AddBot makes the bot a plain member, with my_chat_member.
func (g *Group) AddBot(by *Person) { g.setBot(by, "member") }

// PromoteBot makes the bot an administrator, with my_chat_member.
func (g *Group) PromoteBot(by *Person) { g.setBot(by, "administrator") }

func (g *Group) setBot(by *Person, status string) {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	c := g.chat.now()
	before := c.botStatus
	c.botStatus = status
	if before != status {
		g.tg.tellMembership(c, by.account, before, status)
	}
}

// Migrate turns a basic group into a supergroup, as Telegram does when history or
// administrators need it: the bot gets migrate_to_chat_id in the old chat and
// migrate_from_chat_id in the new one, calls with the old id are refused with
// parameters.migrate_to_chat_id, and the old message ids mean nothing any more.
// Actors and the Group go on in the new chat.
func (g *Group) Migrate(by *Person) int64 {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	old := g.chat.now()
	if old.kind != basicGroup {
		panic(fmt.Sprintf("simulator: %q is no basic group", old.title))
	}
	c := newChat(0, supergroup)
	c.title, c.botStatus, c.noReactions = old.title, old.botStatus, old.noReactions
	c.members, c.admins = old.members, old.admins
	g.tg.nameChat(c)
	g.tg.serve(old, by.account, serviceFields{MigrateToChatID: c.id})
	old.migratedTo = c
	g.tg.serve(c, groupAnonymousBot, serviceFields{MigrateFromChatID: old.id})
	old.changed.fire() // whoever waits looks at the new chat from now on
	g.tg.hub.Publish(Event{Kind: EventChat, At: g.tg.now(), ChatID: c.id, Text: "migrated"})
	return c.id
}

// Actors returns those who were put into the group and are still in it, by id.
func (g *Group) Actors() []*Actor {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	actors := []*Actor{}
	for _, p := range sortedPeople(g.tg.people) {
		if g.chat.now().members[p.account.ID] != nil && p.seats[g.chat] != nil {
			actors = append(actors, p.seats[g.chat])
		}
	}
	return actors
}
