package mailer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"intakebot/internal/failpoint"
	"intakebot/outbox"
)

// session is one connection to the relay. stage always names the step under
// way, so that whatever error comes out can be judged by it.
type session struct {
	smtp     SMTP
	timeouts Timeouts
	stage    Stage
	raw      net.Conn  // under TLS, if any: deadlines and closing go here
	secure   *tls.Conn // over raw when it is encrypted from the first byte
	client   *smtp.Client
	unwatch  func() bool
	heard    func() // see withHeard
	code     int    // of the answer to the letter
	reply    string // its words
}

// open brings the session to where a letter can be sent.
func (c *session) open(ctx context.Context) error {
	if err := c.dial(ctx); err != nil {
		return err
	}
	conn := c.raw
	switch c.smtp.mode() {
	case Implicit:
		c.stage = StageTLS
		c.secure = tls.Client(c.raw, c.smtp.tlsConfig())
		if err := c.secure.HandshakeContext(ctx); err != nil {
			return err
		}
		conn = c.secure
	case StartTLS, None:
	default:
		c.stage = StageTLS
		return fmt.Errorf("unknown TLS mode %q", c.smtp.TLS)
	}
	if err := c.greet(conn); err != nil {
		return err
	}
	if c.smtp.mode() == StartTLS {
		if err := c.startTLS(); err != nil {
			return err
		}
	}
	if c.smtp.Username == "" {
		return nil
	}
	c.stage = StageAuth
	return c.authenticate()
}

// dial connects, starts the session's clock and ties the connection to ctx:
// the SMTP client itself knows no contexts, a closed connection ends whatever
// it waits for.
func (c *session) dial(ctx context.Context) error {
	deadline := time.Now().Add(c.timeouts.Session)
	dial := c.smtp.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	dialing, cancel := context.WithTimeout(ctx, c.timeouts.Dial)
	defer cancel()
	raw, err := dial(dialing, "tcp", net.JoinHostPort(c.smtp.Host, strconv.Itoa(c.smtp.Port)))
	if err != nil {
		return err
	}
	c.raw = raw
	c.unwatch = context.AfterFunc(ctx, func() { _ = raw.Close() })
	_ = raw.SetDeadline(deadline) // it fails on a connection closed already, which the greeting will tell
	return nil
}

// greet waits for the server's greeting and answers with EHLO.
func (c *session) greet(conn net.Conn) error {
	c.stage = StageGreeting
	client, err := smtp.NewClient(conn, c.smtp.Host)
	if err != nil {
		return err
	}
	c.client = client
	c.client.SkipSMTPUTF8(true) // the letter is ASCII, and so are its addresses
	return client.Hello(c.helo())
}

// helo is the name to greet with.
func (c *session) helo() string {
	if c.smtp.HELO != "" {
		return c.smtp.HELO
	}
	host, _, _ := net.SplitHostPort(c.raw.LocalAddr().String())
	ip := net.ParseIP(host)
	switch {
	case ip == nil:
		return "localhost"
	case ip.To4() != nil:
		return "[" + ip.String() + "]"
	default:
		return "[IPv6:" + ip.String() + "]"
	}
}

// startTLS protects the connection or fails: an answer without STARTTLS may
// come from somebody in between who would like to read along (RFC 3207, 6).
func (c *session) startTLS() error {
	c.stage = StageTLS
	if offered, _ := c.client.Extension("STARTTLS"); !offered {
		return errors.New("the server does not offer STARTTLS")
	}
	return c.client.StartTLS(c.smtp.tlsConfig())
}

type heardKey struct{}

// withHeard has f called when the relay has taken the sender: it listens to us,
// and what follows may take its time.
func withHeard(ctx context.Context, f func()) context.Context {
	return context.WithValue(ctx, heardKey{}, f)
}

// heard returns the f of withHeard.
func heard(ctx context.Context) func() {
	if f, ok := ctx.Value(heardKey{}).(func()); ok {
		return f
	}
	return func() {}
}

// send hands over one letter and waits for the answer to it.
func (c *session) send(letter outbox.Letter) error {
	c.stage = StageMail
	if err := c.client.Mail("<" + letter.From + ">"); err != nil {
		return err
	}
	c.heard()
	c.stage = StageRcpt
	if err := c.client.Rcpt("<" + letter.To + ">"); err != nil {
		return err
	}
	failpoint.Pass(failpoint.BeforeLetter)
	c.stage = StageData
	if err := c.data(letter.Raw); err != nil {
		return err
	}
	c.stage = StageAnswer
	code, reply, err := c.client.Text.ReadResponse(2)
	failpoint.Pass(failpoint.AfterLetter)
	c.code, c.reply = code, reply
	return err
}

// data sends DATA and the letter with its final dot. It writes to the
// connection's own dot writer: the client's writer does not tell an error
// before the dot from one after it.
func (c *session) data(raw []byte) error {
	// What the dot is to follow must end a line, or the writer would add an
	// end of line and the bytes would not be those given.
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		raw = append(bytes.Clone(raw), "\r\n"...)
	}
	text := c.client.Text
	id, err := text.Cmd("DATA")
	if err != nil {
		return err
	}
	text.StartResponse(id)
	_, _, err = text.ReadResponse(354)
	text.EndResponse(id)
	if err != nil {
		return err
	}
	w := text.DotWriter()
	if _, err := w.Write(raw); err != nil {
		return err
	}
	// From here the answer has its own time: the dot is about to leave.
	if err := c.raw.SetDeadline(time.Now().Add(c.timeouts.Answer)); err != nil {
		return err
	}
	return w.Close()
}

// quit says goodbye; what comes of it changes no verdict.
func (c *session) quit() {
	if c.client == nil {
		return
	}
	_ = c.raw.SetDeadline(time.Now().Add(quitTimeout))
	_ = c.client.Quit()
}

// close frees what the session holds, at whatever stage it ended.
func (c *session) close() {
	if c.unwatch != nil {
		c.unwatch()
	}
	if c.raw != nil {
		_ = c.raw.Close()
	}
}
