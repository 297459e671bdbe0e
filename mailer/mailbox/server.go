package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// TLS says how the connection is protected.
type TLS string

// The ways.
const (
	Implicit TLS = "implicit" // from the first byte, port 993
	StartTLS TLS = "starttls" // mandatory
	None     TLS = "none"
)

// Server is where the letters lie.
type Server struct {
	Host               string
	Port               int
	Username, Password string
	TLS                TLS // Implicit when ""
	// Folder is read, Done is where letters go that were stored; it is made
	// when it is missing.
	Folder, Done string
	// TLSConfig is for tests; nil for the system's roots.
	TLSConfig *tls.Config
	// Dial is for tests; nil for the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeouts are the longest waits; zero ones get their defaults.
	Timeouts Timeouts
}

// Timeouts are how long the server may take.
type Timeouts struct {
	Dial    time.Duration // to connect and greet: 30 s
	Command time.Duration // to answer a command: 30 s
	Letter  time.Duration // to hand over a letter: 5 min
	Check   time.Duration // between two checks of a quiet connection: 1 min
}

func (t Timeouts) filled() Timeouts {
	for _, one := range []struct {
		at    *time.Duration
		value time.Duration
	}{
		{&t.Dial, 30 * time.Second}, {&t.Command, 30 * time.Second}, {&t.Letter, 5 * time.Minute}, {&t.Check, time.Minute},
	} {
		if *one.at == 0 {
			*one.at = one.value
		}
	}
	return t
}

// session is one connection to the server, logged in.
type session struct {
	client   *imapclient.Client
	conn     net.Conn
	timeouts Timeouts
	news     chan struct{} // the server says that the folder changed
}

// ErrLogin: the server does not take the name or the password.
var ErrLogin = errors.New("the server refused the login")

// errSlow: the server did not answer in time.
var errSlow = errors.New("the server did not answer in time")

// connect opens a session.
func (s Server) connect(ctx context.Context) (*session, error) {
	c := &session{timeouts: s.Timeouts.filled(), news: make(chan struct{}, 1)}
	if err := c.dial(ctx, s); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", s.address(), err)
	}
	err := c.within(ctx, c.timeouts.Command, func() error { return c.client.Login(s.Username, s.Password).Wait() })
	if err != nil {
		c.close()
		if _, said := errors.AsType[*imap.Error](err); said {
			err = fmt.Errorf("%w: %w", ErrLogin, err)
		}
		return nil, fmt.Errorf("log in at %s: %w", s.address(), err)
	}
	return c, nil
}

func (s Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func (c *session) dial(ctx context.Context, s Server) error {
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
	}
	dialing, cancel := context.WithTimeout(ctx, c.timeouts.Dial)
	defer cancel()
	conn, err := dial(dialing, "tcp", s.address())
	if err != nil {
		return err
	}
	c.conn = conn
	options := &imapclient.Options{TLSConfig: s.tlsConfig(), UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages == nil {
				return
			}
			select {
			case c.news <- struct{}{}:
			default: // somebody is told already
			}
		},
	}}
	err = c.within(ctx, c.timeouts.Dial, func() (err error) {
		switch s.TLS {
		case None:
			c.client = imapclient.New(conn, options)
		case StartTLS:
			c.client, err = imapclient.NewStartTLS(conn, options)
		default:
			secure := tls.Client(conn, s.tlsConfig())
			if err := secure.HandshakeContext(dialing); err != nil {
				return err
			}
			c.client = imapclient.New(secure, options)
		}
		if err != nil {
			return err
		}
		return c.client.WaitGreeting()
	})
	if err != nil {
		c.close()
	}
	return err
}

func (s Server) tlsConfig() *tls.Config {
	config := &tls.Config{}
	if s.TLSConfig != nil {
		config = s.TLSConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = s.Host
	}
	return config
}

// within runs what the client does and closes the connection when that takes
// longer than limit or ctx ends: the client knows no contexts, and whatever waits
// for a closed connection ends.
func (c *session) within(ctx context.Context, limit time.Duration, do func() error) error {
	limited, cancel := context.WithTimeoutCause(ctx, limit, errSlow)
	defer cancel()
	stop := context.AfterFunc(limited, func() { _ = c.conn.Close() })
	err := do()
	if !stop() && err != nil { // it was closed by us: say why
		return context.Cause(limited)
	}
	return err
}

// close frees the connection.
func (c *session) close() {
	_ = c.conn.Close()
	if c.client != nil {
		_ = c.client.Close() // waits for its reading goroutine
	}
}

