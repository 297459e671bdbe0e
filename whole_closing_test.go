package main

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// solves says in the group what was done.
func (h *house) solves(n incident.Number, words string) {
	h.Helper()
	h.engineer.Send("/resolve " + string(n) + " " + words)
	h.card(n, "решено")
}

// TestClosingLetter: УИТ reads in the thread of the escalations that an incident
// is solved, once a solution; the person's word after the desk's adds nothing.
func TestClosingLetter(t *testing.T) {
	t.Parallel()
	h := startHouse(t, with("UIT_CLOSING_LETTER", "on"), with("ESCALATION_REPEAT_AFTER", "2h"))
	anna := h.clerk()
	n := anna.files()
	anna.escalates(n, "Связи нет.")
	h.pass(2 * time.Hour)
	anna.escalates(n, "Связи нет и через два часа.")
	first, second := h.letter(uitBox, 1), h.letter(uitBox, 2)

	anna.Mark()
	h.solves(n, "Заменили блок питания")
	closing := h.letter(uitBox, 3)
	for name, want := range map[string]string{
		"Subject":           "Снято с контроля: обращение " + string(n) + ": " + usual[0].answer,
		"To":                "<" + uitBox + ">",
		"In-Reply-To":       "<" + second.MessageID() + ">",
		"References":        "<" + first.MessageID() + "> <" + second.MessageID() + ">",
		"X-Incident-Number": string(n),
		"Auto-Submitted":    "auto-generated",
	} {
		if got := closing.Header(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !holds(closing.Header("Reply-To"), "ivanova@example.ru") || !holds(closing.Text(), "Решено: 23.11.2026 в 16:0", "Заменили блок питания") {
		t.Errorf("the letter:\n%s", closing.Raw)
	}
	anna.AwaitText("решено", "Заменили блок питания")
	anna.Press("Не помогло")
	h.card(n, "в работе")
	h.solves(n, "Заменили и кабель")
	again := h.letter(uitBox, 4)
	if again.MessageID() == closing.MessageID() || !holds(again.Text(), "Заменили и кабель") {
		t.Errorf("the letter of the second solution:\n%s", again.Raw)
	}
	anna.AwaitText("решено", "Заменили и кабель")
	anna.Press("Помогло")
	h.card(n, "закрыто")
	anna.settled()
	if got := len(h.mail.LettersTo(uitBox)); got != 4 {
		t.Errorf("УИТ got %d letters", got)
	}
	if strings.Contains(anna.Screen(), "контрол") {
		t.Errorf("the person is told of a letter between offices:\n%s", anna.Screen())
	}
}

// TestClosingByThePerson: her own word that it works again ends the thread too.
func TestClosingByThePerson(t *testing.T) {
	t.Parallel()
	h := startHouse(t, with("UIT_CLOSING_LETTER", "on"))
	anna := h.clerk()
	n := anna.files()
	anna.escalates(n, "Связи нет.")
	anna.Ask("/status "+string(n), "принято почтовым сервером")
	anna.Press("Проблема решена")
	if text := h.letter(uitBox, 2).Text(); !holds(text, "Снято с контроля", "Сообщил заявитель:\nПроблема решена.") {
		t.Errorf("the letter:\n%s", text)
	}
	h.card(n, "закрыто")
}

// TestClosingFails: while the register takes nothing, an incident that is to be
// closed is tried now and then, and closed when it can be.
func TestClosingFails(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	var tries atomic.Int64
	h := startHouse(t, troubled, func(h *house) {
		h.commit = func(commit func() error) error {
			if full.Load() {
				tries.Add(1)
				return errors.New("no room")
			}
			return commit()
		}
	})
	anna := h.clerk()
	n := anna.files()
	h.solves(n, "Заменили блок питания.")
	anna.AwaitText("Заменили блок питания", string(n))
	anna.settled()
	full.Store(true)
	h.pass(48 * time.Hour)
	h.log.await(t, "msg=duties", 1)
	before := tries.Load()
	time.Sleep(300 * time.Millisecond) // in which a loop without a pause tries a thousand times
	if more := tries.Load() - before; more > 100 {
		t.Errorf("tried %d times in 300 ms", more)
	}
	full.Store(false)
	h.pass(time.Second)
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
			h := startHouse(t, with("UIT_CLOSING_LETTER", c.setting))
			anna := h.clerk()
			n, want := anna.files(), 1
			if c.escalated {
				anna.escalates(n, "Связи нет.")
				want = 2
			}
			h.solves(n, "Заменили блок питания")
			anna.filesAgain("Снова нет связи с сетью.")
			h.letter(supportBox, 2) // later than any closing letter
			if got := len(h.mail.Letters()); got != want+1 {
				t.Errorf("%d letters", got)
			}
		})
	}
}

// TestRefusedClosingLetter is told to the group alone.
func TestRefusedClosingLetter(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled, with("UIT_CLOSING_LETTER", "on"))
	anna := h.clerk()
	n := anna.files()
	anna.escalates(n, "Связи нет.")
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user", Recipient: uitBox})
	anna.Mark()
	h.solves(n, "Заменили блок питания")
	h.bulletin("Не отправлено: 1", string(n), "о снятии с контроля не принято", "no such user")
	anna.AwaitText("Заменили блок питания")
	anna.settled()
	if got := anna.count("не принято"); got != 0 {
		t.Errorf("the person is told of it:\n%s", anna.Screen())
	}
	i := h.status(n, incident.Resolved)
	if last := i.History[len(i.History)-1]; last.Kind != incident.KindLetterRefused || !strings.HasPrefix(last.Text, "в УИТ, о решении: ") {
		t.Errorf("the history ends with %+v", last)
	}
	if e, _ := i.LastEscalation(); e.Letter != incident.LetterSent {
		t.Errorf("the escalation's letter is %s", e.Letter)
	}
}
