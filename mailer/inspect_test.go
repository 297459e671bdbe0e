package mailer

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// An inspection asks for every recipient and takes all back: no letter leaves.
func TestInspect(t *testing.T) {
	r := &relay{extensions: []string{"SIZE 10240000"}, exactly: map[string]string{
		"RCPT TO:<sd@kurganobl.example>": "554 5.7.1 <sd@kurganobl.example>: Relay access denied",
		"RCPT TO:<no@b.example>":         "550 5.1.1 no such box",
	}}
	seen, v := r.start(t).Inspect(t.Context(), "bot@rosint.example", "155@krasnodar.example", "sd@kurganobl.example", "no@b.example")
	if v.Outcome != Accepted {
		t.Fatalf("%s at %s: %v", v.Outcome, v.Stage, v.Err)
	}
	want := "EHLO bot.example\nMAIL FROM:<bot@rosint.example>\nRCPT TO:<155@krasnodar.example>\nRCPT TO:<sd@kurganobl.example>\nRCPT TO:<no@b.example>\nRSET\nQUIT"
	if r.heard() != want {
		t.Errorf("heard\n%s", r.heard())
	}
	var got []Outcome
	for _, one := range seen.Recipients {
		got = append(got, one.Verdict.Outcome)
	}
	if len(got) != 3 || got[0] != Accepted || got[1] != OurFault || got[2] != Refused || seen.MostBytes != 10240000 {
		t.Errorf("%+v", seen)
	}
	if p := seen.Recipients[1].Verdict.Problem(); p != "554 5.7.1 <sd@kurganobl.example>: Relay access denied" {
		t.Errorf("the problem: %s", p)
	}
}

// An inspection ends where the relay does, and says where.
func TestInspectEnds(t *testing.T) {
	for verb, stage := range map[string]Stage{"GREETING": StageGreeting, "MAIL": StageMail, "RCPT": StageRcpt, "RSET": StageMail} {
		for _, reply := range []string{drop, "421 4.3.2 closing"} {
			r := &relay{says: map[string]string{verb: reply}}
			seen, v := r.start(t).Inspect(t.Context(), "bot@rosint.example", "a@b.example")
			if verb == "RCPT" && reply != drop { // that is an answer about the recipient
				if v.Outcome != Accepted || seen.Recipients[0].Verdict.Outcome != Later {
					t.Errorf("%+v, %+v", v, seen.Recipients)
				}
				continue
			}
			if v.Outcome != Later || v.Stage != stage || v.Stage.Name() == "" {
				t.Errorf("%s %s: %s at %s: %v", verb, reply, v.Outcome, v.Stage, v.Err)
			}
		}
	}
}

// A stage that hangs ends after ten seconds, and is named.
func TestInspectHangs(t *testing.T) {
	for verb, stage := range map[string]Stage{"GREETING": StageGreeting, "EHLO": StageGreeting, "AUTH": StageAuth, "MAIL": StageMail, "RCPT": StageRcpt} {
		synctest.Test(t, func(t *testing.T) {
			r := &relay{says: map[string]string{verb: stall}, extensions: []string{"AUTH PLAIN"}}
			s := r.start(t)
			s.Host, s.Username, s.Password = "localhost", "bot", "secret"
			began := time.Now()
			_, v := s.Inspect(t.Context(), "bot@rosint.example", "a@b.example", "c@d.example")
			if v.Outcome != Later || v.Stage != stage || time.Since(began) != 10*time.Second {
				t.Errorf("%s: %s at %s after %s: %v", verb, v.Outcome, v.Stage, time.Since(began), v.Err)
			}
		})
	}
}

// Where a relay knows notifications, each letter asks for them by its key; one
// that announces them and does not like the words gets the letter without.
func TestDSN(t *testing.T) {
	letter := small
	letter.Key = "escalation:26-00001-0:1 +=ж"
	const mail = "MAIL FROM:<bot@rosint.example> RET=HDRS ENVID=escalation:26-00001-0:1+20+2B+3D+D0+B6"
	const rcpt = "RCPT TO:<sd@kurganobl.example> NOTIFY=SUCCESS,FAILURE,DELAY"
	const plainMail, plainRcpt = "MAIL FROM:<bot@rosint.example>", "RCPT TO:<sd@kurganobl.example>"
	for _, test := range []struct {
		name    string
		offers  string
		exactly map[string]string
		heard   []string
		outcome Outcome
	}{
		{"offered", "DSN", nil, []string{mail, rcpt}, Accepted},
		{"in small letters", "dsn", nil, []string{mail, rcpt}, Accepted},
		{"not offered", "SIZE", nil, []string{plainMail, plainRcpt}, Accepted},
		{"refused at MAIL", "DSN", map[string]string{mail: "555 5.5.4 Unsupported option: ENVID"}, []string{mail, plainMail, plainRcpt}, Accepted},
		{"refused at RCPT", "DSN", map[string]string{rcpt: "501 5.5.4"}, []string{mail, rcpt, plainRcpt}, Accepted},
		{"the recipient is refused", "DSN", map[string]string{rcpt: "550 5.1.1 no such box"}, []string{mail, rcpt}, Refused},
		{"put off", "DSN", map[string]string{rcpt: "450 4.2.0 later"}, []string{mail, rcpt}, Later},
	} {
		r := &relay{extensions: []string{test.offers}, exactly: test.exactly}
		v := r.start(t).Deliver(t.Context(), letter)
		want := "EHLO bot.example\n" + strings.Join(test.heard, "\n")
		if test.outcome == Accepted {
			want += "\nDATA"
		}
		if v.Outcome != test.outcome || r.heard() != want+"\nQUIT" {
			t.Errorf("%s: %s; heard\n%s", test.name, v.Outcome, r.heard())
		}
	}
	letter.Key = strings.Repeat("k", 101)
	r := &relay{extensions: []string{"DSN"}}
	if v := r.start(t).Deliver(t.Context(), letter); v.Outcome != Accepted || strings.Contains(r.heard(), "ENVID") {
		t.Errorf("a long key: %s; heard\n%s", v.Outcome, r.heard())
	}
}