// logout says goodbye; what comes of it matters to nobody.
func (c *session) logout(ctx context.Context) {
	_ = c.within(ctx, c.timeouts.Command, func() error { return c.client.Logout().Wait() })
	c.close()
}

// open opens a folder for reading and moving, and returns its UIDVALIDITY.
func (c *session) open(ctx context.Context, folder string) (validity uint32, err error) {
	err = c.within(ctx, c.timeouts.Command, func() error {
		data, err := c.client.Select(folder, nil).Wait()
		if err == nil {
			validity = data.UIDValidity
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("open the folder %s: %w", folder, err)
	}
	return validity, nil
}

// ensure makes a folder that is missing.
func (c *session) ensure(ctx context.Context, folder string) error {
	found, err := c.has(ctx, folder)
	if err == nil && !found {
		err = c.within(ctx, c.timeouts.Command, func() error { return c.client.Create(folder, nil).Wait() })
	}
	if err != nil {
		return fmt.Errorf("make the folder %s: %w", folder, err)
	}
	return nil
}

// has says whether there is a folder of that name.
func (c *session) has(ctx context.Context, folder string) (found bool, err error) {
	err = c.within(ctx, c.timeouts.Command, func() error {
		all, err := c.client.List("", folder, nil).Collect()
		found = len(all) > 0
		return err
	})
	return found, err
}

// uids are the letters in the open folder, in the order of their arrival. It
// asks for all of them, and not for those after the last one: a range that ends
// in «*» always holds the last letter, and after a restart nothing is left out.
func (c *session) uids(ctx context.Context) (uids []imap.UID, err error) {
	err = c.within(ctx, c.timeouts.Command, func() error {
		data, err := c.client.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}}, nil).Wait()
		if err == nil {
			uids = data.AllUIDs()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("search the folder: %w", err)
	}
	return uids, nil
}

// fetch reads a letter: the whole of it when it is no longer than most bytes,
// else as much of its beginning as head says. raw is nil when the letter is gone.
func (c *session) fetch(ctx context.Context, uid imap.UID, most, head int64) (raw []byte, size int64, err error) {
	err = c.within(ctx, c.timeouts.Command, func() error {
		found, err := c.client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
		for _, one := range found {
			if one.UID == uid {
				size = one.RFC822Size
			}
		}
		return err
	})
	if err != nil || size == 0 {
		return nil, 0, err
	}
	section := &imap.FetchItemBodySection{Peek: true}
	if size > most {
		section.Partial = &imap.SectionPartial{Size: head}
	}
	err = c.within(ctx, c.timeouts.Letter, func() error {
		found, err := c.client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		for _, one := range found {
			if one.UID == uid && len(one.BodySection) > 0 {
				raw = one.BodySection[0].Bytes
			}
		}
		return err
	})
	if size <= most {
		size = int64(len(raw)) // servers may count line ends otherwise
	}
	return raw, size, err
}

// move puts a letter into another folder.
func (c *session) move(ctx context.Context, uid imap.UID, to string) error {
	return c.within(ctx, c.timeouts.Command, func() error {
		_, err := c.client.Move(imap.UIDSetNum(uid), to).Wait()
		return err
	})
}

// wait returns when the folder may have changed, at the latest after the time
// between two checks. It ends with an error when the connection is dead: a half
// open one answers neither the end of IDLE nor a NOOP.
func (c *session) wait(ctx context.Context) error {
	quiet := time.NewTimer(c.timeouts.Check)
	defer quiet.Stop()
	if !c.client.Caps().Has(imap.CapIdle) {
		select {
		case <-c.news:
		case <-quiet.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		return c.noop(ctx)
	}
	var idle *imapclient.IdleCommand
	err := c.within(ctx, c.timeouts.Command, func() (err error) { idle, err = c.client.Idle(); return err })
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- idle.Wait() }()
	select {
	case <-c.news:
	case <-quiet.C:
	case <-ctx.Done():
	case err := <-ended:
		_ = idle.Close() // the connection is gone
		return fmt.Errorf("idle: %w", errors.Join(err, errors.New("the server ended the connection")))
	}
	err = c.within(ctx, c.timeouts.Command, func() error { return errors.Join(idle.Close(), <-ended) })
	if err != nil {
		return fmt.Errorf("end the idling: %w", err)
	}
	return c.noop(ctx)
}

// noop asks whether the server is there, and lets it say what changed.
func (c *session) noop(ctx context.Context) error {
	if err := c.within(ctx, c.timeouts.Command, func() error { return c.client.Noop().Wait() }); err != nil {
		return fmt.Errorf("ask whether the server is there: %w", err)
	}
	return nil
}
