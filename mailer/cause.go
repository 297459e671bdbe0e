package mailer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"time"
)

// cause is an error of our own that has a sentence for people.
type cause struct{ text, sentence string }

func (c *cause) Error() string { return c.text }

// Explain says in Russian, in a sentence without a capital and a full stop, what
// is wrong with a certificate or an encrypted connection, or with what a server
// offers; "" when err is about neither. It is for the desk, the self-check and
// alerts alike, of whatever connection.
func Explain(err error) string {
	if c := (*cause)(nil); errors.As(err, &c) {
		return c.sentence
	}
	if sentence := explainCertificate(err); sentence != "" {
		return sentence
	}
	return explainTLS(err)
}

// explainCertificate is for a server that is not trusted.
func explainCertificate(err error) string {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		roots   x509.SystemRootsError
	)
	switch {
	case errors.As(err, &invalid):
		return explainInvalid(invalid)
	case errors.As(err, &name):
		return explainName(name)
	case errors.As(err, &unknown):
		return "сертификат сервера выдан неизвестным центром: файл с сертификатом своего центра укажите в SSL_CERT_FILE"
	case errors.As(err, &roots):
		return "не читаются корневые сертификаты этой машины: проверьте SSL_CERT_FILE"
	}
	return ""
}

func explainInvalid(err x509.CertificateInvalidError) string {
	switch {
	case err.Reason != x509.Expired || err.Cert == nil:
		return "сертификат сервера неправильный"
	case time.Now().Before(err.Cert.NotBefore):
		return "сертификат сервера ещё не действует (с " + err.Cert.NotBefore.Format("02.01.2006") + "): проверьте часы этой машины"
	}
	return "срок сертификата сервера истёк " + err.Cert.NotAfter.Format("02.01.2006")
}

func explainName(err x509.HostnameError) string {
	c := err.Certificate
	if c == nil || len(c.DNSNames)+len(c.IPAddresses) == 0 {
		return "в сертификате сервера имя стоит только в поле CN, а нужно в subjectAltName"
	}
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return "сертификат выдан на другое имя: " + words(strings.Join(names, ", ")) + ", а сервер указан как " + words(err.Host)
}

// tlsWords are what crypto/tls says of a peer that it cannot speak with; it has
// no types for it. What stands first is looked for first.
var tlsWords = []struct{ text, sentence string }{
	{"protocol version", "сервер знает только старый TLS, а нужен 1.2 или новее"},
	{"unsupported protocol", "сервер знает только старый TLS, а нужен 1.2 или новее"},
	{"handshake failure", "у сервера нет общих с ботом способов шифрования: нужен TLS 1.2 или новее"},
	{"cipher suite", "у сервера нет общих с ботом способов шифрования: нужен TLS 1.2 или новее"},
	{"certificate required", "сервер требует сертификат от самого бота"},
	{"bad certificate", "сервер не принял сертификат бота"},
}

// explainTLS is for a handshake that failed.
func explainTLS(err error) string {
	if header := (tls.RecordHeaderError{}); errors.As(err, &header) {
		return "сервер ответил без шифрования: проверьте порт и режим (для SMTP: 465 — implicit, 587 — starttls)"
	}
	if err == nil || !strings.Contains(err.Error(), "tls: ") {
		return ""
	}
	for _, w := range tlsWords {
		if strings.Contains(err.Error(), w.text) {
			return w.sentence
		}
	}
	return ""
}
