package mailer

import (
	"context"
	"crypto/tls"
	"strconv"
	"strings"
	"time"

	"intakebot/outbox"
)

// Relay is what a session shows of the mail relay.
type Relay struct {
	Encrypted bool
	// CertificateEnds is when the first certificate of the server's chain ends;
	// zero without encryption.
	CertificateEnds time.Time
	// MostBytes is the largest letter that the server takes (RFC 1870); 0 when
	// it does not say.
	MostBytes int64
}

// Inspect does what Check does and tells of the relay what it learned until
// then.
func (s SMTP) Inspect(ctx context.Context) (Relay, Verdict) {
	var r Relay
	v := s.run(ctx, func(*session) error { return nil }, func(c *session) { r = c.relay() })
	return r, v
}

// relay reads what the session has learned; it may have failed at any stage.
func (c *session) relay() (r Relay) {
	if c.client == nil {
		return r
	}
	state, encrypted := tls.ConnectionState{}, false
	if c.secure != nil { // from the first byte
		state, encrypted = c.secure.ConnectionState(), true
	} else {
		state, encrypted = c.client.TLSConnectionState()
	}
	r.Encrypted = encrypted
	for _, certificate := range state.PeerCertificates {
		if r.CertificateEnds.IsZero() || certificate.NotAfter.Before(r.CertificateEnds) {
			r.CertificateEnds = certificate.NotAfter
		}
	}
	if _, size := c.client.Extension("SIZE"); size != "" {
		r.MostBytes, _ = strconv.ParseInt(strings.TrimSpace(size), 10, 64)
	}
	return r
}

// Trial writes a letter that only shows that letters arrive, to somebody who
// asked for it. unique tells it apart from others: Latin letters and digits.
func (l Letters) Trial(to string, at time.Time, unique string) (outbox.Letter, error) {
	return envelope{
		kind:      outbox.TrialLetter,
		from:      l.From,
		to:        to,
		toWhat:    "trial letter",
		subject:   "Бот приёма обращений: проверка почты",
		date:      at.In(l.location()),
		messageID: l.messageID("check." + unique),
		automatic: true,
	}.render(page{
		Title: "Проверка почты",
		Lead:  []string{"Это письмо отправлено командой intakebot check. Если вы его читаете, письма бота доходят."},
		Fields: []field{
			{Label: "Отправлено", Value: l.at(at)},
			{Label: "От кого", Value: l.From},
		},
		Closing: []string{"Посмотрите, не попало ли оно в спам, и ответьте на него: ответ должен прийти тому, кто читает ящик бота.", l.zone(at)},
	}.clean())
}
