package mailer

import (
	"strings"
	"testing"
)

// What servers really say is understood at every stage: a code alone
// (RFC 5321, 4.2), several lines, no enhanced code, no blank behind the code.
func TestTolerance(t *testing.T) {
	ca := newAuthority(t, "relay.example")
	codes := map[string]string{"GREETING": "220", "EHLO": "250", "STARTTLS": "220", "AUTH": "235", "MAIL": "250", "RCPT": "250",
		"DATA": "354", "LETTER": "250", "QUIT": "221"}
	forms := map[string]func(code string) string{
		"bare":           func(code string) string { return code },
		"a blank":        func(code string) string { return code + " " },
		"two bare lines": func(code string) string { return code + "-\r\n" + code },
		"many lines": func(code string) string {
			return strings.Repeat(code+"-слово\r\n", 50) + code + " 2.0.0 конец"
		},
		"a stray line": func(code string) string { return code + "-one\r\nnothing\r\n\r\n" + code + " two" },
		"LF":           func(code string) string { return code + "-one\n" + code + " two\n" },
		"no blank":     func(code string) string { return code + "ok" },
		"a long line":  func(code string) string { return code + " " + strings.Repeat("x", 100_000) },
	}
	for name, form := range forms {
		for verb, code := range codes {
			reply := strings.TrimSuffix(form(code), "\n")
			r := &relay{says: map[string]string{verb: reply}, tls: ca.server}
			if verb == "EHLO" { // it must offer what the session needs
				r.says[verb] = code + "-STARTTLS\r\n" + code + "-STARTTLS\r\n" + code + "-auth plain\r\n" + reply
			} else {
				r.extensions, r.tlsExtensions = []string{"StartTls"}, []string{"Auth Plain"}
			}
			s := r.start(t)
			s.TLS, s.RootCAs, s.Username, s.Password = StartTLS, ca.pool, "bot", "secret"
			if v := s.Deliver(t.Context(), small); v.Outcome != Accepted || v.Code != 250 {
				t.Errorf("%s, %s: %s at %s: %v", name, verb, v.Outcome, v.Stage, v.Err)
			}
			if string(r.letter) != string(small.Raw) {
				t.Errorf("%s, %s: the letter came as %q", name, verb, r.letter)
			}
		}
	}
}

// However the farewell goes, a letter that was accepted is accepted.
func TestOddFarewell(t *testing.T) {
	for _, reply := range []string{"221", "250 ok", "421 4.4.2 bye", "503", "nonsense", drop} {
		r := &relay{says: map[string]string{"QUIT": reply}}
		if v := r.start(t).Deliver(t.Context(), small); v.Outcome != Accepted {
			t.Errorf("%q: %+v", reply, v)
		}
	}
}

// A reply that has no end takes no more than its share.
func TestEndlessReply(t *testing.T) {
	for _, reply := range []string{strings.Repeat("250-x\r\n", 5000) + "250 y", strings.Repeat("250-"+strings.Repeat("x", 9000)+"\r\n", 600) + "250 y"} {
		r := &relay{says: map[string]string{"MAIL": reply}, tcp: true}
		if v := r.start(t).Deliver(t.Context(), small); v.Outcome != Later || v.Stage != StageMail {
			t.Errorf("%s at %s: %v", v.Outcome, v.Stage, v.Err)
		}
	}
}

// A refusal at RCPT that concerns us is not the letter's: it is tried again, and
// somebody is told.
func TestRefusedForWhoWeAre(t *testing.T) {
	for reply, want := range map[string]Outcome{
		"530 5.7.0 Authentication required": OurFault,
		"530":                               OurFault,
		"554 5.7.1 <a@b.example>: Relay access denied":                           OurFault,
		"454 4.7.1 <a@b.example>: Relay access denied":                           OurFault,
		"450 4.7.1 <unknown[192.0.2.1]>: Client host rejected: greylisted":       Later,
		"550 5.7.1 Relaying denied":                                              OurFault,
		"550 relay not permitted":                                                OurFault,
		"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain":      OurFault,
		"550-authentication\r\n550 required":                                     OurFault,
		"553 5.7.1 <bot@rosint.example>: Sender address rejected: not logged in": OurFault,
		"554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied":    OurFault,
		"550 5.7.1 <localhost>: Helo command rejected: need fully-qualified":     OurFault,
		"550 5.1.1 <sd@kurganobl.example>: Recipient address rejected: unknown":  Refused,
		"552 5.2.2 mailbox full":                                                 Refused,
		"450 4.7.1 greylisted":                                                   Later,
	} {
		r := &relay{says: map[string]string{"RCPT": reply}}
		v := r.start(t).Deliver(t.Context(), small)
		if v.Outcome != want || v.Stage != StageRcpt {
			t.Errorf("%s: %s at %s", reply, v.Outcome, v.Stage)
		}
		if v.reachedRecipient() == (want == OurFault) {
			t.Errorf("%s: counts as letters that leave: %v", reply, v.reachedRecipient())
		}
	}
	r := &relay{says: map[string]string{"DATA": "530 5.7.0 Must issue a STARTTLS command first"}}
	if v := r.start(t).Deliver(t.Context(), small); v.Outcome != OurFault {
		t.Errorf("530 at DATA: %s", v.Outcome)
	}
}
