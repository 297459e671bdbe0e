package mailbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"intakebot/internal/failpoint"
	"intakebot/outbox"
)

// Limits of what is stored of one letter: what is longer comes with its
// beginning only, in which its text stands as a rule.
const (
	LetterMost = 20 << 20
	letterHead = 512 << 10
)

// Store keeps what came. Both methods are safe to repeat.
type Store interface {
	// KnowsMail says whether the letter at that place is stored.
	KnowsMail(ctx context.Context, at outbox.MailPlace) (bool, error)
	// ReceiveMail stores a letter, unless one of the same place, or of the same
	// Message-ID and hash, is known: then it only notes the place.
	ReceiveMail(ctx context.Context, m outbox.ReceivedMail, hash [sha256.Size]byte) (fresh bool, err error)
}

// Box watches a folder.
type Box struct {
	Server Server
	Store  Store
	Log    *slog.Logger
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Arrived is called when a letter was stored; it must not block.
	Arrived func()
	// Pause is the time before attempt n (from 0) at a server that failed;
	// nil for outbox.PauseAfter, at most five minutes.
	Pause func(n int) time.Duration

	mu    sync.Mutex
	state State
}

// State is how the box stands.
type State struct {
	// Connected says that the folder is being watched.
	Connected bool
	// Since is when that began, or when the trouble did.
	Since time.Time
	// Problem is the last error; "" while there is none. It holds no secret.
	Problem string
}

// State returns how the box stands.
func (b *Box) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// Run watches the folder until ctx ends.
func (b *Box) Run(ctx context.Context) error {
	for failed := 0; ; failed++ {
		b.note(false, nil)
		err := b.watch(ctx, func() { failed = 0; b.note(true, nil) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.note(false, err)
		b.Log.Warn("the mailbox is not watched", "error", err)
		select {
		case <-time.After(b.pause(failed)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *Box) pause(n int) time.Duration {
	if b.Pause != nil {
		return b.Pause(n)
	}
	return min(outbox.PauseAfter(n), 5*time.Minute)
}

// note takes down how the box stands. A problem stays until the folder is
// watched again, and its time is that of the first one.
func (b *Box) note(connected bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.state
	if connected != s.Connected || s.Since.IsZero() {
		s.Since = b.now()
	}
	s.Connected = connected
	if connected {
		s.Problem = ""
	} else if err != nil {
		s.Problem = err.Error()
	}
}

func (b *Box) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

// watch takes what is in the folder and what comes into it, until something
// fails. watching is called each time that all is taken.
func (b *Box) watch(ctx context.Context, watching func()) error {
	c, err := b.Server.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.ensure(ctx, b.Server.Done); err != nil {
		return err
	}
	validity, err := c.open(ctx, b.Server.Folder)
	if err != nil {
		return err
	}
	for {
		if err := b.drain(ctx, c, validity); err != nil {
			return err
		}
		watching()
		if err := c.wait(ctx); err != nil {
			return err
		}
	}
}

// drain stores every letter of the folder and moves it away. One that the server
// does not let us move does not hold back those behind it: it is known, and
// stays where it is.
func (b *Box) drain(ctx context.Context, c *session, validity uint32) error {
	uids, err := c.uids(ctx)
	if err != nil {
		return err
	}
	var unmoved error
	for _, uid := range uids {
		if err := b.take(ctx, c, outbox.MailPlace{Folder: b.Server.Folder, UIDValidity: validity, UID: uint32(uid)}); err != nil {
			return fmt.Errorf("take letter %d: %w", uid, err)
		}
		failpoint.Pass(failpoint.BeforeMove)
		if err := c.move(ctx, uid, b.Server.Done); err != nil {
			err = fmt.Errorf("move letter %d to %s: %w", uid, b.Server.Done, err)
			if _, said := errors.AsType[*imap.Error](err); !said {
				return err
			}
			unmoved = err
		}
	}
	return unmoved
}

// take stores a letter that is not known.
func (b *Box) take(ctx context.Context, c *session, at outbox.MailPlace) error {
	known, err := b.Store.KnowsMail(ctx, at)
	if err != nil || known {
		return err
	}
	raw, size, err := c.fetch(ctx, imap.UID(at.UID), LetterMost, letterHead)
	if err != nil || raw == nil {
		return err
	}
	h, _ := open(raw)
	m := outbox.ReceivedMail{Place: at, Raw: raw, Size: size, ReceivedAt: b.now()}
	if h != nil {
		m.MessageID = first(messageIDs(h.Header.Get("Message-Id")))
	}
	fresh, err := b.Store.ReceiveMail(ctx, m, sha256.Sum256(raw))
	if err != nil {
		return err
	}
	b.Log.Info("a letter came", "letter", at.UID, "bytes", size, "again", !fresh)
	if fresh && b.Arrived != nil {
		b.Arrived()
	}
	return nil
}
