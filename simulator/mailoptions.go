package simulator

import (
	"cmp"
	"time"
)

// MailOptions say what kind of mail server is wanted. The zero value is one that
// takes everything from everybody, without encryption.
type MailOptions struct {
	// Username and Password, when set, are required before MAIL; PLAIN and LOGIN
	// are offered (RFC 4954). With StartTLS they are offered on the encrypted
	// connection only.
	Username, Password string
	// StartTLS offers STARTTLS (RFC 3207), ImplicitTLS encrypts from the first
	// byte (RFC 8314). The certificate is the sink's own: see CertPool.
	StartTLS, ImplicitTLS bool
	// Hosts are the names in the certificate besides 127.0.0.1 and localhost.
	Hosts []string
	// Domain is the name in the greeting. Default: mail.sim.
	Domain string
	// MaxBytes is the largest letter taken. Default: 50 MB.
	MaxBytes int64
	// Now dates the letters. Default: time.Now.
	Now func() time.Time
	// Events receives an EventLetter for every letter. Default: an own Hub.
	Events *Hub
	// InMemory serves net.Pipe connections, which DialContext opens, instead of a
	// loopback port.
	InMemory bool
	// Patience is how long AwaitLetter waits. Default: 10 seconds of real time.
	Patience time.Duration
}

func (opt MailOptions) withDefaults() MailOptions {
	opt.Domain = cmp.Or(opt.Domain, "mail.sim")
	opt.MaxBytes = cmp.Or(opt.MaxBytes, 50<<20)
	opt.Patience = cmp.Or(opt.Patience, 10*time.Second)
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Events == nil {
		opt.Events = NewHub()
	}
	return opt
}
