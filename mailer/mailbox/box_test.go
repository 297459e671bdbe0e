package mailbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"intakebot/outbox"
)

// memory is a store that keeps its letters in memory.
type memory struct {
	mu      sync.Mutex
	letters []outbox.ReceivedMail
	places  map[outbox.MailPlace]bool
	hashes  map[string]bool
	fail    error
	stored  func() // after each letter that was stored
}

func (m *memory) KnowsMail(_ context.Context, at outbox.MailPlace) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.places[at], nil
}

func (m *memory) ReceiveMail(_ context.Context, r outbox.ReceivedMail, hash [sha256.Size]byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return false, m.fail
	}
	if m.places == nil {
		m.places, m.hashes = map[outbox.MailPlace]bool{}, map[string]bool{}
	}
	m.places[r.Place] = true
	key := r.MessageID + string(hash[:])
	if m.hashes[key] {
		return false, nil
	}
	m.hashes[key] = true
	m.letters = append(m.letters, r)
	if m.stored != nil {
		m.stored()
	}
	return true, nil
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.letters)
}

// post is an IMAP server with one user, and its connections to do harm to.
type post struct {
	t    *testing.T
	user *imapmemserver.User
	addr *net.TCPAddr
	away atomic.Bool // it accepts no connections
	mu   sync.Mutex
	open []*line
}

// line is a client's connection that can fall silent: what is written is lost,
// and nothing comes.
type line struct {
	net.Conn
	silent atomic.Bool
}

func (l *line) Write(b []byte) (int, error) {
	if l.silent.Load() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

func (l *line) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		if err != nil || !l.silent.Load() {
			return n, err
		}
	}
}

