package desk

import (
	"testing"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
)

// TestSince: what lasts has a since, what happened a when; a reader in another
// zone sees his own time.
func TestSince(t *testing.T) {
	w := Words{Line: incident.RegulationLine(), Location: time.FixedZone("", 5*60*60)}
	at := time.Date(2026, 11, 27, 10, 1, 0, 0, time.UTC)
	for status, want := range map[incident.Status]string{
		incident.Registered: "зарегистрировано 27.11 в\u00a015:01",
		incident.InProgress: "в работе с\u00a015:01 27.11",
		incident.Waiting:    "ждёт уточнения с\u00a015:01 27.11",
		incident.Resolved:   "решено 27.11 в\u00a015:01",
		incident.Closed:     "закрыто 27.11 в\u00a015:01",
		incident.Cancelled:  "отменено 27.11 в\u00a015:01",
	} {
		if got := conversation.PlainText(w.status(incident.Incident{Status: status, StatusAt: at})); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got, want := w.Time(at), `<tg-time unix="1795773660" format="dt">15:01 27.11</tg-time>`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestRefusal: a member whose act came too late reads who was first, and when.
func TestRefusal(t *testing.T) {
	w := Words{Line: incident.RegulationLine(), Location: time.FixedZone("", 5*60*60)}
	at := time.Date(2026, 11, 27, 10, 40, 0, 0, time.UTC)
	for _, c := range []struct {
		status   incident.Status
		kind     incident.Kind
		name     string
		assignee string
		want     string
	}{
		{incident.Resolved, incident.KindSolved, "Игорь Соколов", "Игорь Соколов", "уже решено: Игорь Соколов, 27.11 в\u00a015:40."},
		{incident.InProgress, incident.KindTaken, "Игорь Соколов", "Игорь Соколов", "уже в\u00a0работе: взял Игорь Соколов, 27.11 в\u00a015:40."},
		{incident.InProgress, incident.KindRejected, "", "Ольга", "уже в\u00a0работе: Ольга, 27.11 в\u00a015:40."},
		{incident.Waiting, incident.KindAsked, "Ольга", "Игорь", "уже ждёт уточнения: Ольга, 27.11 в\u00a015:40."},
		{incident.Closed, incident.KindConfirmed, "", "Игорь", "уже закрыто: заявитель подтвердил, что помогло, 27.11 в\u00a015:40."},
		{incident.Cancelled, incident.KindWithdrawn, "", "", "отменено: отозвал заявитель, 27.11 в\u00a015:40."},
		{incident.Registered, incident.KindRegistered, "", "", "никто не\u00a0взял: зарегистрировано 27.11 в\u00a015:40."},
	} {
		i := incident.Incident{Number: "26-00001-0", Status: c.status, StatusAt: at, Assignee: c.assignee}
		got := w.Refusal(&incident.Refused{Incident: i, Last: incident.Entry{Kind: c.kind, Name: c.name, At: at}})
		if want := "№\u00a026-00001-0 " + c.want; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
