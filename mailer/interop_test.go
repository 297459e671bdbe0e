package mailer

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"testing"

	"github.com/emersion/go-smtp"
)

// keeper is a mail server's inside that keeps one letter.
type keeper struct {
	from, to string
	letter   []byte
	options  smtp.MailOptions
}

func (k *keeper) NewSession(*smtp.Conn) (smtp.Session, error) { return k, nil }
func (k *keeper) Reset()                                      {}
func (k *keeper) Logout() error                               { return nil }

func (k *keeper) Mail(from string, options *smtp.MailOptions) error {
	k.from, k.options = from, *options
	return nil
}

func (k *keeper) Rcpt(to string, _ *smtp.RcptOptions) error {
	k.to = to
	return nil
}

func (k *keeper) Data(r io.Reader) error {
	letter, err := io.ReadAll(r)
	k.letter = letter
	return err
}

// A mail server that others wrote takes the letter over STARTTLS and keeps the
// bytes that were rendered.
func TestAnotherServer(t *testing.T) {
	ca := newAuthority(t, "localhost")
	k := &keeper{}
	server := smtp.NewServer(k)
	server.Domain, server.TLSConfig, server.EnableSMTPUTF8 = "localhost", ca.server, true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	_, port, _ := net.SplitHostPort(listener.Addr().String())
	s := SMTP{Host: "localhost", TLS: StartTLS, RootCAs: ca.pool}
	s.Port, _ = strconv.Atoi(port)
	letter, err := supportCopy(writer(), sample())
	if err != nil {
		t.Fatal(err)
	}
	v := s.Deliver(t.Context(), letter)
	if v.Outcome != Accepted || v.Stage != StageAnswer || v.Code != 250 {
		t.Errorf("%+v", v)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	<-served // the server is done: what it kept can be read
	if k.from != "bot@rosint.example" || k.to != "155@krasnodar.example" || k.options.UTF8 {
		t.Errorf("from %s to %s, options %+v", k.from, k.to, k.options)
	}
	if !bytes.Equal(k.letter, letter.Raw) {
		t.Errorf("received %d bytes of %d", len(k.letter), len(letter.Raw))
	}
}
