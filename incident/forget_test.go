package incident

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// told is an incident in which everything that can tell of the person does.
func told() Incident {
	i := registered()
	i.Answers = Answers{
		{Key: Organisation, Label: "Организация", Value: "Администрация города Кургана"},
		{Key: FullName, Label: "ФИО", Value: "Курганов Пётр"},
		{Key: PhoneNumber, Label: "Телефон", Value: "tel:+73522428001"},
		{Key: Email, Label: "Электронная почта", Value: "secret@example.ru"},
		{Key: Description, Label: "Описание", Value: "secret"},
	}
	file := Attachment{Kind: Photo, FileID: "secret", Name: "secret.jpg"}
	i.Attachments = []Attachment{file}
	i.Escalations = []Escalation{{ID: "e", Seq: 1, State: "secret", Problem: "secret"}}
	i.History = append(i.History,
		Entry{Kind: KindAdded, By: ByReporter, Text: "secret", Attachments: []Attachment{file}},
		Entry{Kind: KindNoted, By: ByDesk, Name: "Игорь", Text: "secret"},
		Entry{Kind: KindRated, By: ByReporter, Text: "5"})
	return i
}

// TestForgotten: nothing of the person is left in any field, the rest stays,
// and nothing can be done to what is left.
func TestForgotten(t *testing.T) {
	before := told()
	at := noon.Add(time.Hour)
	i := before.Forgotten(at, KindForgotten)
	data, err := json.Marshal(i)
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{"secret", "Курганов", "7352", `"Reporter":7`} {
		if strings.Contains(string(data), canary) {
			t.Errorf("%q is left in %s", canary, data)
		}
	}
	if i.Organisation() != "Администрация города Кургана" || i.Number != before.Number || !i.RegisteredAt.Equal(noon) {
		t.Errorf("the anonymous row is %+v", i)
	}
	if i.Status != Cancelled || !i.StatusAt.Equal(at) || i.Version != before.Version+1 || !i.Erased() {
		t.Errorf("status %s since %v, version %d", i.Status, i.StatusAt, i.Version)
	}
	if n := len(i.History); n != len(before.History)+1 || i.History[n-1].Kind != KindForgotten || i.History[2].Name != "Игорь" || i.History[3].Text != "5" {
		t.Errorf("history %+v", i.History)
	}
	if before.Description() != "secret" || before.History[1].Text != "secret" || before.Escalations[0].State != "secret" {
		t.Error("the incident before was changed")
	}
	for action := range rules {
		var refused *Refused
		if _, err := i.Done(Act{Action: action, At: at}); !errors.As(err, &refused) {
			t.Errorf("%s is possible: %v", action, err)
		}
	}
	if why, _ := i.EscalationAllowed(at, time.Hour); why != NotOpen {
		t.Errorf("escalation: %d", why)
	}
	if again := i.Forgotten(at.Add(time.Hour), KindExpired); again.Version != i.Version || len(again.History) != len(i.History) {
		t.Error("forgotten twice")
	}
}

// TestForgottenStatus: what was open is cancelled, what was solved is closed.
func TestForgottenStatus(t *testing.T) {
	for from, want := range map[Status]Status{Registered: Cancelled, InProgress: Cancelled, Waiting: Cancelled,
		Resolved: Closed, Closed: Closed, Cancelled: Cancelled} {
		i := registered()
		i.Status = from
		if got := i.Forgotten(noon, KindExpired).Status; got != want {
			t.Errorf("%s became %s, want %s", from, got, want)
		}
	}
}

// TestOrganisationOfAPerson: a public body stays, a person's name does not.
func TestOrganisationOfAPerson(t *testing.T) {
	for organisation, stays := range map[string]bool{
		"Администрация Кетовского муниципального округа": true,
		"Администрация города Кургана":                   true, // and the person is Курганов
		"ГБУ «Школа № 45», 2-й корпус":                   true,
		"ИП Курганов П. П.":                              false,
		"Индивидуальный предприниматель Сидоров":         false,
		"курганов, администрация":                        false,
		"Администрация, a@example.ru":                    false,
		"Администрация 8 (3522) 42-80-01":                false,
	} {
		a := Answers{{Key: Organisation, Value: organisation}, {Key: FullName, Value: "Курганов Пётр Ильич"}}
		if got := a.anonymous().Get(Organisation) != ""; got != stays {
			t.Errorf("%q stays: %v", organisation, got)
		}
	}
}
