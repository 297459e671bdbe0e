package e2e

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path"
	"sync"
	"time"

	"intakebot/app"
	"intakebot/outbox"
)

// life is the program from one start to its end. It stands between the program
// and everything that lasts: what the program does after its death has no
// effect, and what happened in the moment of its death it never learns.
type life struct {
	parts     app.Program
	transport *http.Transport // to Telegram
	relay     func(ctx context.Context, network, addr string) (net.Conn, error)
	store     *memoryDrafts
	stop      context.CancelFunc
	ended     chan error

	mu   sync.Mutex
	fuse fuse
	end  string // where it died; "" while it lives
}

// fuse says where a life ends: at the left-th passing of a point.
type fuse struct {
	point string
	left  int
}

// fuses are the points at which a life can end, and how often one may pass
// there before.
var fuses = []fuse{
	{"commit, before", 12}, {"commit, before", 12}, {"commit, after", 12}, {"commit, after", 12},
	{"telegram sendMessage, before", 4}, {"telegram sendMessage, after", 4}, {"telegram sendMessage, after", 2},
	{"telegram editMessageText, before", 2}, {"telegram editMessageText, after", 2},
	{"telegram answerCallbackQuery, before", 2}, {"telegram answerCallbackQuery, after", 2},
	{"telegram sendPhoto, after", 1}, {"telegram sendDocument, after", 1}, {"telegram sendMediaGroup, after", 1},
	{"telegram setMessageReaction, before", 1}, {"telegram setMessageReaction, after", 1},
	{"telegram getUpdates, before", 3}, {"telegram getUpdates, after", 3}, {"telegram getFile, after", 1},
	{"drafts save, before", 4}, {"drafts save, after", 4}, {"drafts load, after", 4},
	{"mail dial, after", 1}, {"mail write, before", 8}, {"mail write, after", 8}, {"mail read, after", 8},
}

var errDead = errors.New("the process is dead")

// strikes says whether the program is dead at this point.
func (l *life) strikes(point string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end == "" && l.fuse.point == point {
		if l.fuse.left--; l.fuse.left == 0 {
			l.end = point
		}
	}
	return l.end != ""
}

// die ends the life where it stands.
func (l *life) die(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end == "" {
		l.end = why
	}
}

// light sets the point at which the life ends; the zero fuse lets it go on.
func (l *life) light(f fuse) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fuse = f
}

// died is where the life ended, "" while it goes on.
func (l *life) died() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// passes lets an effect happen, unless the program is dead by then.
func (l *life) passes(point string, effect func() error) error {
	if l.strikes(point + ", before") {
		return errDead
	}
	err := effect()
	if l.strikes(point + ", after") {
		return errDead
	}
	return err
}

// RoundTrip carries a call to Telegram.
func (l *life) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	called := false
	err = l.passes("telegram "+path.Base(r.URL.Path), func() (err error) {
		called = true
		answer, err = l.transport.RoundTrip(r)
		return err
	})
	if err == nil {
		return answer, nil
	}
	if !called && r.Body != nil {
		r.Body.Close()
	}
	if answer != nil {
		answer.Body.Close()
	}
	return nil, err
}

// dial connects to the relay.
func (l *life) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var conn net.Conn
	err := l.passes("mail dial", func() (err error) {
		conn, err = l.relay(ctx, network, addr)
		return err
	})
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		return nil, err
	}
	return mortalConn{conn, l}, nil
}

// mortalConn is a connection to the relay.
type mortalConn struct {
	net.Conn
	life *life
}

func (c mortalConn) Read(p []byte) (n int, err error) {
	err = c.life.passes("mail read", func() (err error) {
		n, err = c.Conn.Read(p)
		return err
	})
	return n, err
}

func (c mortalConn) Write(p []byte) (n int, err error) {
	err = c.life.passes("mail write", func() (err error) {
		n, err = c.Conn.Write(p)
		return err
	})
	return n, err
}

// mortalDrafts are the conversations as one life reaches them.
type mortalDrafts struct{ *life }

func (d mortalDrafts) Load(ctx context.Context, chat int64) (s outbox.SavedDraft, err error) {
	err = d.passes("drafts load", func() (err error) {
		s, err = d.store.Load(ctx, chat)
		return err
	})
	return s, err
}

func (d mortalDrafts) Save(ctx context.Context, chat, expect int64, token string, data []byte, live, renew bool) (rev int64, err error) {
	err = d.passes("drafts save", func() (err error) {
		rev, err = d.store.Save(ctx, chat, expect, token, data, live, renew)
		return err
	})
	return rev, err
}

func (d mortalDrafts) Expiring(ctx context.Context, before time.Time) (ends map[int64]time.Time, err error) {
	err = d.passes("drafts expiring", func() (err error) {
		ends, err = d.store.Expiring(ctx, before)
		return err
	})
	return ends, err
}

func (d mortalDrafts) Forget(ctx context.Context, chat int64) error {
	return d.passes("drafts forget", func() error { return d.store.Forget(ctx, chat) })
}

func (d mortalDrafts) Count(context.Context) (int, error) { return 0, nil }

func (d mortalDrafts) Ping(context.Context) error { return nil }

func (d mortalDrafts) Close() error { return nil }
