package mailer

import (
	"context"
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
	// Recipients are those asked for, in order.
	Recipients []Recipient
}

// Recipient is what the relay says of letters to an address.
type Recipient struct {
	Address string
	Verdict Verdict // Accepted: it would take one
}

// inspectStage is how long a stage of an inspection may take.
const inspectStage = 10 * time.Second

// Inspect goes through a session as Deliver does, names the sender and each
// recipient (bare addresses) and takes all back: no letter leaves. The verdict
// is of the way to the recipients, what the server says of each is in Relay.
// from "" ends it after the authentication. A stage that takes longer than ten
// seconds, or Timeouts.Stage, ends it.
func (s SMTP) Inspect(ctx context.Context, from string, to ...string) (Relay, Verdict) {
	if s.Timeouts.Stage == 0 {
		s.Timeouts.Stage = inspectStage
	}
	if s.Timeouts.Dial == 0 {
		s.Timeouts.Dial = s.Timeouts.Stage
	}
	var r Relay
	v := s.run(ctx, func(c *session) error {
		if from == "" {
			return nil
		}
		return c.ask(from, to, &r)
	}, func(c *session) { c.learned(&r) })
	return r, v
}

// ask finds out whether the server would take letters.
func (c *session) ask(from string, to []string, r *Relay) error {
	if err := c.mail(from, ""); err != nil {
		return err
	}
	for _, address := range to {
		v := Verdict{Outcome: Accepted, Stage: StageRcpt}
		err := c.rcpt(address)
		if err != nil {
			v = judge(StageRcpt, err, c.smtp.scrub)
		}
		r.Recipients = append(r.Recipients, Recipient{address, v})
		if err != nil && v.Code == 0 {
			return err // the connection is gone
		}
	}
	c.enter(StageMail)
	_, _, err := c.wire.command(2, "RSET")
	return err
}

// learned reads what the session knows; it may have failed at any stage.
func (c *session) learned(r *Relay) {
	if state := c.state(); state != nil {
		r.Encrypted = true
		for _, certificate := range state.PeerCertificates {
			if r.CertificateEnds.IsZero() || certificate.NotAfter.Before(r.CertificateEnds) {
				r.CertificateEnds = certificate.NotAfter
			}
		}
	}
	if size := c.offers["SIZE"]; size != "" {
		r.MostBytes, _ = strconv.ParseInt(strings.TrimSpace(size), 10, 64)
	}
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
