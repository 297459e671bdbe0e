package e2e

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// solves says in the group what was done.
func solves(h *harness.Harness, n incident.Number, words string) {
	h.Helper()
	h.Engineer.Send("/resolve " + string(n) + " " + words)
	h.Card(n, "решено")
}

// TestClosingLetter: УИТ reads in the thread of the escalations that an incident
// is solved, once a solution; the person's word after the desk's adds nothing.
func TestClosingLetter(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("UIT_CLOSING_LETTER", "on"), harness.With("ESCALATION_REPEAT_AFTER", "2h"))
	anna := h.Clerk()
	n := anna.Files()
	anna.Escalates(n, "Связи нет.")
	h.Pass(2 * time.Hour)
	anna.Escalates(n, "Связи нет и через два часа.")
	first, second := h.Letter(harness.UITBox, 1), h.Letter(harness.UITBox, 2)

	anna.Mark()
	solves(h, n, "Заменили блок питания")
	closing := h.Letter(harness.UITBox, 3)
	for name, want := range map[string]string{
		"Subject":           "Эскалация обращения " + string(n) + ": " + harness.Usual[0].Answer,
		"To":                "<" + harness.UITBox + ">",
		"In-Reply-To":       "<" + second.MessageID() + ">",
		"References":        "<" + first.MessageID() + "> <" + second.MessageID() + ">",
		"X-Incident-Number": string(n),
		"Auto-Submitted":    "auto-generated",
	} {
		if got := closing.Header(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !harness.Holds(closing.Header("Reply-To"), "ivanova@example.ru") || !harness.Holds(closing.Text(), "Решено: 23.11.2026 в 16:0", "Заменили блок питания") {
		t.Errorf("the letter:\n%s", closing.Raw)
	}
	anna.AwaitText("решено", "Заменили блок питания")
	anna.Press("Не помогло")
	h.Card(n, "в работе")
	solves(h, n, "Заменили и кабель")
	again := h.Letter(harness.UITBox, 4)
	if again.MessageID() == closing.MessageID() || !harness.Holds(again.Text(), "Заменили и кабель") {
		t.Errorf("the letter of the second solution:\n%s", again.Raw)
	}
	anna.AwaitText("решено", "Заменили и кабель")
	anna.Press("Помогло")
	h.Card(n, "закрыто")
	anna.Settled()
	if got := len(h.Mail.LettersTo(harness.UITBox)); got != 4 {
		t.Errorf("УИТ got %d letters", got)
	}
	if strings.Contains(anna.Screen(), "контрол") {
		t.Errorf("the person is told of a letter between offices:\n%s", anna.Screen())
	}
}

// TestClosingByThePerson: her own word that it works again ends the thread too.
func TestClosingByThePerson(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("UIT_CLOSING_LETTER", "on"))
	anna := h.Clerk()
	n := anna.Files()
	anna.Escalates(n, "Связи нет.")
	anna.Ask("/status "+string(n), "принято почтовым сервером")
	anna.Press("Проблема решена")
	if text := h.Letter(harness.UITBox, 2).Text(); !harness.Holds(text, "Снято с контроля", "Сообщил заявитель:\nПроблема решена.") {
		t.Errorf("the letter:\n%s", text)
	}
	h.Card(n, "закрыто")
}

// TestClosingFails: while the register takes nothing, an incident that is to be
// closed is tried now and then, and closed when it can be.
func TestClosingFails(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	var tries atomic.Int64
	h := harness.Start(t, harness.Troubled, func(h *harness.Harness) {
		h.Commit = func(commit func() error) error {
			if full.Load() {
				tries.Add(1)
				return errors.New("no room")
			}
			return commit()
		}
	})
	anna := h.Clerk()
	n := anna.Files()
	solves(h, n, "Заменили блок питания.")
	anna.AwaitText("Заменили блок питания", string(n))
	anna.Settled()
	full.Store(true)
	h.Pass(48 * time.Hour)
	h.Logged.Await(t, "msg=duties", 1)
	before := tries.Load()
	time.Sleep(300 * time.Millisecond) // in which a loop without a pause tries a thousand times
	if more := tries.Load() - before; more > 100 {
		t.Errorf("tried %d times in 300 ms", more)
	}
	full.Store(false)
	h.Pass(time.Second)
	anna.AwaitText("закрыто", string(n))
}

// TestNoClosingLetter: by default, and for an incident that УИТ knows nothing
// of, there is none.
func TestNoClosingLetter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		setting   string
		escalated bool
	}{{"", true}, {"off", true}, {"on", false}} {
		t.Run(c.setting, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, harness.With("UIT_CLOSING_LETTER", c.setting))
			anna := h.Clerk()
			n, want := anna.Files(), 1
			if c.escalated {
				anna.Escalates(n, "Связи нет.")
				want = 2
			}
			solves(h, n, "Заменили блок питания")
			anna.FilesAgain("Снова нет связи с сетью.")
			h.Letter(harness.SupportBox, 2) // later than any closing letter
			if got := len(h.Mail.Letters()); got != want+1 {
				t.Errorf("%d letters", got)
			}
		})
	}
}

// TestRefusedClosingLetter is told to the group alone.
func TestRefusedClosingLetter(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, harness.With("UIT_CLOSING_LETTER", "on"))
	anna := h.Clerk()
	n := anna.Files()
	anna.Escalates(n, "Связи нет.")
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: harness.UITBox})
	anna.Mark()
	solves(h, n, "Заменили блок питания")
	h.Bulletin("Не отправлено: 1", string(n), "о снятии с контроля не принято", "no such user")
	anna.AwaitText("Заменили блок питания")
	anna.Settled()
	if got := anna.Count("не принято"); got != 0 {
		t.Errorf("the person is told of it:\n%s", anna.Screen())
	}
	i := h.Status(n, incident.Resolved)
	if last := i.History[len(i.History)-1]; last.Kind != incident.KindLetterRefused || !strings.HasPrefix(last.Text, "эскалация, о решении: ") {
		t.Errorf("the history ends with %+v", last)
	}
	if e, _ := i.LastEscalation(); e.Letter != incident.LetterSent {
		t.Errorf("the escalation's letter is %s", e.Letter)
	}
}
