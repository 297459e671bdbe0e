package desk

import (
	"strings"
	"testing"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// regulation are the words of the regulation's line.
var regulation = Words{Line: incident.RegulationLine(), Location: time.UTC}

// TestUndeliveredFits: however much dies at once, the bulletin is one message
// and says how much there is.
func TestUndeliveredFits(t *testing.T) {
	for what := range things {
		var items []Lost
		fates := map[int64]outbox.State{}
		for id := range int64(500) {
			row := outbox.Undelivered{ID: id, Failure: outbox.GivenUp, Problem: strings.Repeat("<очень длинный ответ> ", 50)}
			items = append(items, Lost{id, incident.NewNumber(2026, int(id)+100_000), what, WhyLost(row)})
			fates[id] = outbox.Dead
		}
		text := conversation.PlainText(regulation.Undelivered(items, fates))
		if n := incident.Units(text); n > MessageMost {
			t.Errorf("%s: %d units", what, n)
		}
		if !strings.Contains(text, "Не отправлено: 500") || !strings.Contains(text, "и ещё 485") || !strings.Contains(text, "/retry 26-100000-") {
			t.Errorf("%s:\n%s", what, text)
		}
	}
}

// TestWhatBecame of dead rows is shown in their lines.
func TestWhatBecame(t *testing.T) {
	n := incident.NewNumber(2026, 1)
	items := []Lost{
		{1, n, ToPerson, "Telegram ответил: no."}, {2, n, CopyToSupport, "550"}, {3, n, FileToDesk, ""}, {4, "", ToPerson, ""},
	}
	got := conversation.PlainText(regulation.Undelivered(items, map[int64]outbox.State{1: outbox.Dead, 2: outbox.Sent, 3: outbox.Pending}))
	want := "⚠️ Не отправлено: 1\n\n" +
		"№\u00a026-00001-0: сообщение заявителю не отправлено. Telegram ответил: no.\n" +
		"№\u00a026-00001-0: письмо с копией в почту техподдержки: отправлено.\n" +
		"№\u00a026-00001-0: файл в эту группу: отправляем снова.\n" +
		"Без номера: сообщение заявителю: больше не нужно.\n\n" +
		"Заявителю позвоните или напишите: телефон и почта — в карточке.\nОтправить снова: /retry 26-00001-0"
	if got != want {
		t.Errorf("the bulletin:\n%s\n\nnot:\n%s", got, want)
	}
	if all := conversation.PlainText(regulation.Undelivered(items, map[int64]outbox.State{2: outbox.Sent})); strings.Contains(all, "⚠️") || strings.Contains(all, "/retry") {
		t.Errorf("nothing is left:\n%s", all)
	}
}
