package mailer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"time"

	"intakebot/internal/failpoint"
	"intakebot/outbox"
)

// session is one attempt at the relay. stage always names the step under way,
// so that whatever error comes out can be judged by it.
type session struct {
	smtp     SMTP
	timeouts Timeouts
	deadline time.Time // of everything up to the final dot
	stage    Stage
	raw      net.Conn  // under TLS, if any: deadlines and closing go here
	secure   *tls.Conn // over raw when it is encrypted
	wire     *wire
	offers   map[string]string // the server's extensions
	unwatch  func() bool
	heard    func() // see withHeard
	// tried are the mechanisms of authentication that had their turn, refusal
	// the server's last word on them.
	tried   map[string]bool
	refusal error
	code    int    // of the answer to the letter
	reply   string // its words
}

// enter begins a stage. A stage may have a time of its own, so that one that
// hangs is named.
func (c *session) enter(stage Stage) {
	c.stage = stage
	until := c.deadline
	if most := time.Now().Add(c.timeouts.Stage); c.timeouts.Stage > 0 && most.Before(until) {
		until = most
	}
	if c.raw != nil {
		_ = c.raw.SetDeadline(until) // it fails on a closed connection, as the next step will
	}
}

// open brings the session to where a letter can be sent.
func (c *session) open(ctx context.Context) error {
	c.deadline = time.Now().Add(c.timeouts.Session)
	c.tried = map[string]bool{}
	for {
		if err := c.connect(ctx); err != nil {
			return c.sooner(err)
		}
		if c.smtp.Username == "" {
			return nil
		}
		c.enter(StageAuth)
		err := c.authenticate()
		if !errors.Is(err, errLostWithin) || ctx.Err() != nil {
			return err
		}
		c.close() // some servers hang up after one mechanism: the next one needs a new connection
	}
}

// sooner prefers what the server said of an earlier mechanism to a failure to
// connect anew.
func (c *session) sooner(err error) error {
	if c.refusal == nil {
		return err
	}
	c.stage = StageAuth
	return c.refusal
}

// connect brings the session to where the server can be asked for something.
func (c *session) connect(ctx context.Context) error {
	if err := c.dial(ctx); err != nil {
		return err
	}
	conn := c.raw
	switch c.smtp.mode() {
	case Implicit:
		c.enter(StageTLS)
		if err := c.encrypt(ctx); err != nil {
			return err
		}
		conn = c.secure
	case StartTLS, None:
	default:
		c.enter(StageTLS)
		return fmt.Errorf("unknown TLS mode %q", c.smtp.TLS)
	}
	if err := c.greet(conn); err != nil {
		return err
	}
	if c.smtp.mode() == StartTLS {
		return c.startTLS(ctx)
	}
	return nil
}

// dial connects and ties the connection to ctx: a closed connection ends
// whatever is waited for.
func (c *session) dial(ctx context.Context) error {
	c.enter(StageDial)
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
	c.raw, c.secure = raw, nil
	c.unwatch = context.AfterFunc(ctx, func() { _ = raw.Close() })
	return nil
}

// encrypt makes the connection one under TLS.
func (c *session) encrypt(ctx context.Context) error {
	c.secure = tls.Client(c.raw, c.smtp.tlsConfig())
	if err := c.secure.HandshakeContext(ctx); err != nil {
		c.secure = nil
		return err
	}
	return nil
}

// greet waits for the server's greeting and answers it.
func (c *session) greet(conn net.Conn) error {
	c.enter(StageGreeting)
	c.wire = newWire(conn)
	if _, _, err := c.wire.reply(2); err != nil {
		return err
	}
	return c.hello()
}

// hello says who we are and learns what the server offers; one that does not
// know EHLO offers nothing (RFC 5321, 3.2).
func (c *session) hello() error {
	_, answer, err := c.wire.command(2, "EHLO "+c.smtp.helo())
	if reply := (*textproto.Error)(nil); errors.As(err, &reply) && reply.Code/100 == 5 {
		answer = ""
		if _, _, again := c.wire.command(2, "HELO "+c.smtp.helo()); again != nil {
			return again
		}
		err = nil
	}
	c.offers = extensions(answer)
	return err
}

// startTLS protects the connection or fails: an answer without STARTTLS may
// come from somebody in between who would like to read along (RFC 3207, 6),
// and so may words that came before the encryption.
func (c *session) startTLS(ctx context.Context) error {
	c.enter(StageTLS)
	if _, offered := c.offers["STARTTLS"]; !offered {
		return &cause{"the server does not offer STARTTLS", "почтовый сервер не предлагает шифрование (STARTTLS): проверьте SMTP_PORT и SMTP_TLS"}
	}
	if _, _, err := c.wire.command(2, "STARTTLS"); err != nil {
		return err
	}
	if c.wire.in.Buffered() > 0 {
		return errors.New("the server spoke between STARTTLS and the encryption")
	}
	if err := c.encrypt(ctx); err != nil {
		return err
	}
	c.wire = newWire(c.secure)
	return c.hello()
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
	if err := c.mail(letter.From, letter.Key); err != nil {
		return err
	}
	c.heard()
	if err := c.rcpt(letter.To); err != nil {
		return err
	}
	failpoint.Pass(failpoint.BeforeLetter)
	c.enter(StageData)
	if err := c.data(letter.Raw); err != nil {
		return err
	}
	c.stage = StageAnswer
	code, reply, err := c.wire.reply(2)
	failpoint.Pass(failpoint.AfterLetter)
	c.code, c.reply = code, reply
	return err
}

// data sends DATA and the letter with its final dot.
func (c *session) data(raw []byte) error {
	if _, _, err := c.wire.command(3, "DATA"); err != nil {
		return err
	}
	w := textproto.NewWriter(c.wire.out).DotWriter()
	if _, err := w.Write(raw); err != nil {
		return err
	}
	// What the dot is to follow must end a line, or the writer would add an
	// end of line of its own kind.
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		if _, err := w.Write([]byte("\r\n")); err != nil {
			return err
		}
	}
	// From here the answer has its own time: the dot is about to leave.
	if err := c.raw.SetDeadline(time.Now().Add(c.timeouts.Answer)); err != nil {
		return err
	}
	return w.Close() // with a flush
}

// quit says goodbye; what comes of it changes no verdict.
func (c *session) quit() {
	if c.wire == nil {
		return
	}
	_ = c.raw.SetDeadline(time.Now().Add(quitTimeout))
	_, _, _ = c.wire.command(0, "QUIT")
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
