package desk

import (
	"testing"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// TestRecognise: of a message that the register does not know only what is surely
// a card, a message of the reporter or a prompt is taken for one.
func TestRecognise(t *testing.T) {
	w := Words{Line: incident.RegulationLine(), Location: time.UTC}
	n := incident.NewNumber(2026, 1)
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	i := incident.Incident{Number: n, Status: incident.Registered, RegisteredAt: at, StatusAt: at}
	act := incident.Act{Number: n, Action: incident.Append, Text: "Ещё"}
	amended := incident.Act{Number: n, Action: incident.Amend, Text: "Ещё"}
	type want struct {
		kind   outbox.MessageKind
		action incident.Action
	}
	reporters, card := want{kind: outbox.ReporterMessage}, want{kind: outbox.CardMessage}
	for name, c := range map[string]struct {
		text string
		want want
	}{
		"card":              {w.Card(i, at, nil).HTML, card},
		"plain card":        {w.PlainCard(i, at).HTML, card},
		"card of before":    {"№\u00a026-00001-0 · ждёт уточнения с\u00a014:05 23.11\n\nОрганизация: Школа", card},
		"addition":          {ReporterAct(i, act), reporters},
		"amended":           {ReporterAct(i, amended), reporters},
		"prompt":            {Prompt(5, "Ольга", incident.Solve, n), want{outbox.PromptMessage, incident.Solve}},
		"prompt of before":  {"Ольга, напишите, что спросить у заявителя по №\u00a026-00001-0: ответом на это сообщение, в течение десяти минут.", want{outbox.PromptMessage, incident.Ask}},
		"emptied":           {Emptied(n), reporters},
		"whole":             {w.Whole(i)[0], want{}},
		"whole of before":   {"№\u00a026-00001-0 · решено с\u00a014:05 23.11\n\nОрганизация: Школа\n\nИстория\n14:05 23.11 · Решено", want{}},
		"digest":            {Digest([]incident.Incident{i}, at.Add(time.Hour)), want{}},
		"reminder":          {Reminder([]string{Waits(i, at, at.Add(time.Hour))}, nil), want{}},
		"list":              {w.OpenPage(incident.Found{Incidents: []incident.Incident{i}, Total: 1}, 0, at).HTML, want{}},
		"search":            {w.Found(incident.Found{Incidents: []incident.Incident{i}, Total: 1}, "26-00001-0", 0).HTML, want{}},
		"taken":             {"Взято в работу: №\u00a026-00001-0", want{}},
		"confirmed":         {ReporterAct(i, incident.Act{Number: n, Action: incident.Confirm}), want{}},
		"escalated":         {w.Escalated(incident.Escalation{Number: n, Seq: 1, State: "Ждём"}), want{}},
		"refusal":           {w.Refusal(&incident.Refused{Incident: i, Last: incident.Entry{Kind: incident.KindTaken, Name: "Олег"}}), want{}},
		"unreachable":       {Unreachable(n), want{}},
		"a mistyped number": {"№\u00a026-00001-1 · решено с\u00a014:05 23.11", want{}},
		"nothing":           {"", want{}},
	} {
		told, action := Recognise(conversation.PlainText(c.text))
		if got := (want{told.Kind, action}); got != c.want {
			t.Errorf("%s is %+v, want %+v: %q", name, got, c.want, c.text)
		}
		if (told.Number == n) != (c.want.kind != outbox.OtherMessage) {
			t.Errorf("%s is about %q", name, told.Number)
		}
	}
}

// TestName: the marks that turn the direction of a text do not stay in a name.
func TestName(t *testing.T) {
	if got := Name("\u202eОльга\u202c ", "\u2067Белова\u2069 👩‍💻"); got != "Ольга Белова 👩‍💻" {
		t.Errorf("%q", got)
	}
}
