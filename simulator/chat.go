package simulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of chats, in the Bot API's words.
const (
	private    = "private"
	basicGroup = "group"
	supergroup = "supergroup"
)

// groupAnonymousBot is who anonymous administrators speak as.
var groupAnonymousBot = &account{ID: 1087968824, IsBot: true, FirstName: "Group", Username: "GroupAnonymousBot"}

// account is a user or a bot (https://core.telegram.org/bots/api#user).
type account struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Language  string `json:"language_code,omitempty"`

	phone   string
	noVoice bool // refuses voice and round video
	deleted bool // the account is no more
}

func (a *account) name() string { return strings.TrimSpace(a.FirstName + " " + a.LastName) }

// chat is a private chat or a group. All of it is guarded by Telegram.mu.
type chat struct {
	id    int64
	kind  string
	title string // groups

	owner   *account // private: the person
	started bool     // private: the person has written to the bot
	blocked bool     // private: the person has blocked the bot

	members     map[int64]*account // groups: people
	admins      map[int64]bool
	botStatus   string // groups: member, administrator, left, kicked
	forum       bool
	topics      map[int]string
	closed      map[int]bool // topics that take no messages
	noReactions bool
	muted       bool     // plain members may not write
	slowMode    int      // seconds between two messages of a plain member
	forbidden   []string // kinds of messages that plain members may not send
	refusal     Refusal  // what everything that is sent here is answered with
	migratedTo  *chat    // basic groups that became a supergroup

	messages  []*message // oldest first, deleted ones are gone
	byID      map[int]*message
	gone      map[int]bool // messages that there were
	nextID    int          // supergroups count their own messages
	keyboards map[int64]*Keyboard
	forced    map[int64]int // user → message that a force_reply bids to answer
	toasts    []Toast
	action    string // the bot's chat action
	actionAt  time.Time
	pinned    []int

	changed signal // anything that a person can see
	sends   []sending
	sentNum int
}

func newChat(id int64, kind string) *chat {
	return &chat{
		id: id, kind: kind, botStatus: "member",
		members: map[int64]*account{}, admins: map[int64]bool{}, topics: map[int]string{}, closed: map[int]bool{},
		byID: map[int]*message{}, gone: map[int]bool{}, nextID: 2, // 1 tells that the group came to be
		keyboards: map[int64]*Keyboard{}, forced: map[int64]int{},
	}
}

// now returns the chat that this one has become.
func (c *chat) now() *chat {
	for c.migratedTo != nil {
		c = c.migratedTo
	}
	return c
}

func (c *chat) isPrivate() bool { return c.kind == private }

// botIn says whether the bot gets the chat's messages at all.
func (c *chat) botIn() bool { return c.botStatus == "member" || c.botStatus == "administrator" }

// viewers are the people whose screens show the chat.
func (c *chat) viewers() []*account {
	if c.isPrivate() {
		return []*account{c.owner}
	}
	people := make([]*account, 0, len(c.members))
	for _, a := range c.members {
		people = append(people, a)
	}
	slices.SortFunc(people, func(a, b *account) int { return cmp.Compare(a.ID, b.ID) })
	return people
}

// wireChat is https://core.telegram.org/bots/api#chat.
type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

func (c *chat) wire() wireChat {
	w := wireChat{ID: c.id, Type: c.kind, Title: c.title, IsForum: c.forum}
	if c.owner != nil {
		w.FirstName, w.LastName, w.Username = c.owner.FirstName, c.owner.LastName, c.owner.Username
	}
	return w
}

// findChat resolves chat_id or a parameter like it for reading.
func (tg *Telegram) findChat(q *request, name string) (*chat, error) {
	text := strings.TrimSpace(q.str(name))
	if text == "" {
		return nil, badRequest("chat_id is empty")
	}
	id, err := strconv.ParseInt(text, 10, 64)
	c := tg.chats[id]
	if err != nil || c == nil {
		return nil, badRequest("chat not found")
	}
	if c.migratedTo != nil {
		return nil, &apiError{
			code:      400,
			text:      "Bad Request: group chat was upgraded to a supergroup chat",
			migrateTo: c.now().id,
		}
	}
	if !c.isPrivate() {
		return c, c.botRemoved()
	}
	return c, nil
}

func (c *chat) botRemoved() error {
	name := map[string]string{basicGroup: "group", supergroup: "supergroup"}[c.kind]
	switch c.botStatus {
	case "kicked":
		return forbidden("bot was kicked from the " + name + " chat")
	case "left":
		return forbidden("bot is not a member of the " + name + " chat")
	}
	return nil
}

// openChat resolves a chat that the bot wants to speak in.
func (tg *Telegram) openChat(q *request, name string) (*chat, error) {
	c, err := tg.findChat(q, name)
	if err != nil {
		return nil, err
	}
	if c.isPrivate() && c.owner.deleted {
		return nil, forbidden("user is deactivated")
	}
	if tg.frozen {
		return nil, Frozen.err()
	}
	if c.refusal.Code != 0 {
		return nil, c.refusal.err()
	}
	if c.isPrivate() && c.blocked {
		return nil, forbidden("bot was blocked by the user")
	}
	if c.isPrivate() && !c.started {
		return nil, forbidden("bot can't initiate conversation with a user")
	}
	return c, nil
}

// touch tells everybody who looks at the chat that something changed.
func (tg *Telegram) touch(c *chat) {
	tg.seq++
	c.changed.fire()
}