func newPost(t *testing.T, caps imap.CapSet) *post {
	t.Helper()
	p := &post{t: t, user: imapmemserver.NewUser("box", "secret word")}
	if err := p.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(p.user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: caps, InsecureAuth: true, Logger: quiet{},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().(*net.TCPAddr)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

var modern = imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapIdle: {}, imap.CapMove: {}}

func (p *post) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if p.away.Load() {
		return nil, errors.New("nobody there")
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l := &line{Conn: conn}
	p.mu.Lock()
	p.open = append(p.open, l)
	p.mu.Unlock()
	return l, nil
}

// each does something to every connection that was ever made.
func (p *post) each(do func(*line)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.open {
		do(l)
	}
}

func (p *post) server() Server {
	return Server{Host: "127.0.0.1", Port: p.addr.Port, Username: "box", Password: "secret word", TLS: None,
		Folder: "INBOX", Done: "Обработано", Dial: p.dial,
		Timeouts: Timeouts{Check: 50 * time.Millisecond, Command: time.Second}}
}

func (p *post) deliver(raw string) {
	p.t.Helper()
	if _, err := p.user.Append("INBOX", literal{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// holds counts the letters in a folder.
func (p *post) holds(folder string) int {
	data, err := p.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return 0
	}
	return int(*data.NumMessages)
}

// watched runs a box until the test ends.
func (p *post) watched(store Store, server Server) *Box {
	p.t.Helper()
	b := &Box{Server: server, Store: store, Log: slog.New(slog.DiscardHandler), Pause: func(int) time.Duration { return 10 * time.Millisecond }}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	p.t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			p.t.Error("the box did not stop")
		}
	})
	return b
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func note(n int) string {
	return fmt.Sprintf("From: sd@kurganobl.ru\r\nSubject: %d\r\nMessage-ID: <n%d@kurganobl.ru>\r\n\r\ntext\r\n", n, n)
}

// TestBox: what lies in the folder and what comes into it is stored once and
// moved, with a modern server and with one that knows neither IDLE nor MOVE.
func TestBox(t *testing.T) {
	for name, caps := range map[string]imap.CapSet{"modern": modern, "plain": {imap.CapIMAP4rev1: {}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, caps)
			store := &memory{}
			p.deliver(note(1))
			p.deliver(note(2))
			b := p.watched(store, p.server())
			eventually(t, "two letters are moved", func() bool { return p.holds("Обработано") == 2 })
			p.deliver(note(3))
			eventually(t, "the third is moved", func() bool { return p.holds("Обработано") == 3 && p.holds("INBOX") == 0 })
			if n := store.count(); n != 3 {
				t.Errorf("%d letters stored", n)
			}
			for k, m := range store.letters {
				if string(m.Raw) != note(k+1) || m.MessageID != fmt.Sprintf("n%d@kurganobl.ru", k+1) || m.Cut() {
					t.Errorf("letter %d: %+v", k+1, m)
				}
			}
			if s := b.State(); !s.Connected || s.Problem != "" {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestIdleAtOnce: with IDLE a letter is noticed long before the next check.
func TestIdleAtOnce(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	store := &memory{}
	server := p.server()
	server.Timeouts.Check = time.Hour
	b := p.watched(store, server)
	eventually(t, "it watches", func() bool { return b.State().Connected })
	time.Sleep(50 * time.Millisecond) // IDLE is on its way; a letter before it is found by the search that follows
	for k := 1; k <= 3; k++ {
		p.deliver(note(k))
		eventually(t, "the letter is moved", func() bool { return p.holds("Обработано") == k })
		time.Sleep(20 * time.Millisecond)
	}
}

// TestCutBeforeMove: the connection breaks between the commit and MOVE. The
// letter is moved later and stored once.
func TestCutBeforeMove(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	var once sync.Once
	store := &memory{stored: func() { once.Do(func() { p.each(func(l *line) { _ = l.Close() }) }) }}
	p.deliver(note(1))
	p.deliver(note(2))
	p.watched(store, p.server())
	eventually(t, "both are moved", func() bool { return p.holds("Обработано") == 2 })
	if n := store.count(); n != 2 {
		t.Errorf("%d letters stored", n)
	}
}

// TestAway: while the server is away the state says why; afterwards everything
// comes. A connection that is half open is found out.
func TestAway(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	p.away.Store(true)
	store := &memory{}
	server := p.server()
	server.Timeouts.Command = 200 * time.Millisecond
	b := p.watched(store, server)
	eventually(t, "the trouble is named", func() bool { return strings.Contains(b.State().Problem, "nobody there") })
	p.away.Store(false)
	p.deliver(note(1))
	eventually(t, "the letter is moved", func() bool { return p.holds("Обработано") == 1 })
	p.each(func(l *line) { l.silent.Store(true) })
	p.deliver(note(2))
	eventually(t, "the second letter is moved", func() bool { return p.holds("Обработано") == 2 })
	eventually(t, "the trouble is over", func() bool { return b.State().Connected && b.State().Problem == "" })
}

// TestNumberedAnew: after a change of UIDVALIDITY a letter that was never moved
// is known by its id and bytes; its own number counts for nothing.
func TestNumberedAnew(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	store := &memory{}
	p.deliver(note(1))
	p.watched(store, p.server())
	eventually(t, "the letter is moved", func() bool { return p.holds("Обработано") == 1 })
	p.away.Store(true)
	p.each(func(l *line) { _ = l.Close() })
	if err := errors.Join(p.user.Delete("INBOX"), p.user.Create("INBOX", nil)); err != nil {
		t.Fatal(err)
	}
	p.deliver(note(2)) // it has the UID that letter 1 had
	p.deliver(note(1))
	p.away.Store(false)
	eventually(t, "both are moved", func() bool { return p.holds("Обработано") == 3 })
	if n := store.count(); n != 2 {
		t.Errorf("%d letters stored", n)
	}
}

// TestHugeLetter: of a letter of 26 MB its beginning is stored, and its size.
func TestHugeLetter(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	store := &memory{}
	var raw strings.Builder
	raw.WriteString("From: sd@kurganobl.ru\r\nSubject: 26-00001-0\r\nMessage-ID: <huge@x>\r\nContent-Type: multipart/mixed; boundary=H\r\n\r\n" +
		"--H\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nФайл велик.\r\n--H\r\nContent-Type: application/zip; name=a.zip\r\n" +
		"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n")
	for raw.Len() < 26<<20 {
		raw.WriteString(strings.Repeat("QUJD", 19) + "\r\n")
	}
	raw.WriteString("--H--\r\n")
	p.deliver(raw.String())
	server := p.server()
	server.Timeouts.Command = 10 * time.Second
	p.watched(store, server)
	eventually(t, "it is moved", func() bool { return p.holds("Обработано") == 1 })
	m := store.letters[0]
	if !m.Cut() || m.Size != int64(raw.Len()) || len(m.Raw) != letterHead {
		t.Errorf("%d of %d bytes", len(m.Raw), m.Size)
	}
	l, err := Read(m.Raw, m.Cut())
	if err != nil || l.Text != "Файл велик." || !l.Cut {
		t.Errorf("%q, %v", l.Text, err)
	}
}

// TestStoreFails: nothing leaves the folder that is not stored.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	store := &memory{fail: errors.New("disk full")}
	p.deliver(note(1))
	b := p.watched(store, p.server())
	eventually(t, "the trouble is named", func() bool { return strings.Contains(b.State().Problem, "disk full") })
	if p.holds("INBOX") != 1 {
		t.Error("the letter left the folder")
	}
	store.mu.Lock()
	store.fail = nil
	store.mu.Unlock()
	eventually(t, "it is moved", func() bool { return p.holds("Обработано") == 1 })
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	server := p.server()
	server.Password = "wrong word"
	c, err := server.connect(t.Context())
	if !errors.Is(err, ErrLogin) || c != nil {
		t.Fatalf("%v", err)
	}
	if strings.Contains(err.Error(), "wrong word") {
		t.Errorf("the error holds the password: %v", err)
	}
}

// TestInspect: a look changes nothing.
func TestInspect(t *testing.T) {
	t.Parallel()
	p := newPost(t, modern)
	p.deliver(note(1))
	got, err := p.server().Inspect(t.Context())
	if want := (Inspection{Letters: 1, Idle: true}); got != want || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if p.holds("INBOX") != 1 {
		t.Error("the letter is gone")
	}
	server := p.server()
	server.Folder = "Нет такой"
	if _, err := server.Inspect(t.Context()); err == nil {
		t.Error("a folder that is not there was opened")
	}
}
