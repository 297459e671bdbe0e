package mailer

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/outbox"
)

// letterOf is a letter with these bytes.
func letterOf(raw string) outbox.Letter {
	return outbox.Letter{From: "bot@rosint.example", To: "sd@kurganobl.example", Raw: []byte(raw)}
}

var small = letterOf("Subject: x\r\n\r\nbody\r\n")

func TestVerdicts(t *testing.T) {
	ca := newAuthority(t, "relay.example")
	for _, test := range []struct {
		verb, reply string
		stage       Stage
		outcome     Outcome
		code        int
	}{
		{"GREETING", "421 busy", StageGreeting, Later, 421},
		{"GREETING", "554 go away", StageGreeting, OurFault, 554},
		{"GREETING", "HTTP/1.1 400 Bad Request", StageGreeting, Later, 0},
		{"GREETING", drop, StageGreeting, Later, 0},
		{"EHLO", drop, StageGreeting, Later, 0},
		{"STARTTLS", "454 4.7.0 not now", StageTLS, Later, 454},
		{"STARTTLS", "502 no", StageTLS, OurFault, 502},
		{"STARTTLS", drop, StageTLS, Later, 0},
		{"AUTH", "454 4.7.0 not now", StageAuth, Later, 454},
		{"AUTH", "535 5.7.8 wrong", StageAuth, OurFault, 535},
		{"AUTH", drop, StageAuth, Later, 0},
		{"MAIL", "451 4.3.0 later", StageMail, Later, 451},
		{"MAIL", "550 5.7.1 not your address", StageMail, OurFault, 550},
		{"MAIL", drop, StageMail, Later, 0},
		{"RCPT", "450 4.2.0 greylisted", StageRcpt, Later, 450},
		{"RCPT", "550 5.1.1 no such box", StageRcpt, Refused, 550},
		{"RCPT", "251 2.1.5 forwarded", StageAnswer, Accepted, 250},
		{"RCPT", drop, StageRcpt, Later, 0},
		{"DATA", "451 4.3.0 later", StageData, Later, 451},
		{"DATA", "554 5.5.1 no", StageData, Refused, 554},
		{"DATA", drop, StageData, Later, 0},
		{"BODY", drop, StageData, Later, 0},
		{"LETTER", "452 4.3.1 full", StageAnswer, Later, 452},
		{"LETTER", "554 5.7.1 spam", StageAnswer, Refused, 554},
		{"LETTER", "354 what", StageAnswer, Ambiguous, 354},
		{"LETTER", "nonsense", StageAnswer, Ambiguous, 0},
		{"LETTER", drop, StageAnswer, Ambiguous, 0},
		{"LETTER", "250-2.0.0 queued\r\n250 as 4F2", StageAnswer, Accepted, 250},
		{"QUIT", "500 what", StageAnswer, Accepted, 250},
		{"QUIT", drop, StageAnswer, Accepted, 250},
	} {
		t.Run(test.verb+" "+test.reply, func(t *testing.T) {
			r := &relay{says: map[string]string{test.verb: test.reply}, tls: ca.server,
				extensions: []string{"STARTTLS"}, tlsExtensions: []string{"AUTH PLAIN"}}
			s := r.start(t)
			s.TLS, s.RootCAs, s.Username, s.Password = StartTLS, ca.pool, "bot", "secret"
			listened := false
			ctx := withHeard(t.Context(), func() { listened = true })
			v := s.Deliver(ctx, letterOf(strings.Repeat("a line of a long letter\r\n", 1000)))
			if listened != v.Stage.aboutLetter() {
				t.Errorf("stage %s, listened %v", v.Stage, listened)
			}
			if v.Stage != test.stage || v.Outcome != test.outcome || v.Code != test.code {
				t.Errorf("stage %s, %s, code %d: %v", v.Stage, v.Outcome, v.Code, v.Err)
			}
			if (v.Err == nil) != (v.Outcome == Accepted) {
				t.Errorf("%s with the error %v", v.Outcome, v.Err)
			}
			if (v.Problem() == "") != (v.Outcome == Accepted) {
				t.Errorf("%s with the problem %q", v.Outcome, v.Problem())
			}
		})
	}
}

func TestReply(t *testing.T) {
	r := &relay{says: map[string]string{"RCPT": "550-5.1.1 No such box.\r\n550  Ask\tthe \x1b[31mpostmaster."}}
	v := r.start(t).Deliver(t.Context(), small)
	if want := "5.1.1 No such box. Ask the [31mpostmaster."; v.Reply != want || v.Problem() != "550 "+want {
		t.Errorf("reply %q, problem %q", v.Reply, v.Problem())
	}
	r = &relay{says: map[string]string{"LETTER": "250 " + strings.Repeat("long ", 200)}}
	if v := r.start(t).Deliver(t.Context(), small); len([]rune(v.Reply)) > 300 {
		t.Errorf("a reply of %d characters", len(v.Reply))
	}
}

