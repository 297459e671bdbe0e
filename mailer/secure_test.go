package mailer

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestTLS(t *testing.T) {
	ca := newAuthority(t, "relay.example")
	stranger := newAuthority(t, "relay.example")
	other := newAuthority(t, "other.example")
	for _, test := range []struct {
		name     string
		mode     TLSMode
		relay    *relay
		roots    authority
		outcome  Outcome
		stage    Stage
		commands string
	}{
		{"starttls", StartTLS, &relay{tls: ca.server, extensions: []string{"STARTTLS"}}, ca, Accepted, StageAnswer,
			"EHLO bot.example\nSTARTTLS\ntls EHLO bot.example\ntls MAIL FROM:<bot@rosint.example>\ntls RCPT TO:<sd@kurganobl.example>\ntls DATA\ntls QUIT"},
		{"no mode is starttls", "", &relay{}, ca, OurFault, StageTLS, "EHLO bot.example"},
		{"starttls not offered", StartTLS, &relay{}, ca, OurFault, StageTLS, "EHLO bot.example"},
		{"unknown authority", StartTLS, &relay{tls: stranger.server, extensions: []string{"STARTTLS"}}, ca, OurFault, StageTLS,
			"EHLO bot.example\nSTARTTLS"},
		{"another name", StartTLS, &relay{tls: other.server, extensions: []string{"STARTTLS"}}, other, OurFault, StageTLS,
			"EHLO bot.example\nSTARTTLS"},
		{"plain text for TLS", StartTLS, &relay{extensions: []string{"STARTTLS"}}, ca, OurFault, StageTLS,
			"EHLO bot.example\nSTARTTLS"},
		{"implicit", Implicit, &relay{tls: ca.server, implicit: true}, ca, Accepted, StageAnswer,
			"tls EHLO bot.example\ntls MAIL FROM:<bot@rosint.example>\ntls RCPT TO:<sd@kurganobl.example>\ntls DATA\ntls QUIT"},
		{"implicit, unknown authority", Implicit, &relay{tls: stranger.server, implicit: true}, ca, OurFault, StageTLS, ""},
		{"wrong mode", "tls", &relay{}, ca, OurFault, StageTLS, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := test.relay
			r.tcp = true
			s := r.start(t)
			s.TLS, s.RootCAs = test.mode, test.roots.pool
			v := s.Deliver(t.Context(), small)
			r.served.Wait()
			if v.Outcome != test.outcome || v.Stage != test.stage {
				t.Errorf("%s at %s: %v", v.Outcome, v.Stage, v.Err)
			}
			if r.heard() != test.commands {
				t.Errorf("heard\n%s", r.heard())
			}
		})
	}
}

// The name to greet with is the sender's host, or this machine's; many relays
// refuse an address in brackets.
func TestHELO(t *testing.T) {
	for from, want := range map[string]string{
		"intake@Example.RU": "example.ru", "Приём <a@b-c.example>": "b-c.example",
		"a@[192.0.2.1]": HELOName(""), "нет": HELOName(""), "a@хост.рф": HELOName(""), "a@x_y.example": HELOName(""),
	} {
		if got := HELOName(from); got != want || strings.ContainsAny(got, "[]: ") || got == "" {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
	r := &relay{tcp: true}
	s := r.start(t)
	s.HELO = ""
	if _, v := s.Inspect(t.Context(), ""); v.Outcome != Accepted {
		t.Fatalf("%+v", v)
	}
	if want := "EHLO " + HELOName("") + "\nQUIT"; r.heard() != want {
		t.Errorf("heard %s", r.heard())
	}
}

// A server that knows HELO only is one that offers nothing.
func TestHELOOnly(t *testing.T) {
	r := &relay{says: map[string]string{"EHLO": "502 5.5.1 what?"}}
	if v := r.start(t).Deliver(t.Context(), small); v.Outcome != Accepted {
		t.Fatalf("%+v", v)
	}
	if !strings.HasPrefix(r.heard(), "EHLO bot.example\nHELO bot.example\nMAIL ") {
		t.Errorf("heard\n%s", r.heard())
	}
}

func TestAuth(t *testing.T) {
	plain := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00bot\x00secret"))
	for _, test := range []struct {
		offer   []string
		command string // the first AUTH line
		outcome Outcome
	}{
		{[]string{"AUTH PLAIN LOGIN"}, plain, Accepted},
		{[]string{"AUTH LOGIN PLAIN"}, plain, Accepted},
		{[]string{"AUTH LOGIN"}, "AUTH LOGIN", Accepted},
		{[]string{"AUTH PLAIN SCRAM-SHA-1 SCRAM-SHA-256"}, "AUTH SCRAM-SHA-256", Accepted},
		{[]string{"AUTH PLAIN SCRAM-SHA-1"}, "AUTH SCRAM-SHA-1", Accepted},
		{[]string{"AUTH PLAIN CRAM-MD5"}, "AUTH CRAM-MD5", Accepted},
		{[]string{"AUTH SCRAM-SHA-256-PLUS PLAIN"}, plain, Accepted}, // it needs TLS
		{[]string{"auth plain"}, plain, Accepted},
		{[]string{"AUTH=LOGIN"}, "AUTH LOGIN", Accepted},
		{[]string{"AUTH GSSAPI", "AUTH=login plain"}, plain, Accepted},
		{[]string{"AUTH GSSAPI NTLM"}, "", OurFault},
		{nil, "", OurFault},
	} {
		r := &relay{extensions: test.offer}
		s := r.start(t)
		s.Host, s.Username, s.Password = "localhost", "bot", "secret"
		_, v := s.Inspect(t.Context(), "")
		if v.Outcome != test.outcome || v.Stage != StageAuth {
			t.Errorf("%v: %s at %s: %v", test.offer, v.Outcome, v.Stage, v.Err)
		}
		if test.command != "" && !strings.Contains(r.heard()+"\n", "\n"+test.command+"\n") {
			t.Errorf("%v: heard\n%s", test.offer, r.heard())
		}
	}
}

// Whatever a server does with the password, we do not show it.
func TestPasswordIsNotShown(t *testing.T) {
	const password = "p@ss word"
	encoded := base64.StdEncoding.EncodeToString([]byte("\x00bot\x00" + password))
	for _, reply := range []string{
		"535 5.7.8 wrong: " + password, "535 AUTH PLAIN " + encoded,
		"535 " + base64.StdEncoding.EncodeToString([]byte(password)),
		"535 " + strings.Repeat("x", 296) + password,
		"334 " + base64.StdEncoding.EncodeToString([]byte(password)),
	} {
		r := &relay{extensions: []string{"AUTH PLAIN"}, says: map[string]string{"AUTH": reply}}
		s := r.start(t)
		s.Host, s.Username, s.Password = "localhost", "bot", password
		v := s.Deliver(t.Context(), small)
		if v.Outcome != OurFault || v.Stage != StageAuth {
			t.Errorf("%s at %s: %v", v.Outcome, v.Stage, v.Err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "smtp", s, "verdict", v, "error", v.Err)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "smtp", s, "verdict", v, "error", v.Err)
		shown := fmt.Sprintf("%v %+v %#v %v %+v %s %s", s, s, s, v, v, v.Problem(), log.String())
		for _, secret := range []string{password, "p@ss", encoded, base64.StdEncoding.EncodeToString([]byte(password))} {
			if strings.Contains(shown, secret) {
				t.Errorf("reply %.40q: the password is shown in %s", reply, shown)
			}
		}
	}
}
