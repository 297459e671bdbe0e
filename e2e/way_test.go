package e2e

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/conversation"
	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestNumberIsTheSameEverywhere holds the main promise: the number that the
// clerk reads is in the register, on the card in the group and in the letter to
// support.
func TestNumberIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	if want := "26-00001-0"; string(n) != want {
		t.Errorf("the first number of the year is %s, want %s", n, want)
	}
	wholeWayIsShown(t, h, anna, n.String())
}

// wholeWayIsShown looks at everything that a registered report leaves behind.
func wholeWayIsShown(t *testing.T, h *harness.Harness, anna *harness.Clerk, n string) {
	t.Helper()
	registered := anna.Last()
	for _, label := range []string{"Эскалировать в УИТ", "Статус", "Дополнить"} {
		if registered.Button(label) == nil {
			t.Errorf("no button %q under the number:\n%s", label, registered.Body())
		}
	}
	if !strings.Contains(registered.HTML, "<code>"+n+"</code>") {
		t.Errorf("a tap does not copy the number: %s", registered.HTML)
	}

	reporter, err := h.Program.Register.Reporter(t.Context(), anna.ChatID())
	if err != nil || len(reporter.Incidents) != 1 {
		t.Fatalf("the register holds %d incidents of hers, %v", len(reporter.Incidents), err)
	}
	if got := reporter.Incidents[0].Number.String(); got != n {
		t.Errorf("the register says %s, the chat %s", got, n)
	}

	body := h.Card(reporter.Incidents[0].Number).Body()
	letter := h.Letter(harness.SupportBox, 1)
	text := letter.Text()
	for _, a := range reporter.Incidents[0].Answers {
		if field := a.Label + ": " + a.Value; a.Key != "phone" && !strings.Contains(body, field) {
			t.Errorf("the card lacks %q:\n%s", field, body)
		}
	}
	for _, a := range harness.Usual {
		shown := strings.ReplaceAll(a.Answer, harness.Usual[2].Answer, harness.UsualPhone)
		if !harness.Holds(text, a.Field+":", shown) {
			t.Errorf("the letter lacks %s: %s\n%s", a.Field, shown, text)
		}
	}
	headers := map[string]string{
		"Subject":           "Обращение " + n + ": " + harness.Usual[0].Answer,
		"To":                "<" + harness.SupportBox + ">",
		"Reply-To":          "Иванова Анна Петровна <ivanova@example.ru>",
		"X-Incident-Number": n,
		"Auto-Submitted":    "auto-generated",
	}
	got := map[string]string{}
	for name := range headers {
		got[name] = strings.ReplaceAll(letter.Header(name), `"`, "")
	}
	if diff := cmp.Diff(headers, got); diff != "" {
		t.Errorf("the letter's headers (-want +got):\n%s", diff)
	}
	if ids := letter.Headers("Message-ID"); len(ids) != 1 || ids[0] == "" {
		t.Errorf("Message-ID: %q", ids)
	}
}

// TestUnderTelegramsLimits: the whole way at the real pace brings no answer of
// 429, escalations included, whoever else is there.
func TestUnderTelegramsLimits(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.UnderLimits)
	var people sync.WaitGroup
	for range 3 {
		one := h.Clerk()
		people.Go(func() {
			one.Reaches("")
			one.SendAlbum(simulator.AlbumItem{File: photo}, simulator.AlbumItem{File: photo})
			one.AwaitText(harness.SummaryHead, "Вложения (2)")
			one.Escalates(one.Registers(), "Техподдержка приняла обращение, связи нет.")
		})
	}
	people.Wait()
	for _, i := range h.Filed(3) {
		h.Relayed(h.Card(i.Number, "принято почтовым сервером"), "photo", "photo")
	}
	if c := h.Telegram.Counters(); c.Flooded != 0 {
		t.Errorf("%d calls were answered 429", c.Flooded)
	}
}

// TestQuestionsAreNewMessages: each question is a message of its own, never an
// edit, and its field's label stands in no other first line.
func TestQuestionsAreNewMessages(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	anna.Escalates(n, "Связи по-прежнему нет.")
	for _, command := range []string{"/help", "/my", "/status", "/contacts", "/start", "/new", "/cancel"} {
		anna.Send(command)
		anna.AwaitNext()
	}
	asked := map[string]int{}
	for _, m := range anna.Bots() {
		if !m.Edited.IsZero() {
			t.Errorf("edited: %s", m.FirstLine())
		}
		for _, step := range conversation.Steps {
			if !strings.Contains(m.FirstLine(), step.Label) {
				continue
			}
			asked[step.Label]++
			if !strings.Contains(m.Body(), step.Ask) {
				t.Errorf("%q stands in the first line of what is no question:\n%s", step.Label, m.Body())
			}
		}
	}
	want := map[string]int{"Организация": 1, "ФИО": 1, "Телефон": 1, "Электронная почта": 1, "Описание": 2}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("questions asked (-want +got):\n%s", diff)
	}
}

// TestSecondReport takes four actions at most, /new included: the answers are
// remembered.
func TestSecondReport(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	first := anna.Files()

	before := h.Telegram.Counters().Confirmed
	question := anna.Ask("/new", "Описание", "шаг ")
	for _, a := range harness.Usual[:2] {
		if !strings.Contains(question.Body(), a.Field+": "+a.Answer) {
			t.Errorf("the remembered %s is not under the question:\n%s", a.Field, question.Body())
		}
	}
	anna.Ask("Снова нет связи, вся сеть.", harness.SummaryHead, "Снова нет связи", harness.Usual[3].Answer)
	second := anna.Registers()
	if second == first {
		t.Errorf("both reports have the number %s", first)
	}
	if err := h.Telegram.AwaitConfirmed(h.Within()); err != nil {
		t.Fatal(err)
	}
	if actions := h.Telegram.Counters().Confirmed - before; actions > 4 {
		t.Errorf("%d actions", actions)
	}
	h.Card(second, harness.Usual[0].Answer, "Снова нет связи")
}
