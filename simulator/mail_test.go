package simulator_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"testing/synctest"

	"intakebot/simulator"
)

const letter = "From: =?UTF-8?B?0JHQvtGC?= <bot@mail.sim>\r\n" +
	"To: sd@kurganobl.ru\r\nMessage-ID: <1@mail.sim>\r\n" +
	"Subject: =?UTF-8?B?0K3RgdC60LDQu9Cw0YbQuNGP?=\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=m\r\n\r\n" +
	"--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n" +
	"--a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n0YLQtdC60YHRgg==\r\n" +
	"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>текст</p>\r\n--a--\r\n" +
	"--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\n\r\n%PDF\r\n--m--\r\n"

func startMail(t *testing.T, opt simulator.MailOptions) *simulator.Mail {
	t.Helper()
	m := simulator.StartMail(opt)
	t.Cleanup(m.Close)
	return m
}

// deliver sends the letter as a careful client does and returns the error and
// the stage where it came.
func deliver(m *simulator.Mail, to string, auth smtp.Auth) (stage string, err error) {
	conn, err := m.DialContext(context.Background(), "", "")
	if err != nil {
		return "dial", err
	}
	return talk(m, conn, to, auth)
}

func talk(m *simulator.Mail, conn net.Conn, to string, auth smtp.Auth) (stage string, err error) {
	defer conn.Close()
	c, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		return "greeting", err
	}
	if err := c.Hello("bot.test"); err != nil {
		return "EHLO", err
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		if err := c.StartTLS(&tls.Config{ServerName: "127.0.0.1", RootCAs: m.CertPool()}); err != nil {
			return "STARTTLS", err
		}
	}
	if auth != nil {
		if err := c.Auth(auth); err != nil {
			return "AUTH", err
		}
	}
	if err := c.Mail("bot@mail.sim"); err != nil {
		return "MAIL", err
	}
	if err := c.Rcpt(to); err != nil {
		return "RCPT", err
	}
	w, err := c.Data()
	if err != nil {
		return "DATA", err
	}
	if _, err := w.Write([]byte(letter)); err != nil {
		return "body", err
	}
	if err := w.Close(); err != nil {
		return "dot", err
	}
	if err := c.Reset(); err != nil {
		return "RSET", err
	}
	return "QUIT", c.Quit()
}

func TestLetter(t *testing.T) {
	m := startMail(t, simulator.MailOptions{})
	if stage, err := deliver(m, "sd@kurganobl.ru", nil); err != nil {
		t.Fatal(stage, err)
	}
	l, err := m.AwaitLetter(func(l simulator.Letter) bool { return l.Subject() == "Эскалация" })
	if err != nil {
		t.Fatal(err)
	}
	if string(l.Raw) != letter || l.From != "bot@mail.sim" || l.To[0] != "sd@kurganobl.ru" || l.TLS {
		t.Errorf("%+v", l)
	}
	if l.Header("from") != "Бот <bot@mail.sim>" || l.MessageID() != "1@mail.sim" || l.HasHeader("Reply-To") {
		t.Errorf("%q %q", l.Header("From"), l.MessageID())
	}
	if l.Text() != "текст" || l.HTML() != "<p>текст</p>" {
		t.Errorf("%q %q", l.Text(), l.HTML())
	}
	if files := l.Attachments(); len(files) != 1 || files[0].Name != "a.pdf" || string(files[0].Data) != "%PDF" {
		t.Errorf("%+v", files)
	}
}

