package simulator

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// gate stands between a client and go-smtp, which has no hooks for refusing a
// greeting, STARTTLS, DATA, RSET or QUIT and none for a lost connection. It does
// the encryption itself, so that it reads every command in clear, hands line
// after line to go-smtp, and misbehaves where it is told to.
type gate struct {
	net.Conn // what go-smtp writes to: the client, encrypted or not
	mail     *Mail
	in       *bufio.Reader
	line     []byte // rest of the line that go-smtp is reading
	last     int    // code of go-smtp's last reply: tells commands from data
	command  string // the command that go-smtp is answering
	secure   bool
	to       []string // recipients of the transaction, for faults

	mu     sync.Mutex
	raw    net.Conn
	closed bool
}

// gateListener gives go-smtp gates instead of connections.
type gateListener struct {
	net.Listener
	mail *Mail
}

// Accept opens a gate for the next connection.
func (l *gateListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	m := l.mail
	g := &gate{mail: m, raw: conn, Conn: conn, last: -1}
	if m.opt.ImplicitTLS {
		g.Conn, g.secure = tls.Server(conn, m.tls), true
	}
	g.in = bufio.NewReader(g.Conn)
	m.mu.Lock()
	m.sessions++
	m.gates[g] = struct{}{}
	m.mu.Unlock()
	return g, nil
}

// cut closes the connection; it may be called by any goroutine.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		_ = g.raw.Close()
	}
}

// Close is called by go-smtp when the session is over.
func (g *gate) Close() error {
	g.mail.mu.Lock()
	delete(g.mail.gates, g)
	g.mail.mu.Unlock()
	g.cut()
	return nil
}

// Read gives go-smtp the client's next line, unless the gate answers it itself.
func (g *gate) Read(p []byte) (int, error) {
	for len(g.line) == 0 {
		line, err := g.in.ReadSlice('\n')
		if len(line) == 0 {
			return 0, err
		}
		if g.answersItself(line) {
			continue
		}
		g.line = append(g.line[:0], line...)
	}
	n := copy(p, g.line)
	g.line = g.line[n:]
	return n, nil
}

// answersItself handles a command line that must not reach go-smtp.
func (g *gate) answersItself(line []byte) bool {
	if g.last == 354 || g.last == 334 { // within a letter or a dialogue of AUTH
		return false
	}
	verb, argument, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	g.command = strings.ToUpper(verb)
	at := Stage(g.command)
	switch at {
	case "HELO":
		at = AtEHLO
	case AtMail:
		g.to = nil
	case AtRcpt:
		_, address, _ := strings.Cut(argument, ":")
		address, _, _ = strings.Cut(strings.TrimLeft(address, " <"), ">")
		g.to = append(g.to, address)
	}
	recipients := g.to
	if at == AtRcpt {
		recipients = g.to[len(g.to)-1:]
	}
	if f := g.mail.takeFault(at, recipients...); f != nil {
		g.misbehave(f)
		return true
	}
	if at == AtStartTLS && g.mail.opt.StartTLS && !g.secure {
		g.startTLS()
		return true
	}
	return false
}

// startTLS encrypts the connection from here on (RFC 3207).
func (g *gate) startTLS() {
	g.reply("220 2.0.0 Ready to start TLS")
	encrypted := tls.Server(g.raw, g.mail.tls)
	if err := encrypted.Handshake(); err != nil {
		g.cut()
		return
	}
	g.Conn, g.secure = encrypted, true
	g.in = bufio.NewReader(encrypted)
}

// Write passes go-smtp's replies on. The greeting is its first, and its list of
// extensions gets STARTTLS and loses CHUNKING, whose data the gate would take
// for commands.
func (g *gate) Write(p []byte) (int, error) {
	if g.last == -1 {
		g.last = 220
		if f := g.mail.takeFault(AtGreeting); f != nil {
			g.misbehave(f)
			return len(p), nil
		}
	}
	if len(p) >= 4 {
		g.last, _ = strconv.Atoi(string(p[:3]))
	}
	if g.command == "EHLO" && bytes.HasPrefix(p, []byte("250-CHUNKING")) {
		if g.mail.opt.StartTLS && !g.secure {
			g.reply("250-STARTTLS")
		}
		return len(p), nil
	}
	return g.Conn.Write(p)
}

// misbehave does what a fault asks for, at any stage.
func (g *gate) misbehave(f *MailFault) {
	switch f.Action {
	case Refuse:
		g.reply(fmt.Sprintf("%d %s", f.Code, f.Text))
		if f.Code == 421 || f.Stage == AtGreeting && f.Code/100 != 2 {
			g.cut()
		}
	case Stall, StoreAndHang:
		_, _ = io.Copy(io.Discard, g.Conn)
		g.cut()
	default:
		g.cut()
	}
}

func (g *gate) reply(line string) { _, _ = io.WriteString(g.Conn, line+"\r\n") }
