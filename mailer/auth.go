package mailer

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// authenticate picks the best mechanism that the server offers. SCRAM comes
// first because it does not show the password to the server; PLAIN and LOGIN
// go over TLS, or in the clear when the administrator chose the mode None.
func (c *session) authenticate() error {
	_, offer := c.client.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(offer))
	s := c.smtp
	clear := s.mode() == None
	mechanisms := []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.Username, s.Password)},
		{"SCRAM-SHA-1", smtp.ScramSHA1Auth(s.Username, s.Password)},
		{"PLAIN", smtp.PlainAuth("", s.Username, s.Password, s.Host, clear)},
		{"LOGIN", smtp.LoginAuth(s.Username, s.Password, s.Host, clear)},
	}
	for _, m := range mechanisms {
		if slices.Contains(offered, m.name) {
			return c.client.Auth(m.auth)
		}
	}
	if len(offered) == 0 {
		return errors.New("the server does not offer AUTH, and SMTP_USERNAME is set")
	}
	return errors.New("the server offers no AUTH mechanism that we know: " + strings.Join(offered, " "))
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