func TestMailFaults(t *testing.T) {
	for _, test := range []struct {
		fault simulator.MailFault
		stage string
		code  int // 0: the connection broke
		kept  int
	}{
		{simulator.MailFault{Stage: simulator.AtGreeting, Code: 554}, "greeting", 554, 0},
		{simulator.MailFault{Stage: simulator.AtGreeting, Action: simulator.Drop}, "greeting", 0, 0},
		{simulator.MailFault{Stage: simulator.AtEHLO, Action: simulator.Drop}, "EHLO", 0, 0},
		{simulator.MailFault{Stage: simulator.AtStartTLS, Code: 454}, "STARTTLS", 454, 0},
		{simulator.MailFault{Stage: simulator.AtAuth, Code: 535, Text: "5.7.8 no"}, "AUTH", 535, 0},
		{simulator.MailFault{Stage: simulator.AtMail, Code: 451}, "MAIL", 451, 0},
		{simulator.MailFault{Stage: simulator.AtMail, Code: 421}, "MAIL", 421, 0},
		{simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such box", Recipient: "sd@kurganobl.ru"}, "RCPT", 550, 0},
		{simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Recipient: "other@kurganobl.ru"}, "QUIT", -1, 1},
		{simulator.MailFault{Stage: simulator.AtData, Code: 452}, "DATA", 452, 0},
		{simulator.MailFault{Stage: simulator.AtData, Action: simulator.Drop}, "DATA", 0, 0},
		{simulator.MailFault{Stage: simulator.AtDot, Code: 554, Text: "5.7.1 spam"}, "dot", 554, 0},
		{simulator.MailFault{Stage: simulator.AtDot, Action: simulator.Drop}, "dot", 0, 0},
		{simulator.MailFault{Stage: simulator.AtDot, Action: simulator.StoreAndDrop}, "dot", 0, 1},
		{simulator.MailFault{Stage: simulator.AtRset, Code: 502}, "RSET", 502, 1},
		{simulator.MailFault{Stage: simulator.AtQuit, Action: simulator.Drop}, "QUIT", 0, 1},
	} {
		t.Run(string(test.fault.Stage)+" "+test.fault.Text, func(t *testing.T) {
			m := startMail(t, simulator.MailOptions{StartTLS: true, Username: "bot", Password: "pw"})
			auth := smtp.PlainAuth("", "bot", "pw", "127.0.0.1")
			test.fault.Times = 1
			m.Fault(test.fault)
			stage, err := deliver(m, "sd@kurganobl.ru", auth)
			var answer *textproto.Error
			switch {
			case test.code < 0 && err != nil, test.code >= 0 && err == nil, stage != test.stage:
				t.Errorf("%s: %v", stage, err)
			case test.code > 0 && (!errors.As(err, &answer) || answer.Code != test.code):
				t.Errorf("%s: %v, want %d", stage, err, test.code)
			case test.code == 0 && errors.As(err, &answer):
				t.Errorf("%s: %v, want a broken connection", stage, err)
			}
			if n := len(m.Letters()); n != test.kept {
				t.Errorf("%d letters kept, want %d", n, test.kept)
			}
			if test.code >= 0 {
				if stage, err := deliver(m, "sd@kurganobl.ru", auth); err != nil {
					t.Errorf("afterwards: %s: %v", stage, err)
				}
			}
			if l := m.Letters()[len(m.Letters())-1]; !l.TLS || l.User != "bot" {
				t.Errorf("%v %q", l.TLS, l.User)
			}
		})
	}
}

func TestMailRequiresAuth(t *testing.T) {
	m := startMail(t, simulator.MailOptions{Username: "bot", Password: "pw"})
	if stage, err := deliver(m, "a@b.ru", nil); stage != "MAIL" || !strings.HasPrefix(err.Error(), "530") {
		t.Error(stage, err)
	}
	if stage, err := deliver(m, "a@b.ru", smtp.PlainAuth("", "bot", "wrong", "127.0.0.1")); stage != "AUTH" || !strings.HasPrefix(err.Error(), "535") {
		t.Error(stage, err)
	}
	if stage, err := deliver(m, "a@b.ru", login{"bot", "pw"}); err != nil {
		t.Error(stage, err)
	}
}

// login is a client's AUTH LOGIN.
type login struct{ user, password string }

func (l login) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (l login) Next(challenge []byte, more bool) ([]byte, error) {
	if strings.HasPrefix(string(challenge), "User") {
		return []byte(l.user), nil
	}
	if more {
		return []byte(l.password), nil
	}
	return nil, nil
}

func TestMailDown(t *testing.T) {
	m := startMail(t, simulator.MailOptions{})
	addr := m.Addr()
	m.SetDown(true)
	m.SetDown(true)
	if stage, _ := deliver(m, "a@b.ru", nil); stage != "dial" {
		t.Error("somebody listens:", stage)
	}
	m.SetDown(false)
	if stage, err := deliver(m, "a@b.ru", nil); err != nil || m.Addr() != addr {
		t.Error(stage, err, m.Addr())
	}
}

func TestMailImplicitTLS(t *testing.T) {
	m := startMail(t, simulator.MailOptions{ImplicitTLS: true})
	conn, err := tls.Dial("tcp", m.Addr(), &tls.Config{RootCAs: m.CertPool(), ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if stage, err := talk(m, conn, "a@b.ru", nil); err != nil || !m.Letters()[0].TLS {
		t.Error(stage, err)
	}
}

func TestMailInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := simulator.StartMail(simulator.MailOptions{InMemory: true})
		defer m.Close()
		if stage, err := deliver(m, "a@b.ru", nil); err != nil {
			t.Error(stage, err)
		}
		// A server that stalls is left alone in the end, or is closed.
		m.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Action: simulator.Stall})
		done := make(chan string)
		go func() {
			stage, _ := deliver(m, "a@b.ru", nil)
			done <- stage
		}()
		synctest.Wait()
		m.SetDown(true)
		if stage := <-done; stage != "RCPT" {
			t.Error(stage)
		}
	})
}
