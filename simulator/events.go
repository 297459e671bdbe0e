package simulator

import (
	"sync"
	"time"
)

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	EventMessage  EventKind = "message"  // a message appeared; Message is it
	EventEdit     EventKind = "edit"     // a message changed; Message is the new state
	EventDelete   EventKind = "delete"   // a message vanished; MessageID
	EventReaction EventKind = "reaction" // reactions of a message changed; Message
	EventToast    EventKind = "toast"    // the bot answered a press; Toast
	EventTyping   EventKind = "typing"   // the bot shows a chat action; Text is it
	EventKeyboard EventKind = "keyboard" // the reply keyboard of UserID changed; Keyboard, nil when hidden
	EventChat     EventKind = "chat"     // a chat came to be or changed its nature (blocked, migrated, pinned)
	EventCommands EventKind = "commands" // the command menu changed
	EventUpdates  EventKind = "updates"  // the number of unconfirmed updates changed; Pending
	EventLetter   EventKind = "letter"   // the mail sink took a letter; Letter
	EventResync   EventKind = "resync"   // events were dropped for this subscriber: look at everything anew
)

// Event is one thing that happened. Fields that do not belong to its kind are
// empty. It is ready to be sent to a browser as JSON.
type Event struct {
	Seq       int64     `json:"seq"` // position in the hub's stream
	Kind      EventKind `json:"kind"`
	At        time.Time `json:"at"`
	ChatID    int64     `json:"chatId,omitempty"`
	MessageID int       `json:"messageId,omitempty"`
	UserID    int64     `json:"userId,omitempty"`
	Text      string    `json:"text,omitempty"`
	Pending   int       `json:"pending,omitempty"`
	Message   *Message  `json:"message,omitempty"`
	Toast     *Toast    `json:"toast,omitempty"`
	Keyboard  *Keyboard `json:"keyboard,omitempty"`
	Letter    *Letter   `json:"-"`
}

// Hub hands every event to every subscriber. It never waits for one: who is
// more than subscriberBuffer events behind loses events and is told so by an
// EventResync before the next one that reaches it.
type Hub struct {
	mu   sync.Mutex
	seq  int64
	subs map[*subscriber]struct{}
}

const subscriberBuffer = 1024

type subscriber struct {
	ch     chan Event
	behind bool
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub { return &Hub{subs: map[*subscriber]struct{}{}} }

// Subscribe returns the events from now on, and a function that ends the
// subscription and closes the channel.
func (h *Hub) Subscribe() (<-chan Event, func()) {
	s := &subscriber{ch: make(chan Event, subscriberBuffer)}
	h.mu.Lock()
	h.subs[s] = struct{}{}
	h.mu.Unlock()
	return s.ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, there := h.subs[s]; there {
			delete(h.subs, s)
			close(s.ch)
		}
	}
}

// Publish sends an event of one's own down the stream, with the next Seq.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	e.Seq = h.seq
	for s := range h.subs {
		s.offer(e)
	}
}

// watched says whether somebody would see an event, so that none is built for
// nobody.
func (h *Hub) watched() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs) > 0
}

func (s *subscriber) offer(e Event) {
	if s.behind {
		if len(s.ch) > cap(s.ch)-2 {
			return
		}
		s.ch <- Event{Seq: e.Seq, Kind: EventResync, At: e.At}
		s.behind = false
	}
	select {
	case s.ch <- e:
	default:
		s.behind = true
	}
}
