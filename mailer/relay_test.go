package mailer

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a relay can do instead of replying.
const (
	drop  = "drop"  // close the connection
	stall = "stall" // say nothing until the other side goes away
)

// relay is a mail server that says what a test tells it to. It speaks over
// net.Pipe, which has no buffers: what one side did not read, the other did
// not send, so that «before the dot» means it.
type relay struct {
	// says are the replies by verb, drop or stall; a verb not in it is
	// answered as a willing server would. Verbs of its own: «GREETING»,
	// «LETTER» for the answer to the letter, «BODY» for its first line.
	says map[string]string
	// exactly are replies to whole commands; they go before those by verb.
	exactly map[string]string
	// password takes the passwords of PLAIN and LOGIN that it says are right;
	// nil for any. Other mechanisms are refused then.
	password func(string) bool
	// hangsUp: the connection ends after a refused AUTH.
	hangsUp bool
	// extensions follow EHLO; tlsExtensions do under TLS.
	extensions, tlsExtensions []string
	tls                       *tls.Config // for STARTTLS, or at once when implicit; nil: plain text in its place
	implicit                  bool
	// tcp replaces the pipe where both sides may write at once, as they do
	// when a TLS handshake fails.
	tcp bool

	stalled chan struct{} // closed when a stall begins
	served  sync.WaitGroup

	mu       sync.Mutex
	commands []string // as received, «tls » before those under TLS
	letter   []byte   // as received, dots taken off
}

// start makes the SMTP that talks to r, which ends with the test.
func (r *relay) start(t *testing.T) SMTP {
	t.Helper()
	r.stalled = make(chan struct{})
	t.Cleanup(r.served.Wait)
	return SMTP{Host: "relay.example", Port: 587, TLS: None, HELO: "bot.example", Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server, err := r.connect()
		if err != nil {
			return nil, err
		}
		r.served.Go(func() {
			defer server.Close()
			r.serve(server)
		})
		return client, nil
	}}
}

// connect makes the two ends of a connection.
func (r *relay) connect() (client, server net.Conn, err error) {
	if !r.tcp {
		client, server = net.Pipe()
		return client, server, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if client, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		return nil, nil, err
	}
	server, err = listener.Accept()
	return client, server, err
}

// serve is one connection.
func (r *relay) serve(conn net.Conn) {
	secure := false
	if r.implicit {
		conn, secure = tls.Server(conn, r.tls), true
	}
	in := bufio.NewReader(conn)
	if !r.say(conn, in, "GREETING", "220 relay.example ESMTP") {
		return
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\r\n")
		verb, _, _ := strings.Cut(line, " ")
		r.note(line, secure)
		willing := "250 2.0.0 ok"
		switch verb {
		case "EHLO":
			extensions := r.extensions
			if secure {
				extensions = r.tlsExtensions
			}
			willing = "250-relay.example"
			for _, e := range extensions {
				willing += "\r\n250-" + e
			}
			willing += "\r\n250 SMTPUTF8"
		case "STARTTLS":
			willing = "220 go ahead"
		case "AUTH":
			willing = "235 2.7.0 welcome"
			if r.password != nil {
				willing = r.authenticate(conn, in, line, secure)
			}
		case "*":
			willing = "501 5.7.0 as you like"
		case "DATA":
			willing = "354 go ahead"
		case "QUIT":
			willing = "221 bye"
		}
		if exact, told := r.exactly[line]; told {
			willing = exact
		}
		if !r.say(conn, in, verb, willing) || verb == "AUTH" && r.hangsUp && willing[0] == '5' {
			return
		}
		switch {
		case verb == "STARTTLS" && r.agrees(verb, "220") && r.tls == nil:
			_, _ = in.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, "500 5.5.1 what?\r\n")
			_, _ = io.Copy(io.Discard, in)
			return
		case verb == "STARTTLS" && r.agrees(verb, "220"):
			conn, secure = tls.Server(conn, r.tls), true
			in = bufio.NewReader(conn)
		case verb == "DATA" && r.agrees(verb, "354"):
			if !r.receive(in) || !r.say(conn, in, "LETTER", "250 2.0.0 queued as 4F2") {
				return
			}
		}
	}
}

// agrees says that the reply to a verb lets it go on.
func (r *relay) agrees(verb, code string) bool {
	return r.says[verb] == "" || strings.HasPrefix(r.says[verb], code)
}

// authenticate goes through PLAIN or LOGIN and returns the answer.
func (r *relay) authenticate(conn net.Conn, in *bufio.Reader, line string, secure bool) string {
	decode := func(text string) string {
		data, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		return string(data)
	}
	password := ""
	switch words := strings.Fields(line); words[1] {
	case "PLAIN":
		_, password, _ = strings.Cut(decode(words[2])[1:], "\x00")
	case "LOGIN":
		for _, question := range []string{"334 VXNlcm5hbWU6", "334"} {
			_, _ = io.WriteString(conn, question+"\r\n")
			answer, _ := in.ReadString('\n')
			r.note(strings.TrimSpace(answer), secure)
			password = decode(answer)
		}
	default:
		return "535 5.7.8 not with this store of passwords"
	}
	if r.password(password) {
		return "235"
	}
	return "535"
}

// say writes the reply to a verb; false when the connection is over.
func (r *relay) say(conn net.Conn, in io.Reader, verb, willing string) bool {
	reply, told := r.says[verb]
	if !told {
		reply = willing
	}
	switch reply {
	case drop:
		return false
	case stall:
		close(r.stalled)
		_, _ = io.Copy(io.Discard, in)
		return false
	}
	_, err := io.WriteString(conn, reply+"\r\n")
	return err == nil
}

// receive reads a letter up to its final dot.
func (r *relay) receive(in *bufio.Reader) bool {
	var letter []byte
	for {
		line, err := in.ReadString('\n')
		if err != nil || r.says["BODY"] == drop {
			return false
		}
		if r.says["BODY"] == stall {
			close(r.stalled)
			_, _ = io.Copy(io.Discard, in)
			return false
		}
		if line == ".\r\n" {
			r.mu.Lock()
			r.letter = letter
			r.mu.Unlock()
			return true
		}
		letter = append(letter, strings.TrimPrefix(line, ".")...)
	}
}

func (r *relay) note(line string, secure bool) {
	if secure {
		line = "tls " + line
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commands = append(r.commands, line)
}

// heard returns the commands received so far, a line each.
func (r *relay) heard() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.commands, "\n")
}

// authority is a certificate authority of our own and a server's certificate
// by it.
type authority struct {
	pool   *x509.CertPool
	server *tls.Config
}

// newAuthority certifies a server of that name.
func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	certify := func(template, parent *x509.Certificate, key *ecdsa.PrivateKey, signer *ecdsa.PrivateKey) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
		check(err)
		certificate, err := x509.ParseCertificate(der)
		check(err)
		return certificate
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	caTemplate := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotBefore: from,
		NotAfter: until, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca := certify(caTemplate, caTemplate, caKey, caKey)
	server := certify(&x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: until, DNSNames: []string{name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, ca, key, caKey)
	a := authority{pool: x509.NewCertPool()}
	a.pool.AddCert(ca)
	a.server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: key}}}
	return a
}
