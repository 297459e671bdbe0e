package mailer

import (
	"regexp"
	"strings"
	"testing"
)

var authLines = regexp.MustCompile(`(?m)^(?:tls )?AUTH ([A-Z0-9-]+)`)

// triedMechanisms are the mechanisms that a relay heard, in order.
func triedMechanisms(r *relay) string {
	var names []string
	for _, m := range authLines.FindAllStringSubmatch(r.heard(), -1) {
		names = append(names, m[1])
	}
	return strings.Join(names, " ")
}

// Each mechanism is tried once, the strongest first, until one works; also when
// the server hangs up after each.
func TestFallback(t *testing.T) {
	ca := newAuthority(t, "relay.example")
	right := func(password string) bool { return password == "secret" }
	wrong := func(string) bool { return false }
	const all = "AUTH LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-256-PLUS XOAUTH2"
	const order = "SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN"
	for _, test := range []struct {
		name, offer string
		exactly     map[string]string
		password    func(string) bool
		hangsUp     bool
		tried       string
		outcome     Outcome
		code        int
	}{
		{"only PLAIN works", all, nil, right, false, order, Accepted, 0},
		{"only LOGIN works", "AUTH LOGIN SCRAM-SHA-256", nil, right, false, "SCRAM-SHA-256 LOGIN", Accepted, 0},
		{"the server hangs up", all, nil, right, true, order, Accepted, 0},
		{"a wrong password", all, nil, wrong, false, order + " LOGIN", OurFault, 535},
		{"a wrong password, the server hangs up", all, nil, wrong, true, order + " LOGIN", OurFault, 535},
		{"the mechanism is not there", "AUTH PLAIN SCRAM-SHA-1", map[string]string{"AUTH SCRAM-SHA-1": "504 5.5.4"}, right, false, "SCRAM-SHA-1 PLAIN", Accepted, 0},
		{"no secret for it now", "AUTH PLAIN SCRAM-SHA-1", map[string]string{"AUTH SCRAM-SHA-1": "454 4.7.0 no secret"}, right, false, "SCRAM-SHA-1 PLAIN", Accepted, 0},
		{"it speaks another language", "AUTH PLAIN SCRAM-SHA-1", map[string]string{"AUTH SCRAM-SHA-1": "334 bm9uc2Vuc2U="}, right, false, "SCRAM-SHA-1 PLAIN", Accepted, 0},
		{"it hangs up on the first", "AUTH PLAIN SCRAM-SHA-1", map[string]string{"AUTH SCRAM-SHA-1": drop}, right, false, "SCRAM-SHA-1 PLAIN", Accepted, 0},
		{"it hangs up on all", "AUTH PLAIN SCRAM-SHA-1", map[string]string{"AUTH SCRAM-SHA-1": "535 5.7.8", "AUTH PLAIN AGJvdABzZWNyZXQ=": drop}, right, false,
			"SCRAM-SHA-1 PLAIN PLAIN", OurFault, 535},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &relay{tls: ca.server, extensions: []string{"STARTTLS", "AUTH GSSAPI"}, tlsExtensions: []string{test.offer},
				exactly: test.exactly, password: test.password, hangsUp: test.hangsUp}
			s := r.start(t)
			s.TLS, s.RootCAs, s.Username, s.Password = StartTLS, ca.pool, "bot", "secret"
			v := s.Deliver(t.Context(), small)
			if v.Outcome != test.outcome || test.outcome != Accepted && (v.Stage != StageAuth || v.Code != test.code) {
				t.Errorf("%s at %s: %v", v.Outcome, v.Stage, v.Err)
			}
			if got := triedMechanisms(r); got != test.tried {
				t.Errorf("tried %s", got)
			}
		})
	}
}

// What a server offers and we cannot do is said in Russian.
func TestNothingToTry(t *testing.T) {
	for offer, want := range map[string]string{
		"AUTH XOAUTH2 NTLM": "почтовый сервер предлагает только XOAUTH2, NTLM, а бот умеет входить по SCRAM, CRAM-MD5, PLAIN и LOGIN",
		"AUTH":              "почтовый сервер не предлагает вход по имени и паролю: проверьте SMTP_PORT и SMTP_TLS или уберите SMTP_USERNAME",
		"SIZE 1000":         "почтовый сервер не предлагает вход по имени и паролю: проверьте SMTP_PORT и SMTP_TLS или уберите SMTP_USERNAME",
	} {
		r := &relay{extensions: []string{offer}}
		s := r.start(t)
		s.Host, s.Username, s.Password = "localhost", "bot", "secret"
		v := s.Deliver(t.Context(), small)
		if v.Outcome != OurFault || v.Stage != StageAuth || v.Problem() != want || triedMechanisms(r) != "" {
			t.Errorf("%s: %s at %s: %s", offer, v.Outcome, v.Stage, v.Problem())
		}
	}
}

// Without encryption a password goes nowhere but to this machine.
func TestPasswordInClear(t *testing.T) {
	for host, clear := range map[string]bool{
		"relay.example": true, "10.0.0.5": true, "localhost.evil.example": true,
		"localhost": false, "LOCALHOST": false, "127.0.0.1": false, "127.8.8.8": false, "::1": false, "[::1]": false,
	} {
		r := &relay{extensions: []string{"AUTH PLAIN LOGIN SCRAM-SHA-256"}}
		s := r.start(t)
		s.Host, s.Username, s.Password = host, "bot", "secret"
		if s.PasswordInClear() != clear {
			t.Errorf("%s: in the clear: %v", host, s.PasswordInClear())
		}
		v := s.Deliver(t.Context(), small)
		heard := r.heard()
		if clear && (v.Outcome != OurFault || v.Stage != StageAuth || strings.Contains(heard, "AUTH") || !strings.Contains(v.Problem(), "SMTP_TLS")) {
			t.Errorf("%s: %s at %s, %s; heard\n%s", host, v.Outcome, v.Stage, v.Problem(), heard)
		}
		if !clear && v.Outcome != Accepted {
			t.Errorf("%s: %s at %s: %v", host, v.Outcome, v.Stage, v.Err)
		}
		for _, other := range []SMTP{{Host: host}, {Host: host, Username: "bot"}, {Host: host, Username: "bot", TLS: Implicit}} {
			if other.PasswordInClear() {
				t.Errorf("%v: in the clear", other)
			}
		}
	}
}
