package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"intakebot/outbox"
)

// TLSMode says how the connection to the relay is protected; its values are
// those of the setting SMTP_TLS.
type TLSMode string

// The modes. The zero TLSMode is StartTLS.
const (
	StartTLS TLSMode = "starttls" // mandatory: without it nothing is sent
	Implicit TLSMode = "implicit" // TLS from the first byte, usually port 465
	None     TLSMode = "none"     // in the clear: inside a trusted network only, with a password on this machine only
)

// Timeouts bound an attempt. A zero field has the default that it names.
type Timeouts struct {
	Dial    time.Duration // the connection: 30 s
	Session time.Duration // everything from the connection to the final dot: 5 min
	// Answer is the wait after the final dot: 10 min (RFC 5321, 4.5.3.2.6).
	// A shorter one makes duplicates, the server may be about to accept.
	Answer time.Duration
	// Stage bounds every stage up to the final dot by itself: as long as
	// Session, ten seconds in Inspect.
	Stage time.Duration
}

// Longest is the longest that one Deliver can take.
func (t Timeouts) Longest() time.Duration {
	t = t.orDefault()
	return t.Session + t.Answer + quitTimeout // the dial is a part of the session
}

func (t Timeouts) orDefault() Timeouts {
	set := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	set(&t.Dial, 30*time.Second)
	set(&t.Session, 5*time.Minute)
	set(&t.Answer, 10*time.Minute)
	return t
}

// quitTimeout bounds the farewell; its result changes nothing.
const quitTimeout = 5 * time.Second

// SMTP is a mail relay and how to talk to it. It holds no connection: each
// letter has one of its own. Its methods may be called at the same time.
type SMTP struct {
	Host string
	Port int
	// Username "" leaves authentication out.
	Username, Password string
	TLS                TLSMode
	// HELO is the name that we greet with (see HELOName); "" for this
	// machine's.
	HELO     string
	Timeouts Timeouts
	// RootCAs verify the server's certificate; nil for the system's.
	RootCAs *x509.CertPool
	// Dial opens connections; nil for a net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// String names the relay, without its password.
func (s SMTP) String() string {
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) + " (" + string(s.mode()) + ")"
}

// GoString and LogValue keep the password out of %#v and of structured logs.
func (s SMTP) GoString() string { return "mailer.SMTP(" + s.String() + ")" }

// LogValue implements slog.LogValuer.
func (s SMTP) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Deliver hands the letter's bytes, as they are, to the relay. It never
// panics on a server's answer and never returns an error of its own: all that
// can happen is in the Verdict. When ctx ends, the connection is closed and
// the verdict is Later, or Ambiguous after the final dot.
func (s SMTP) Deliver(ctx context.Context, letter outbox.Letter) Verdict {
	if !ascii(letter.From) {
		return Verdict{Outcome: Refused, Stage: StageMail, Err: errors.New("smtp: the letter's sender is no address")}
	}
	if !ascii(letter.To) {
		return Verdict{Outcome: Refused, Stage: StageRcpt, Err: errors.New("smtp: the letter's recipient is no address")}
	}
	return s.run(ctx, func(c *session) error { return c.send(letter) }, nil)
}

// run opens a session, does work in it and judges how it ended. look, unless
// nil, sees the session then, whatever came of it.
func (s SMTP) run(ctx context.Context, work func(*session) error, look func(*session)) Verdict {
	c := &session{smtp: s, timeouts: s.Timeouts.orDefault(), stage: StageDial, heard: heard(ctx)}
	defer c.close()
	err := c.open(ctx)
	if err == nil {
		err = work(c)
	}
	if look != nil {
		look(c)
	}
	if err == nil {
		c.quit() // whatever the server makes of it
		return Verdict{Outcome: Accepted, Stage: c.stage, Code: c.code, Reply: words(s.scrub(c.reply))}
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("%w (%w)", ctx.Err(), err)
	}
	v := judge(c.stage, err, s.scrub)
	if v.Code != 0 {
		c.quit() // the server talks: leave as RFC 5321, 4.1.1.10, asks
	}
	return v
}

func (s SMTP) mode() TLSMode {
	if s.TLS == "" {
		return StartTLS
	}
	return s.TLS
}

func (s SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
}
