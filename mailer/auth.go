package mailer

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/textproto"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// mechanism is a way to authenticate.
type mechanism struct {
	name string
	// bound: it proves that no one stands in between, which needs TLS.
	bound bool
	make  func(s SMTP, state *tls.ConnectionState) smtp.Auth
}

// mechanisms are those that we know, the strongest first: SCRAM and CRAM-MD5 do
// not show the password to the server, PLAIN and LOGIN do. Each is tried once:
// a server may offer what its own store of passwords cannot do.
var mechanisms = []mechanism{
	{"SCRAM-SHA-256-PLUS", true, func(s SMTP, state *tls.ConnectionState) smtp.Auth {
		return smtp.ScramSHA256PlusAuth(s.Username, s.Password, state)
	}},
	{"SCRAM-SHA-256", false, func(s SMTP, _ *tls.ConnectionState) smtp.Auth {
		return smtp.ScramSHA256Auth(s.Username, s.Password)
	}},
	{"SCRAM-SHA-1-PLUS", true, func(s SMTP, state *tls.ConnectionState) smtp.Auth {
		return smtp.ScramSHA1PlusAuth(s.Username, s.Password, state)
	}},
	{"SCRAM-SHA-1", false, func(s SMTP, _ *tls.ConnectionState) smtp.Auth {
		return smtp.ScramSHA1Auth(s.Username, s.Password)
	}},
	{"CRAM-MD5", false, func(s SMTP, _ *tls.ConnectionState) smtp.Auth {
		return smtp.CRAMMD5Auth(s.Username, s.Password)
	}},
	{"PLAIN", false, func(s SMTP, _ *tls.ConnectionState) smtp.Auth {
		return smtp.PlainAuth("", s.Username, s.Password, s.Host, true)
	}},
	{"LOGIN", false, func(s SMTP, _ *tls.ConnectionState) smtp.Auth {
		return smtp.LoginAuth(s.Username, s.Password, s.Host, true)
	}},
}

// errLostWithin: the connection ended while there are mechanisms to try.
var errLostWithin = errors.New("the connection was lost, and other mechanisms remain")

// errClear: the password would go where others can read it.
var errClear = &cause{
	"the password is not sent without encryption to another machine",
	"пароль не отправлен: соединение с почтовым сервером не шифруется, задайте SMTP_TLS",
}

// PasswordInClear says that these settings would send the password unencrypted
// off this machine. Deliver refuses to; whoever reads settings can ask before.
func (s SMTP) PasswordInClear() bool {
	return s.mode() == None && s.Username != "" && !loopback(s.Host)
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// authenticate tries what the server offers and we know, until something works.
func (c *session) authenticate() error {
	if c.secure == nil && c.smtp.PasswordInClear() {
		return errClear
	}
	offered := strings.Fields(strings.ToUpper(c.offers["AUTH"]))
	left := c.remaining(offered)
	if len(left) == 0 && len(c.tried) == 0 {
		return offerCause(offered)
	}
	for k, m := range left {
		err := c.exchange(m.make(c.smtp, c.state()))
		if err == nil {
			return nil
		}
		if !lost(err) {
			c.tried[m.name], c.refusal = true, err
			continue
		}
		// Lost by the first mechanism of a connection, that one had its turn.
		if k == 0 {
			c.tried[m.name] = true
			if len(left) == 1 {
				return c.sooner(err)
			}
		}
		return errLostWithin
	}
	return c.refusal
}

// remaining are the mechanisms that the server offers and that were not tried.
func (c *session) remaining(offered []string) (left []mechanism) {
	for _, m := range mechanisms {
		if slices.Contains(offered, m.name) && !c.tried[m.name] && (!m.bound || c.secure != nil) {
			left = append(left, m)
		}
	}
	return left
}

// state is that of the encryption, nil without.
func (c *session) state() *tls.ConnectionState {
	if c.secure == nil {
		return nil
	}
	state := c.secure.ConnectionState()
	return &state
}

// exchange goes through one mechanism (RFC 4954, 4).
func (c *session) exchange(a smtp.Auth) error {
	const steps = 10
	name, first, err := a.Start(&smtp.ServerInfo{Name: c.smtp.Host, TLS: true})
	if err != nil {
		return err
	}
	line := "AUTH " + name
	if len(first) > 0 {
		line += " " + base64.StdEncoding.EncodeToString(first)
	}
	for range steps {
		code, text, err := c.wire.command(0, line)
		switch {
		case err != nil:
			return err
		case code/100 == 2:
			return nil
		case code != 334:
			return &textproto.Error{Code: code, Msg: text}
		}
		answer, err := a.Next(challenge(text), true)
		if err != nil {
			_, _, _ = c.wire.command(0, "*") // we give up; the next mechanism shows whether the server heard it
			return err
		}
		line = base64.StdEncoding.EncodeToString(answer)
	}
	return errors.New("the authentication has no end")
}

// challenge decodes what the server asks; a careless one asks in plain text.
func challenge(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return []byte(text)
	}
	return data
}

// offerCause says that there is nothing to try.
func offerCause(offered []string) error {
	if len(offered) == 0 {
		return &cause{"the server does not offer AUTH, and SMTP_USERNAME is set",
			"почтовый сервер не предлагает вход по имени и паролю: проверьте SMTP_PORT и SMTP_TLS или уберите SMTP_USERNAME"}
	}
	all := words(strings.Join(offered, ", "))
	return &cause{"the server offers no AUTH mechanism that we know: " + all,
		"почтовый сервер предлагает только " + all + ", а бот умеет входить по SCRAM, CRAM-MD5, PLAIN и LOGIN"}
}

// scrub takes the password out of a server's words, in the forms in which a
// server can have received it: a careless one repeats the line that it did not
// understand.
func (s SMTP) scrub(text string) string {
	if s.Password == "" {
		return text
	}
	encode := base64.StdEncoding.EncodeToString
	return strings.NewReplacer(
		encode([]byte("\x00"+s.Username+"\x00"+s.Password)), "***",
		encode([]byte(s.Password)), "***",
		s.Password, "***",
	).Replace(text)
}
