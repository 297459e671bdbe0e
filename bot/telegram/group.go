package telegram

import (
	"context"
	"log/slog"
	"sync"
)

// GroupStore keeps what the ids of the group's messages are worth (package
// storage).
type GroupStore interface {
	DeskMoved(ctx context.Context, from, to int64) error
}

// Group is the support group, wherever it has moved, and this bot's name in it.
// It is safe for many goroutines.
type Group struct {
	Store  GroupStore
	Logger *slog.Logger
	// Moved is called when the group has another id.
	Moved func()

	moving   sync.Mutex // held while the group's new id is taken in
	mu       sync.Mutex
	id       int64
	username string
}

// ID is where the group is now.
func (g *Group) ID() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.id
}

// SetID says where the group is.
func (g *Group) SetID(id int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.id = id
}

// Username is this bot's name without «@», "" while it is unknown.
func (g *Group) Username() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.username
}

func (g *Group) setUsername(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.username = name
}

// Follow goes with the group to its new id; all message ids in it are void. Who
// learns of it late must not make those void that came since.
func (g *Group) Follow(ctx context.Context, to int64) error {
	g.moving.Lock()
	defer g.moving.Unlock()
	from := g.ID()
	if from == to {
		return nil
	}
	if err := g.Store.DeskMoved(ctx, from, to); err != nil {
		return err
	}
	g.SetID(to)
	g.Logger.Warn("the support group became a supergroup: set SUPPORT_CHAT_ID to the new id", "from", from, "to", to)
	g.Moved()
	return nil
}
