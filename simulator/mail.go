package simulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strconv"
	"sync"

	"github.com/emersion/go-smtp"
)

// Mail is a mail sink: an SMTP server that keeps every letter and misbehaves on
// demand.
type Mail struct {
	opt  MailOptions
	tls  *tls.Config
	pool *x509.CertPool
	addr string

	wg sync.WaitGroup // Serve

	mu       sync.Mutex
	letters  []Letter
	faults   []*MailFault
	sessions int
	struck   int
	changed  signal

	serving  *smtp.Server // nil when down
	listener net.Listener
	gates    map[*gate]struct{}
}

// StartMail starts a sink on a free loopback port, or in memory. It panics when
// no port can be had. Close ends it.
func StartMail(opt MailOptions) *Mail {
	opt = opt.withDefaults()
	m := &Mail{opt: opt, gates: map[*gate]struct{}{}, addr: "127.0.0.1:0"}
	m.tls, m.pool = selfSigned(append([]string{"localhost", "127.0.0.1", "::1", opt.Domain}, opt.Hosts...))
	if err := m.listen(); err != nil {
		panic("simulator: no loopback port for mail: " + err.Error())
	}
	return m
}

// listen opens the port, the same one every time.
func (m *Mail) listen() error {
	var listener net.Listener = newPipeListener("mail.sim:25")
	if !m.opt.InMemory {
		var err error
		if listener, err = net.Listen("tcp", m.addr); err != nil {
			return err
		}
	}
	server := smtp.NewServer(smtp.BackendFunc(m.newSession))
	server.Domain = m.opt.Domain
	server.AllowInsecureAuth = true // the gate knows about encryption, go-smtp does not
	server.EnableSMTPUTF8 = true
	server.MaxMessageBytes = m.opt.MaxBytes
	server.ErrorLog = log.New(io.Discard, "", 0)
	m.mu.Lock()
	m.addr, m.listener, m.serving = listener.Addr().String(), listener, server
	m.mu.Unlock()
	m.wg.Go(func() { _ = server.Serve(&gateListener{listener, m}) })
	return nil
}

// shut closes the port and every connection and waits for their goroutines.
func (m *Mail) shut() {
	m.mu.Lock()
	server, listener := m.serving, m.listener
	m.serving = nil
	m.mu.Unlock()
	if server == nil {
		return
	}
	_ = listener.Close()
	m.wg.Wait()
	m.mu.Lock()
	for g := range m.gates {
		g.cut()
	}
	m.mu.Unlock()
	_ = server.Shutdown(context.Background())
}

// Close ends the sink and returns when its goroutines have ended. The letters
// stay readable.
func (m *Mail) Close() { m.shut() }

// SetDown closes the port and cuts all connections, or opens the same port
// again.
func (m *Mail) SetDown(down bool) {
	m.mu.Lock()
	is := m.serving == nil
	m.mu.Unlock()
	switch {
	case down:
		m.shut()
	case is:
		if err := m.listen(); err != nil {
			panic("simulator: mail port cannot be opened again: " + err.Error())
		}
	}
}

// Addr is host:port.
func (m *Mail) Addr() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.addr
}

// Host is the host of Addr.
func (m *Mail) Host() string { host, _, _ := net.SplitHostPort(m.Addr()); return host }

// Port is the port of Addr.
func (m *Mail) Port() int {
	_, port, _ := net.SplitHostPort(m.Addr())
	n, _ := strconv.Atoi(port)
	return n
}

// DialContext connects to the sink whatever the address; in memory it is the
// only way.
func (m *Mail) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	m.mu.Lock()
	listener, addr := m.listener, m.addr
	m.mu.Unlock()
	if pipes, ok := listener.(*pipeListener); ok {
		return pipes.dial(ctx)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}

// CertPool holds the sink's certificate: a client that is to trust it takes it
// as RootCAs.
func (m *Mail) CertPool() *x509.CertPool { return m.pool }

// Letters are all letters taken, newest last.
func (m *Mail) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.letters)
}

// LettersTo are the letters with this envelope recipient.
func (m *Mail) LettersTo(recipient string) []Letter {
	return slices.DeleteFunc(m.Letters(), func(l Letter) bool { return !slices.Contains(l.To, recipient) })
}

// Sessions is how many connections were accepted so far.
func (m *Mail) Sessions() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions
}

// AwaitLetter returns the newest letter that match accepts (nil: any), those
// already there included. It waits for MailOptions.Patience.
func (m *Mail) AwaitLetter(match func(Letter) bool) (Letter, error) {
	ctx, cancel := context.WithTimeout(context.Background(), m.opt.Patience)
	defer cancel()
	var found Letter
	err := m.Await(ctx, func(letters []Letter) bool {
		for _, l := range slices.Backward(letters) {
			if match == nil || match(l) {
				found = l
				return true
			}
		}
		return false
	})
	return found, err
}

// Await waits until the letters satisfy cond, or until ctx ends.
func (m *Mail) Await(ctx context.Context, cond func([]Letter) bool) error {
	for {
		m.mu.Lock()
		letters, changed := slices.Clone(m.letters), m.changed.wait()
		m.mu.Unlock()
		if cond(letters) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("simulator: the awaited letter did not come; subjects so far: %q: %w", subjects(letters), ctx.Err())
		}
	}
}

func subjects(letters []Letter) []string {
	var all []string
	for _, l := range letters {
		all = append(all, l.Subject())
	}
	return all
}

func (m *Mail) keep(l Letter) {
	m.mu.Lock()
	m.letters = append(m.letters, l)
	m.changed.fire()
	m.mu.Unlock()
	m.opt.Events.Publish(Event{Kind: EventLetter, At: l.At, Text: l.Subject(), Letter: &l})
}
