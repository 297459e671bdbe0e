package mailer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// selfSigned is a certificate that differs from a good one in one thing.
func selfSigned(t *testing.T, change func(*x509.Certificate)) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay.example"}, DNSNames: []string{"relay.example"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// What is wrong with a relay's encryption is said in Russian, whatever the mode.
func TestExplain(t *testing.T) {
	for _, test := range []struct {
		name     string
		change   func(*x509.Certificate)
		config   func(*tls.Config)
		stranger bool
		plain    bool // no TLS at all
		want     string
	}{
		{name: "expired", change: func(c *x509.Certificate) {
			c.NotAfter = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
			c.NotBefore = c.NotAfter.AddDate(-1, 0, 0)
		},
			want: "срок сертификата сервера истёк 15.01.2026"},
		{name: "not yet", change: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(24 * time.Hour) }, want: "ещё не действует"},
		{name: "another name", change: func(c *x509.Certificate) { c.DNSNames = []string{"mail.other.example"} },
			want: "сертификат выдан на другое имя: mail.other.example, а сервер указан как relay.example"},
		{name: "a name in CN only", change: func(c *x509.Certificate) { c.DNSNames = nil }, want: "имя стоит только в поле CN"},
		{name: "unknown authority", stranger: true, want: "неизвестным центром: файл с сертификатом своего центра укажите в SSL_CERT_FILE"},
		{name: "old TLS", config: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, want: "только старый TLS"},
		{name: "no common cipher", config: func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
		}, want: "нет общих с ботом способов шифрования"},
		{name: "no TLS", plain: true, want: "сервер ответил без шифрования"},
	} {
		for _, mode := range []TLSMode{StartTLS, Implicit} {
			if test.change == nil {
				test.change = func(*x509.Certificate) {}
			}
			certificate, pool := selfSigned(t, test.change)
			config := &tls.Config{Certificates: []tls.Certificate{certificate}}
			if test.config != nil {
				test.config(config)
			}
			r := &relay{tcp: true, tls: config, implicit: mode == Implicit, extensions: []string{"STARTTLS"}}
			if test.plain {
				r.tls, r.implicit = nil, false
			}
			s := r.start(t)
			s.TLS, s.RootCAs = mode, pool
			if test.stranger {
				s.RootCAs = x509.NewCertPool()
			}
			v := s.Deliver(t.Context(), small)
			if v.Outcome != OurFault || v.Stage != StageTLS || !strings.Contains(v.Problem(), test.want) {
				t.Errorf("%s, %s: %s at %s: %s (%v)", test.name, mode, v.Outcome, v.Stage, v.Problem(), v.Err)
			}
			if Explain(v.Err) != v.Problem() {
				t.Errorf("%s, %s: explained as %q", test.name, mode, Explain(v.Err))
			}
		}
	}
	for _, err := range []error{nil, errors.New("x"), net.ErrClosed, &net.OpError{Op: "read", Err: errors.New("reset")}} {
		if got := Explain(err); got != "" {
			t.Errorf("%v is explained as %q", err, got)
		}
	}
}
