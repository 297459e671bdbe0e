package mailer

import (
	"strings"
	"testing"

	"intakebot/incident"
	"intakebot/outbox"
)

// sampleSolved is sample with two accepted escalations and one refused, solved
// by the desk.
func sampleSolved(l Letters) incident.Incident {
	i, second := escalated(l)
	second.Letter, second.SettledAt = incident.LetterSent, moment(17, 31)
	third := incident.Escalation{Number: i.Number, Seq: 3, At: moment(18, 0), MessageID: l.MessageID(i.Number, 3), Letter: incident.LetterRefused}
	i.Escalations = append(i.Escalations, second, third)
	i.Status = incident.Resolved
	i.History = append(i.History, incident.Entry{
		At: moment(18, 40), Kind: incident.KindSolved, By: incident.ByDesk, Name: "Вася 🚀", Text: "Заменили блок питания.\nСвязь проверена.",
	})
	return i
}

// sampleFinished is one that the reporter closed before anybody solved it.
func sampleFinished(l Letters) incident.Incident {
	i, _ := escalated(l)
	i.Status = incident.Closed
	i.History = append(i.History, incident.Entry{At: moment(18, 40), Kind: incident.KindFinished, By: incident.ByReporter})
	return i
}

// A closing letter stands in the thread of the escalations that arrived.
func TestClosingHeaders(t *testing.T) {
	letter, err := closing(writer(), sampleSolved(writer()))
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, letter.Raw)
	if want := "Эскалация обращения 26-00001-0: Администрация Кетовского муниципального округа Курганской области"; m.subject != want {
		t.Errorf("subject %q", m.subject)
	}
	for name, want := range map[string]string{
		"Message-Id": "<26-00001-0.closed.1@rosint.example>", "Date": "Sun, 22 Nov 2026 23:40:00 +0500",
		"In-Reply-To":    "<26-00001-0.2@rosint.example>",
		"References":     "<26-00001-0.1@rosint.example> <26-00001-0.2@rosint.example>",
		"Auto-Submitted": "auto-generated", "X-Incident-Number": "26-00001-0", "To": "<sd@kurganobl.example>",
	} {
		if got := m.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(m.header.Get("Reply-To"), "<ivanova@ketovo.example>") {
		t.Errorf("Reply-To: %s", m.header.Get("Reply-To"))
	}
	if letter.Kind != outbox.ClosingLetter || letter.Seq != 1 || letter.To != "sd@kurganobl.example" {
		t.Errorf("%s %d to %s", letter.Kind, letter.Seq, letter.To)
	}
	if strings.Contains(m.text, "Вася") {
		t.Error("a display name in an official letter")
	}
}

// Each solution has a letter of its own, the reporter's word after the desk's
// is none.
func TestClosingAgain(t *testing.T) {
	i := sampleSolved(writer())
	first := i.History[len(i.History)-1]
	i.History = append(i.History, incident.Entry{At: moment(18, 50), Kind: incident.KindFinished, By: incident.ByReporter})
	same, err := closing(writer(), i)
	if err != nil || same.Seq != 1 || same.MessageID != "26-00001-0.closed.1@rosint.example" || !strings.Contains(same.Text, first.Text) {
		t.Errorf("%s, %v:\n%s", same.MessageID, err, same.Text)
	}
	i.History = append(i.History,
		incident.Entry{At: moment(19, 0), Kind: incident.KindRejected, By: incident.ByReporter},
		incident.Entry{At: moment(19, 30), Kind: incident.KindSolved, By: incident.ByDesk, Text: "Заменили и кабель."})
	again, err := closing(writer(), i)
	if err != nil || again.Seq != 2 || again.MessageID != "26-00001-0.closed.2@rosint.example" || !strings.Contains(again.Text, "и кабель") {
		t.Errorf("%s, %v:\n%s", again.MessageID, err, again.Text)
	}
	if _, err := closing(writer(), sample()); err == nil {
		t.Error("a closing letter of what is not solved")
	}
	if _, wanted, err := writer().Closing(i); wanted || err != nil {
		t.Errorf("nobody asked for a closing letter: %v, %v", wanted, err)
	}
}