func TestUnreachable(t *testing.T) {
	refused := errors.New("connection refused")
	s := SMTP{Host: "relay.example", Port: 25, TLS: None, Dial: func(_ context.Context, network, addr string) (net.Conn, error) {
		if network != "tcp" || addr != "relay.example:25" {
			t.Errorf("dials %s %s", network, addr)
		}
		return nil, refused
	}}
	v := s.Deliver(t.Context(), small)
	if v.Outcome != Later || v.Stage != StageDial || !errors.Is(v.Err, refused) || v.Problem() != "почтовый сервер не отвечает" {
		t.Errorf("%+v", v)
	}
}

func TestEnvelope(t *testing.T) {
	r := &relay{}
	s := r.start(t)
	if v := s.Deliver(t.Context(), small); v.Outcome != Accepted || v.Reply != "2.0.0 queued as 4F2" {
		t.Fatalf("%+v", v)
	}
	want := "EHLO bot.example\nMAIL FROM:<bot@rosint.example>\nRCPT TO:<sd@kurganobl.example>\nDATA\nQUIT"
	if r.heard() != want {
		t.Errorf("heard\n%s", r.heard())
	}
	for _, to := range []string{"", "a b@c.example", "a@b.example>\r\nRCPT TO:<evil@d.example", "почта@пример.рф"} {
		letter := small
		letter.To = to
		if v := s.Deliver(t.Context(), letter); v.Outcome != Refused || v.Stage != StageRcpt {
			t.Errorf("%q: %+v", to, v)
		}
		letter.From, letter.To = to, small.To
		if v := s.Deliver(t.Context(), letter); v.Outcome != Refused || v.Stage != StageMail {
			t.Errorf("%q: %+v", to, v)
		}
	}
}

// What is given arrives, byte for byte, but for an end of line at the end,
// which SMTP cannot do without.
func TestBytes(t *testing.T) {
	real, err := writer().Escalation(sample(), firstEscalation())
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{
		string(real.Raw),
		"a: b\r\n\r\n.\r\n..\r\n.dot\r\nend.\r\n.\r\n",
		"a: b\r\n\r\n\r\n\r\n\r\n",
		"a: b\r\n\r\nбайты \xff и \x00\r\n",
		"a: b\r\n\r\n" + strings.Repeat("x", 100_000) + "\r\n",
		"a: b\r\n\r\nno end",
	} {
		r := &relay{}
		if v := r.start(t).Deliver(t.Context(), letterOf(raw)); v.Outcome != Accepted {
			t.Fatalf("%+v", v)
		}
		want := []byte(strings.TrimSuffix(raw, "\r\n") + "\r\n")
		if !bytes.Equal(r.letter, want) {
			t.Errorf("sent %.80q, received %.80q", want, r.letter)
		}
	}
}

// A silent server is left when its time is up: five minutes before the dot,
// ten after it, five seconds for the farewell.
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		verb    string
		outcome Outcome
		after   time.Duration
	}{
		{"GREETING", Later, 5 * time.Minute},
		{"MAIL", Later, 5 * time.Minute},
		{"LETTER", Ambiguous, 10 * time.Minute},
		{"QUIT", Accepted, 5 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &relay{says: map[string]string{test.verb: stall}}
			s := r.start(t)
			begin := time.Now()
			v := s.Deliver(t.Context(), small)
			if v.Outcome != test.outcome || time.Since(begin) != test.after {
				t.Errorf("%s: %s after %s: %v", test.verb, v.Outcome, time.Since(begin), v.Err)
			}
		})
	}
	if longest := (Timeouts{}).Longest(); longest >= lease {
		t.Errorf("a claim of %s ends before a delivery of %s", lease, longest)
	}
}

// The end of the context ends the wait at once, at any stage.
func TestCancel(t *testing.T) {
	ca := newAuthority(t, "relay.example")
	for verb, want := range map[string]Outcome{
		"GREETING": Later, "EHLO": Later, "STARTTLS": Later, "AUTH": Later, "MAIL": Later, "RCPT": Later, "DATA": Later,
		"LETTER": Ambiguous,
	} {
		r := &relay{says: map[string]string{verb: stall}, tls: ca.server,
			extensions: []string{"STARTTLS"}, tlsExtensions: []string{"AUTH PLAIN"}}
		s := r.start(t)
		s.TLS, s.RootCAs, s.Username, s.Password = StartTLS, ca.pool, "bot", "secret"
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-r.stalled
			cancel()
		}()
		if v := s.Deliver(ctx, small); v.Outcome != want || !errors.Is(v.Err, context.Canceled) {
			t.Errorf("%s: %s: %v", verb, v.Outcome, v.Err)
		}
	}
}
