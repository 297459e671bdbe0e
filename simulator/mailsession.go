package simulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is go-smtp's view of one connection.
type session struct {
	mail *Mail
	gate *gate
	user string
	now  Letter // the transaction under way
}

func (m *Mail) newSession(c *smtp.Conn) (smtp.Session, error) {
	g, ok := c.Conn().(*gate)
	if !ok {
		return nil, errors.New("simulator: connection without a gate")
	}
	return &session{mail: m, gate: g}, nil
}

// AuthMechanisms offers authentication when the options ask for it and the
// connection may carry a password.
func (s *session) AuthMechanisms() []string {
	if s.mail.opt.Username == "" || s.mail.opt.StartTLS && !s.gate.secure {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth begins an authentication.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(s.AuthMechanisms(), mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	check := func(user, password string) error {
		if user != s.mail.opt.Username || password != s.mail.opt.Password {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// Mail begins a transaction.
func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	if s.mail.opt.Username != "" && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.now = Letter{From: from, TLS: s.gate.secure, User: s.user, SMTPUTF8: opts != nil && opts.UTF8}
	return nil
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.now.To = append(s.now.To, to)
	return nil
}

// Data reads the letter to its final dot and keeps it, unless a fault at AtDot
// says otherwise. A letter that breaks off before its dot is not kept.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	f := s.mail.takeFault(AtDot, s.now.To...)
	if f == nil || f.Action == StoreAndDrop || f.Action == StoreAndHang {
		l := s.now
		l.Raw, l.At = raw, s.mail.opt.Now()
		s.mail.keep(l)
	}
	switch {
	case f == nil:
	case f.Action == Refuse:
		return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.NoEnhancedCode, Message: f.Text}
	default:
		s.gate.misbehave(f)
	}
	return nil
}

// Reset forgets the transaction.
func (s *session) Reset() { s.now = Letter{} }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// loginServer is the server's side of AUTH LOGIN, for which go-sasl has only the
// client's (draft-murchison-sasl-login).
type loginServer struct {
	check func(user, password string) error
	user  *string
}

// Next asks for the name, then for the password.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.user, string(response))
}

// selfSigned makes a certificate for the hosts and a pool that trusts it.
func selfSigned(hosts []string) (*tls.Config, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("simulator: no key for the mail sink: " + err.Error())
	}
	template := x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "simulator mail sink"},
		NotBefore:             time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), // clocks under test may be anywhere
		NotAfter:              time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		panic("simulator: no certificate for the mail sink: " + err.Error())
	}
	leaf, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}}, pool
}
