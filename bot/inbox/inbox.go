// Package inbox brings updates in, by polling or by webhook, and has them worked
// on, a worker per chat.
//
// Updates are at-least-once: they are stored raw before they are confirmed, and
// handed to the workers after; the table is read at the start, after a failure and
// when more wait than are kept in memory. The library's own loops confirm first, so they
// are not used.
//
// One process takes a bot's updates. Another one with the same token and a
// register of its own finds that out before it takes or says anything, and
// waits, see singleton.
//
// While Redis or the register does not work, updates wait where they are: in the
// inbox, or at Telegram when they cannot be stored. People are told once, one
// goroutine asks the stores, and all go on together, see stores and inboxOutage.
package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"
	"unsafe"

	"golang.org/x/time/rate"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/internal/failpoint"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Store is what the inbox needs of the register (package storage). Every write
// is safe to repeat: one that failed may have been committed.
type Store interface {
	Receive(ctx context.Context, at time.Time, us []outbox.Update) (fresh []outbox.Received, err error)
	WaitingChats(ctx context.Context) ([]int64, error)
	WaitingUpdates(ctx context.Context, chat, after int64, limit int) ([]outbox.Received, error)
	FailUpdate(ctx context.Context, seq int64, reason string, limit int) (quarantined bool, err error)
	Prune(ctx context.Context, now time.Time) error
	Meta(ctx context.Context, key string) (string, error)
	SetMeta(ctx context.Context, key, value string) error
	// Ping says whether the register can be written.
	Ping(ctx context.Context) error
}

// Drafts is the other store without which no update can be worked on.
type Drafts interface {
	// Ping says whether conversations can be saved.
	Ping(ctx context.Context) error
}

// Handler works on one chat's updates in order, and on nothing else; nobody
// calls it twice at a time. All its methods may be repeated.
type Handler interface {
	// Handle carries one update through. A *loop.Fault sets it aside in the
	// end, any other error is waited out.
	Handle(ctx context.Context, u telegram.Update) error
	// SetAside notes that an update is in quarantine.
	SetAside()
	// Flush says a part of what is to be said, or notes that the rows done are
	// done and leaves the rest to the outbox; idle: they are, and nothing is
	// left to say.
	Flush(ctx context.Context, done []int64) (idle bool, err error)
	// EraseDraft empties what is kept of the conversation: the person is
	// forgotten, and everything is said.
	EraseDraft(ctx context.Context)
}

// Config is what an Inbox is made of; everything is required but the fields that
// say what happens without them.
type Config struct {
	Source telegram.Source
	Group  *telegram.Group
	Store  Store
	Drafts Drafts
	// Handler makes the handler of a chat.
	Handler func(w *Worker) Handler
	// Unavailable is what a chat is told while one of the stores does not work;
	// kept says that what was sent is stored.
	Unavailable func(chat int64, kept bool) conversation.Message
	// Private and Desk are the menus of commands, Introduction is what people
	// see before they write.
	Private, Desk []telegram.Command
	Introduction  telegram.Introduction
	// ListenFirst is how long a process that is new to this bot listens for
	// another one before it takes updates (real: ListenFirst); 0 not at all.
	ListenFirst time.Duration
	// Recovered is called when Telegram answers again.
	Recovered func()
	Now       func() time.Time
	Meter     Meter
	Log       *loop.Supervisor
}

// Inbox brings updates in and has them worked on. Make it with New.
type Inbox struct {
	cfg       Config
	workers   workers
	stores    stores
	outage    inboxOutage
	singleton singleton
	// running is closed once workers may be woken, connected once Telegram
	// knows how updates come.
	running, connected chan struct{}
	webhook            loop.Signal // to be looked at
	unauthorized       *rate.Limiter
}

// New makes an Inbox.
func New(cfg Config) *Inbox {
	in := &Inbox{cfg: cfg, running: make(chan struct{}), connected: make(chan struct{}), webhook: loop.NewSignal(), unauthorized: unauthorizedLimit()}
	in.workers = workers{in: in, open: map[int64]*Worker{}, closing: make(chan struct{})}
	in.stores.trouble = loop.NewSignal()
	in.singleton = singleton{Config: cfg, answered: in.answered, acquired: make(chan struct{})}
	return in
}

// Start begins: workers run until work ends.
func (in *Inbox) Start(ctx, work context.Context) {
	in.workers.work = work
	close(in.running)
	if in.cfg.Source.Webhook != nil || in.singleton.heldLately(ctx) {
		close(in.singleton.acquired)
	}
}

// Acquired is closed once this process may speak, because nobody else does in
// the bot's name.
func (in *Inbox) Acquired() <-chan struct{} { return in.singleton.acquired }

// Resume wakes the workers of chats whose updates wait since the process before.
func (in *Inbox) Resume(chats []int64) {
	in.workers.resume(chats)
}

// Nudge tells the worker of a chat something from outside.
func (in *Inbox) Nudge(chat int64, n Nudge) { in.workers.wake(chat, n) }

// Close lets the workers finish what they have in hand.
func (in *Inbox) Close() { in.workers.close() }

// Kick has the webhook looked at: the clock was moved.
func (in *Inbox) Kick() { in.webhook.Raise() }

// answered notes what came of a request for updates.
func (in *Inbox) answered(err error) {
	if in.cfg.Source.Health.Answered(err) {
		in.cfg.Recovered()
	}
}

// errNoUpdate: nothing that was received has the id of an update.
var errNoUpdate = errors.New("no update of the batch has a readable id")

// store puts updates into the inbox and wakes their workers. It returns the
// offset that confirms them.
func (in *Inbox) store(ctx context.Context, raws []json.RawMessage) (offset int64, err error) {
	if len(raws) == 0 {
		return 0, nil
	}
	var updates []outbox.Update
	read := map[*byte]*telegram.Update{} // by their bytes
	for _, raw := range raws {
		u := decoded(raw)
		id, chat := address(u, raw)
		if id == 0 {
			in.cfg.Log.Error("an update without a readable id was passed over", "bytes", len(raw))
			continue
		}
		offset = max(offset, id+1)
		updates = append(updates, outbox.Update{ID: id, Chat: chat, Raw: raw})
		read[unsafe.SliceData(raw)] = u
	}
	if len(updates) == 0 {
		return 0, errNoUpdate
	}
	failpoint.Pass(failpoint.Fetched)
	began := time.Now()
	fresh, err := in.cfg.Store.Receive(ctx, in.cfg.Now(), updates)
	if err != nil {
		in.cfg.Log.Check(err)
		in.notStored(updates, began)
		return 0, err
	}
	failpoint.Pass(failpoint.Stored)
	in.outage.over()
	in.handOver(fresh, read)
	return offset, nil
}

// handOver gives what was stored to the workers, in order. What was stored before,
// by an attempt that looked like a failure, they look for themselves: somebody may
// be at it.
func (in *Inbox) handOver(fresh []outbox.Received, read map[*byte]*telegram.Update) {
	for _, one := range fresh {
		u, ours := read[unsafe.SliceData(one.Raw)]
		if ours {
			in.workers.wake(one.Chat, Nudge{}, arrival{one, u})
		} else {
			in.workers.look(one.Chat)
		}
	}
}

// Prune forgets updates and messages that were done long ago.
func (in *Inbox) Prune(ctx context.Context) {
	in.cfg.Log.Every(ctx, "prune inbox and outbox", time.Hour, nil, func(ctx context.Context) error {
		return in.cfg.Store.Prune(ctx, in.cfg.Now())
	})
}
