package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestEscalation: the preview shows the letter, «Отправить в УИТ» puts one
// letter into УИТ's mailbox, and the person, the card and the group tell of it.
func TestEscalation(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	anna.Press("Эскалировать в УИТ")
	question := anna.AwaitText("Текущее состояние", string(n))
	if !strings.Contains(question.FirstLine(), "Текущее состояние") || !harness.Holds(question.Body(), "подано недавно") {
		t.Errorf("the question of an early escalation:\n%s", question.Body())
	}
	preview := anna.Ask("Инженер был в 12:00, связи нет.", "Письмо в УИТ")
	text := theLetter(t, h.LetterAfter(anna, "Отправить в УИТ"), string(n))
	for part := range strings.SplitSeq(fiveParts(text), "\n\n") {
		if !harness.Holds(preview.Body(), part) {
			t.Errorf("the preview lacks:\n%s", part)
		}
	}
	anna.AwaitText("Письмо в УИТ", string(n), "отправлено", harness.Usual[3].Answer)
	h.Card(n, "Эскалация 1 в УИТ", "принято почтовым сервером")
	h.CardReply(n, "эскалировал", "Инженер был в 12:00, связи нет.")
	anna.Ask("/status", string(n), "принято почтовым сервером")

	anna.PressOn(preview.ID, "Отправить в УИТ")
	anna.AwaitToast("уже отправлено")
	anna.Settled()
	if letters := h.Mail.Letters(); len(letters) != 2 {
		t.Errorf("%d letters after a second press, not 2", len(letters))
	}
}

// theLetter checks an escalation letter and returns its text.
func theLetter(t *testing.T, l simulator.Letter, n string) string {
	t.Helper()
	want := map[string]string{
		"Subject":           "Эскалация обращения " + n + ": " + harness.Usual[0].Answer,
		"From":              "Приём обращений <intake@example.ru>",
		"To":                "<" + harness.UITBox + ">",
		"Reply-To":          "Иванова Анна Петровна <ivanova@example.ru>",
		"X-Incident-Number": n,
	}
	got := map[string]string{}
	for name := range want {
		got[name] = strings.ReplaceAll(l.Header(name), `"`, "")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if !strings.Contains(l.MessageID(), n) {
		t.Errorf("Message-ID: %s", l.MessageID())
	}
	for _, part := range []string{
		"Наименование ОИВ (ОМСУ): " + harness.Usual[0].Answer,
		"Регистрационный номер: " + n,
		"Краткое описание проблемы:\n" + harness.UsualProblem,
		"Текущее состояние решения проблемы:\n",
		"Контактные данные:\nФИО: Иванова Анна Петровна\nТелефон: " + harness.UsualPhone + "\nE-mail: ivanova@example.ru",
		"Зарегистрировано: 23.11.2026 в 14:0",
		"сохраняйте номер " + n + " в теме",
		"8-800-200-79-32", harness.SupportBox,
	} {
		if !harness.Holds(l.Text(), part) {
			t.Errorf("the text lacks %q:\n%s", part, l.Text())
		}
	}
	if !harness.Holds(l.HTML(), "Наименование ОИВ (ОМСУ)", harness.Usual[0].Answer, n, harness.UsualProblem) {
		t.Errorf("the HTML part:\n%s", l.HTML())
	}
	return l.Text()
}

// fiveParts are the parts of the letter that the regulation asks for.
func fiveParts(text string) string {
	_, text, _ = strings.Cut(text, "Наименование ОИВ")
	text, _, _ = strings.Cut(text, "\n\nОбращение в техническую поддержку")
	return "Наименование ОИВ" + text
}

// TestProposedState can be sent as it is: it is made from the incident's
// history.
func TestProposedState(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	anna.AwaitToast("") // Telegram forgets a press after 150 seconds
	h.Pass(5 * time.Hour)
	question := anna.Ask("/escalate", "Текущее состояние", "Зарегистрировано 23.11")
	if strings.Contains(question.Body(), "подано недавно") {
		t.Errorf("five hours are not early:\n%s", question.Body())
	}
	anna.Press("Взять этот текст")
	anna.AwaitText("Письмо в УИТ", "Зарегистрировано 23.11")
	if text := h.LetterAfter(anna, "Отправить в УИТ").Text(); !strings.Contains(text, "Текущее состояние решения проблемы:\nЗарегистрировано 23.11") {
		t.Errorf("the letter to УИТ about %s:\n%s", n, text)
	}
}

// TestFollowUp: a second letter before ESCALATION_REPEAT_AFTER is refused with
// the time from which it is possible; after it, it refers to the first.
func TestFollowUp(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("ESCALATION_REPEAT_AFTER", "2h"))
	anna := h.Clerk()
	n := anna.Files()
	anna.Escalates(n, "Связи нет.")
	anna.Press("Эскалировать в УИТ")
	anna.AwaitText("Следующее можно отправить", "16:0")
	anna.Ask("/escalate "+string(n), "Следующее можно отправить", "16:0")

	h.Pass(2 * time.Hour)
	anna.Escalates(n, "Связи нет и через два часа.")
	first, second := h.Letter(harness.UITBox, 1), h.Letter(harness.UITBox, 2)
	theLetter(t, second, string(n))
	if first.MessageID() == second.MessageID() {
		t.Errorf("both letters have the Message-ID %s", first.MessageID())
	}
	for _, name := range []string{"In-Reply-To", "References"} {
		if got, want := second.Header(name), "<"+first.MessageID()+">"; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if first.HasHeader(name) {
			t.Errorf("the first letter has %s", name)
		}
	}
	if !harness.Holds(second.Text(), "повторное письмо", "Предыдущие эскалации", "Связи нет и через два часа.") {
		t.Errorf("the second letter:\n%s", second.Text())
	}
	h.Card(n, "Эскалация 1 в УИТ", "Эскалация 2 в УИТ")
	if letters := h.Mail.LettersTo(harness.SupportBox); len(letters) != 1 {
		t.Errorf("support got %d letters: escalations are not copied", len(letters))
	}
}

// TestLongDescription stands whole in both letters, cut in the card and in the
// summary, and as its beginning under «Краткое описание».
func TestLongDescription(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	long := strings.TrimSpace(strings.Repeat("На ViPNet-координаторе не горят индикаторы. ", 60))
	anna.Send(long)
	anna.AwaitText(harness.SummaryHead, "…")
	n := anna.Registers()
	if card := h.Card(n).Body(); strings.Contains(card, long) || !strings.Contains(card, "…") {
		t.Errorf("the card holds %d bytes", len(card))
	}
	if text := h.Letter(harness.SupportBox, 1).Text(); !strings.Contains(text, long) {
		t.Errorf("support's letter lacks the whole description:\n%s", text)
	}
	anna.Escalates(n, "Связи нет.")
	text := h.Letter(harness.UITBox, 1).Text()
	if !strings.Contains(text, long) || !harness.Holds(fiveParts(text), "полностью ниже") || strings.Contains(fiveParts(text), long) {
		t.Errorf("УИТ's letter:\n%s", text)
	}
}
