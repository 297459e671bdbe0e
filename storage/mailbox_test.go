package storage

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// keeping opens a register that keeps the letters it sent.
func keeping(t *testing.T) *Register {
	t.Helper()
	o := options(t)
	o.KeepLetters = true
	r := must2(Open(t.Context(), t.TempDir()+"/incidents.db", o))
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

// arrived stores a letter and returns it as it waits.
func arrived(t *testing.T, r *Register, uid uint32, raw string) outbox.ReceivedMail {
	t.Helper()
	m := outbox.ReceivedMail{Place: outbox.MailPlace{Folder: "INBOX", UIDValidity: 1, UID: uid}, MessageID: "m@x",
		Raw: []byte(raw), Size: int64(len(raw)), ReceivedAt: noon}
	if !must2(r.ReceiveMail(t.Context(), m, sha256.Sum256(m.Raw))) {
		t.Fatalf("letter %d is known", uid)
	}
	got, ok, err := r.NextMail(t.Context(), noon)
	if err != nil || !ok {
		t.Fatalf("next: %v, %v", ok, err)
	}
	return got
}

// sentEscalation files an incident whose letter to УИТ was sent.
func sentEscalation(t *testing.T, r *Register) incident.Incident {
	t.Helper()
	i := filed(t, r, "d1", 7)
	_, _, err := r.Escalate(t.Context(), incident.Escalation{ID: "e1", Number: i.Number, State: "ждём", At: after(10)}, 7, time.Hour, messageID, letterTo)
	must(t, err)
	row, l := flying(t, r, after(11))
	must(t, r.FinishLetter(t.Context(), row.ID, l, i.Number, incident.LetterSent, after(12), "", nil))
	return must2(r.Incident(t.Context(), i.Number))
}

// TestReceiveMail: a letter is known by its place, and by its id and bytes
// wherever it lies; when it is finished, its bytes are gone and it stays known.
func TestReceiveMail(t *testing.T) {
	r := fresh(t)
	m := arrived(t, r, 5, "a letter of Ivanova")
	elsewhere := m
	elsewhere.Place = outbox.MailPlace{Folder: "INBOX", UIDValidity: 2, UID: 1}
	for range 2 {
		if must2(r.ReceiveMail(t.Context(), elsewhere, sha256.Sum256(m.Raw))) {
			t.Error("a known letter was stored again")
		}
	}
	for _, at := range []outbox.MailPlace{{Folder: "INBOX", UIDValidity: 1, UID: 5}, elsewhere.Place} {
		if !must2(r.KnowsMail(t.Context(), at)) {
			t.Errorf("%+v is not known", at)
		}
	}
	if must2(r.KnowsMail(t.Context(), outbox.MailPlace{Folder: "INBOX", UIDValidity: 3, UID: 5})) {
		t.Error("a place is known that is not")
	}
	must(t, r.FinishMail(t.Context(), m.ID, []outbox.Message{message("k", 7, 0)}))
	must(t, r.FinishMail(t.Context(), m.ID, []outbox.Message{message("k2", 7, 0)})) // nothing more happens
	if _, ok, _ := r.NextMail(t.Context(), noon); ok || must2(r.Known(t.Context(), "k2")) || !must2(r.Known(t.Context(), "k")) {
		t.Error("a finished letter is worked on again")
	}
	if must2(r.ReceiveMail(t.Context(), elsewhere, sha256.Sum256(m.Raw))) {
		t.Error("a finished letter was stored again")
	}
	same(t, "letters whose bytes are kept", value[int](t, r, "SELECT count(*) FROM mail WHERE raw IS NOT NULL"), 0)
}

// TestFailMail: after so many failures a letter is set aside, and told of once.
func TestFailMail(t *testing.T) {
	r := fresh(t)
	m := arrived(t, r, 5, "bad")
	for k := range 3 {
		aside := must2(r.FailMail(t.Context(), m.ID, "panic", 3, after(k), []outbox.Message{message("aside", 7, 0)}))
		if aside != (k == 2) {
			t.Errorf("attempt %d: %v", k, aside)
		}
		if _, ok, _ := r.NextMail(t.Context(), after(k-1)); ok {
			t.Error("it is due before its time")
		}
	}
	if must2(r.FailMail(t.Context(), m.ID, "panic", 3, noon, nil)) {
		t.Error("it was set aside twice")
	}
	same(t, "counts", must2(r.MailCounts(t.Context())), map[string]int{"quarantined": 1})
}

// TestAnswerMail: an answer is one line, stops the waiting for it, and gives us
// their number, by which a later letter finds the incident.
func TestAnswerMail(t *testing.T) {
	r := fresh(t)
	i := sentEscalation(t, r)
	m := arrived(t, r, 5, "answer")
	a := outbox.MailAnswer{Mail: m.ID, Number: i.Number, Seq: 1, Key: "mail:1", Theirs: "123", Domain: "kurganobl.ru",
		Entry: incident.Entry{At: after(60), Kind: incident.KindAnswered, By: incident.ByMail, Name: "Петров", Text: "Едем."}}
	must(t, r.AnswerMail(t.Context(), a, tell("told")))
	must(t, r.AnswerMail(t.Context(), a, tell("told again")))
	got := must2(r.Incident(t.Context(), i.Number))
	same(t, "history", got.History[len(got.History)-1], a.Entry)
	same(t, "answered", got.Escalations[0].AnsweredAt, after(60))
	same(t, "theirs", got.Theirs, "123")
	same(t, "status", got.Status, i.Status)
	if got.Version <= i.Version || must2(r.Known(t.Context(), "told again")) || !must2(r.Known(t.Context(), "told")) {
		t.Error("it was not told exactly once")
	}
	for domain, want := range map[string]bool{"kurganobl.ru": true, "elsewhere.ru": false} {
		if _, ok, err := r.IncidentOfTheirs(t.Context(), "123", domain); ok != want || err != nil {
			t.Errorf("from %s: %v, %v", domain, ok, err)
		}
	}
	must(t, r.Forget(t.Context(), 7, after(100), nil))
	late := arrived(t, r, 6, "late answer")
	a.Mail, a.Key = late.ID, "mail:2"
	must(t, r.AnswerMail(t.Context(), a, tell("told of a forgotten person")))
	if must2(r.Known(t.Context(), "told of a forgotten person")) || must2(r.Incident(t.Context(), i.Number)).Theirs != "" {
		t.Error("an answer outlived its person")
	}
}

// TestReturned: a letter that came back is told of once, can be tried again with
// its bytes, and a new escalation is possible at once.
func TestReturned(t *testing.T) {
	r := keeping(t)
	i := sentEscalation(t, r)
	key := "letter:" + messageID(i.Number, 1)
	report := func(uid uint32, fate outbox.MailFate) (told int, letter *outbox.Letter) {
		t.Helper()
		m := arrived(t, r, uid, string(fate)+string(rune('a'+uid)))
		must(t, r.ReportMail(t.Context(), outbox.MailReport{Mail: m.ID, Number: i.Number, Kind: outbox.EscalationLetter, Seq: 1,
			LetterKey: key, Fate: fate, At: after(100), Problem: "550 User unknown"}, func(_ incident.Incident, l *outbox.Letter) ([]outbox.Message, error) {
			told, letter = told+1, l
			return nil, nil
		}))
		return told, letter
	}
	for uid, tc := range []struct {
		fate outbox.MailFate
		told int
	}{{outbox.MailReceived, 1}, {outbox.MailReceived, 0}, {outbox.MailDelayed, 1}, {outbox.MailDelayed, 0},
		{outbox.MailReturned, 1}, {outbox.MailReturned, 0}, {outbox.MailReceived, 0}} {
		told, letter := report(uint32(uid+1), tc.fate)
		if told != tc.told || (told == 1 && letter == nil) {
			t.Errorf("%s, report %d: told %d times, letter %v", tc.fate, uid, told, letter)
		}
	}
	got := must2(r.Incident(t.Context(), i.Number))
	e := got.Escalations[0]
	same(t, "letter", e.Letter, incident.LetterReturned)
	same(t, "problem", e.Problem, "550 User unknown")
	if why, _ := got.EscalationAllowed(after(101), time.Hour); why != incident.MayEscalate {
		t.Errorf("a new escalation is refused: %v", why)
	}
	found := asked(t, r, i.Number, "retry", after(200))
	if len(found.Revived) != 1 {
		t.Fatalf("revived %+v", found)
	}
	row, l := flying(t, r, after(201))
	same(t, "the letter tried again", l.MessageID, e.MessageID)
	must(t, r.FinishLetter(t.Context(), row.ID, l, i.Number, incident.LetterSent, after(202), "", nil))
	if told, _ := report(20, outbox.MailReturned); told != 1 {
		t.Error("the second return is not told")
	}
}

// TestReportTooEarly: a report that comes while the letter is still being sent
// waits.
func TestReportTooEarly(t *testing.T) {
	r := keeping(t)
	i := filed(t, r, "d1", 7)
	_, _, err := r.Escalate(t.Context(), incident.Escalation{ID: "e1", Number: i.Number, State: "x", At: after(10)}, 7, time.Hour, messageID, letterTo)
	must(t, err)
	flying(t, r, after(11))
	m := arrived(t, r, 1, "report")
	err = r.ReportMail(t.Context(), outbox.MailReport{Mail: m.ID, Number: i.Number, Kind: outbox.EscalationLetter, Seq: 1,
		LetterKey: "letter:" + messageID(i.Number, 1), Fate: outbox.MailReturned, At: after(12)}, nil)
	if !errors.Is(err, incident.ErrLetterOnItsWay) {
		t.Fatalf("%v", err)
	}
	if _, ok, _ := r.NextMail(t.Context(), noon); !ok {
		t.Error("the report is gone")
	}
}

// TestHeldMail: what nobody could place waits, goes with its incident's person,
// and ends after a month.
func TestHeldMail(t *testing.T) {
	r := fresh(t)
	i := filed(t, r, "d1", 7)
	about, unknown := arrived(t, r, 1, "about"), outbox.ReceivedMail{}
	must(t, r.HoldMail(t.Context(), about.ID, i.Number, nil))
	unknown = arrived(t, r, 2, "unknown")
	must(t, r.HoldMail(t.Context(), unknown.ID, "", []outbox.Message{message("shown", outbox.DeskChat, 0)}))
	if m, ok, err := r.HeldMail(t.Context(), about.ID); !ok || err != nil || string(m.Raw) != "about" {
		t.Errorf("%+v, %v, %v", m, ok, err)
	}
	must(t, r.Forget(t.Context(), 7, after(10), nil))
	if _, ok, _ := r.HeldMail(t.Context(), about.ID); ok {
		t.Error("a letter outlived its person")
	}
	must(t, r.Prune(t.Context(), noon.Add(29*24*time.Hour)))
	if _, ok, _ := r.HeldMail(t.Context(), unknown.ID); !ok {
		t.Error("it is gone too early")
	}
	must(t, r.Prune(t.Context(), noon.Add(31*24*time.Hour)))
	if _, ok, _ := r.HeldMail(t.Context(), unknown.ID); ok {
		t.Error("it is kept for ever")
	}
}
