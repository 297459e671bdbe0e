package simulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// newCertificate makes a certificate for this machine's loopback addresses that
// is its own authority. It holds for long on both sides of now, since clocks in
// tests stand anywhere.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "simulated Telegram"},
		NotBefore:             time.Now().AddDate(-20, 0, 0),
		NotAfter:              time.Now().AddDate(20, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost", "telegram.sim"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(raw)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}, err
}

// serveTLS prepares the server for https and HTTP/2.
func (tg *Telegram) serveTLS() {
	certificate, err := newCertificate()
	if err != nil {
		panic(fmt.Sprintf("simulator: no certificate: %v", err))
	}
	tg.certificate = certificate.Leaf
	tg.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
}

// CertPool holds the certificate of a server with Options.TLS, for the RootCAs
// of a client under test.
func (tg *Telegram) CertPool() *x509.CertPool {
	pool := x509.NewCertPool()
	if tg.certificate != nil {
		pool.AddCert(tg.certificate)
	}
	return pool
}

// CertificatePEM is the same certificate as the content of a file, for
// SSL_CERT_FILE.
func (tg *Telegram) CertificatePEM() []byte {
	if tg.certificate == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tg.certificate.Raw})
}
