package simulator

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Telegram is one simulated Telegram with one bot. It is an http.Handler that
// serves the Bot API under /bot<token>/ and files under /file/bot<token>/.
type Telegram struct {
	opt    Options
	bot    *account
	hub    *Hub
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // requests being answered, webhook lanes, the server

	listener    net.Listener
	pipes       *pipeListener
	server      *http.Server
	certificate *x509.Certificate // with Options.TLS

	mu      sync.Mutex
	closed  bool
	down    bool
	privacy bool
	frozen  bool  // the bot's account is
	left    bool  // the bot has logged out
	lenient bool  // replies to deleted messages are sent without the reply
	seq     int64 // grows with everything that a person can see

	people       map[int64]*Person
	chats        map[int64]*chat
	nextPerson   int64
	nextGroup    int64
	groups       []*Group
	nextMessage  int // private chats and basic groups share one count, supergroups begin at 1
	files        map[string]*file
	nextFile     int
	nextAlbum    int64
	queries      map[string]*query
	nextQuery    int64
	commands     map[string][]Command
	descriptions map[string]string

	pending      []*update
	confirmed    []*update // for Redeliver
	nextUpdate   int64
	allowed      map[string]bool // nil: Telegram's default
	twice        bool
	poll         *poll
	asked        lastPoll
	conflictAt   time.Time // of the last 409 that was answered at once
	hook         *webhook
	arrived      signal // pending grew, or the way it is fetched changed
	settled      signal // pending shrank
	expired      int
	confirmedNum int
	polled       signal // a getUpdates call began to wait

	limits   Limits
	sends    []sending
	faults   []*Fault
	calls    []Call
	mistakes []string
	called   map[string]int
	refused  map[int]int // calls by error code
	sentNum  int
	recorded signal
}

// New returns a Telegram that is not served yet: use it as an http.Handler.
func New(opt Options) *Telegram {
	opt = opt.withDefaults()
	tg := &Telegram{
		opt:          opt,
		hub:          opt.Events,
		bot:          &account{ID: 700_000_042, IsBot: true, FirstName: opt.BotName, Username: opt.BotUsername},
		privacy:      opt.PrivacyMode,
		limits:       opt.Limits,
		people:       map[int64]*Person{},
		chats:        map[int64]*chat{},
		nextPerson:   510_000_001,
		nextGroup:    1,
		nextMessage:  1001,
		files:        map[string]*file{},
		queries:      map[string]*query{},
		commands:     map[string][]Command{},
		descriptions: map[string]string{},
		nextUpdate:   opt.FirstUpdateID,
		called:       map[string]int{},
		refused:      map[int]int{},
	}
	tg.ctx, tg.cancel = context.WithCancel(context.Background())
	return tg
}

// Start returns a Telegram that is served on a free loopback port, or in memory
// if Options say so. It panics when no port can be had. Close ends it.
func Start(opt Options) *Telegram {
	tg := New(opt)
	if opt.InMemory {
		tg.pipes = newPipeListener("telegram.sim:80")
		tg.listener = tg.pipes
	} else {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic("simulator: no loopback port for Telegram: " + err.Error())
		}
		tg.listener = listener
	}
	tg.server = &http.Server{Handler: tg, ErrorLog: log.New(io.Discard, "", 0), ConnState: tg.countConn}
	serve := func() { _ = tg.server.Serve(tg.listener) }
	if opt.TLS {
		tg.serveTLS()
		serve = func() { _ = tg.server.ServeTLS(tg.listener, "", "") }
	}
	tg.wg.Go(serve)
	return tg
}

// countConn makes Close wait for every connection's goroutine.
func (tg *Telegram) countConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		tg.wg.Add(1)
	case http.StateClosed, http.StateHijacked:
		tg.wg.Done()
	}
}

// URL is the server's address for the bot, without a slash at its end. Before
// Start there is none.
func (tg *Telegram) URL() string {
	if tg.listener == nil {
		return ""
	}
	scheme := "http://"
	if tg.opt.TLS {
		scheme = "https://"
	}
	return scheme + tg.Addr()
}

// Addr is the server's host and port, for a [Relay] before it. Before Start
// there is none.
func (tg *Telegram) Addr() string {
	if tg.listener == nil {
		return ""
	}
	return tg.listener.Addr().String()
}

// Token is the bot's token.
func (tg *Telegram) Token() string { return tg.opt.Token }

// BotID is the bot's user id.
func (tg *Telegram) BotID() int64 { return tg.bot.ID }

// BotUsername is the bot's name without the @.
func (tg *Telegram) BotUsername() string { return tg.bot.Username }

// DialContext connects to the server whatever the address, for the Transport of
// a client under test; in memory it is the only way.
func (tg *Telegram) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if tg.pipes != nil {
		return tg.pipes.dial(ctx)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", tg.listener.Addr().String())
}

// Close cuts every connection and returns when all goroutines have ended.
func (tg *Telegram) Close() {
	tg.mu.Lock()
	already := tg.closed
	tg.closed = true
	tg.mu.Unlock()
	if already {
		return
	}
	tg.cancel()
	if tg.server != nil {
		_ = tg.server.Close()
	}
	tg.wg.Wait()
	if t, ok := tg.opt.WebhookTransport.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// SetDown makes Telegram unreachable, or reachable again: every connection is
// closed without an answer, long polls included, and no webhook is delivered.
// What people do meanwhile waits for the bot as it would.
func (tg *Telegram) SetDown(down bool) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.down = down
	tg.arrived.fire()
	tg.wakeLanes()
}

// SetPrivacyMode switches BotFather's privacy mode: see Options.PrivacyMode.
func (tg *Telegram) SetPrivacyMode(on bool) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.privacy = on
}

// SetFrozen freezes the bot's account, as Telegram does to who is reported, or
// thaws it: nothing can be sent or edited.
func (tg *Telegram) SetFrozen(on bool) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.frozen = on
}

// SetLenientReplies makes the server accept a reply to a deleted message and
// send it without the reply, as it often does, though the call did not allow it.
func (tg *Telegram) SetLenientReplies(on bool) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.lenient = on
}

// Subscribe returns the stream of everything that happens: see [Hub.Subscribe].
func (tg *Telegram) Subscribe() (<-chan Event, func()) { return tg.hub.Subscribe() }

func (tg *Telegram) now() time.Time { return tg.opt.Now() }

// goLocked starts a goroutine that Close waits for; the mutex is held.
func (tg *Telegram) goLocked(f func()) {
	if !tg.closed {
		tg.wg.Go(f)
	}
}
