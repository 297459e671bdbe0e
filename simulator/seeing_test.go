package simulator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
)

// failures is a TB that remembers instead of ending the test.
type failures struct{ text string }

func (*failures) Helper()                     {}
func (f *failures) Fatalf(_ string, a ...any) { f.text += a[0].(error).Error() }

func TestMustAndAwait(t *testing.T) {
	tg := start(t, simulator.Options{Patience: 5 * time.Second})
	anna := started(t, tg).Must(t)
	next := make(chan simulator.Message)
	go func() { next <- anna.AwaitNext() }()
	id := send(t, tg, anna.ChatID(), "Номер: <code>26-00001-1</code>", fields{"parse_mode": "HTML",
		"reply_markup": buttons(fields{"text": "Скопировать", "copy_text": fields{"text": "26-00001-1"}})})
	if m := <-next; m.ID != id || m.FirstLine() != "Номер: 26-00001-1" || m.Button("Скоп") == nil || m.HTML != "Номер: <code>26-00001-1</code>" {
		t.Errorf("%+v", m)
	}
	anna.PressOn(anna.AwaitButton("Скопировать").ID, "Скопировать")
	if anna.Clipboard() != "26-00001-1" {
		t.Error(anna.Clipboard())
	}
	anna.Replying(id).Send("ответ")
	mine := anna.Send("x")
	anna.Edit(mine, "y")
	anna.React(id, "👍")
	anna.Delete(id)
	anna.AwaitView(func(seen []simulator.Message) bool { return len(seen) == 3 && seen[1].ReplyTo == 0 })
	must(t, tg, "sendChatAction", fields{"chat_id": anna.ChatID(), "action": "typing"})
	if anna.Typing() != "typing" {
		t.Error("no typing")
	}
	if _, err := tg.AwaitCall(context.Background(), func(c simulator.Call) bool { return c.Method == "sendChatAction" }); err != nil {
		t.Error(err)
	}
}

func TestFailureShowsScreen(t *testing.T) {
	tg := start(t, simulator.Options{Patience: time.Millisecond})
	var f failures
	anna := started(t, tg).Must(&f)
	anna.AwaitText("никогда")
	anna.AwaitToast("никогда")
	anna.AwaitView(func([]simulator.Message) bool { return false })
	anna.Press("никогда")
	if n := strings.Count(f.text, "> /start"); n != 4 {
		t.Errorf("%d screens in %s", n, f.text)
	}
}

func TestWorld(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := tg.PersonWithID(42, "Анна", "Иванова")
	if tg.PersonWithID(42, "", "") != anna || len(tg.People()) != 1 {
		t.Error("two people with one id")
	}
	anna.SetName("Анна", "Петрова")
	anna.SetPhone("79125551234")
	anna.SetUsername("anna")
	anna.SetLanguage("en")
	if anna.Name() != "Анна Петрова" || anna.Phone() != "79125551234" {
		t.Error(anna.Name(), anna.Phone())
	}
	group := tg.Group("Группа", simulator.WithID(-100155), simulator.WithoutBot())
	seat := group.Welcome(anna)
	group.AddBot(anna)
	seat.Send("привет")
	if len(group.Actors()) != 1 || len(tg.Groups()) != 1 || group.Title() != "Группа" || group.ID() != -100155 {
		t.Error("the group is not as it was made")
	}
	group.Leave(anna)
	if len(group.Actors()) != 0 {
		t.Error("Anna is still there")
	}
	want := "— Анна Петрова в группе\n> Анна Петрова: привет\n— Анна Петрова больше не в группе\n"
	if got := seat.Screen(); got != want {
		t.Error(got)
	}
	if got := updates(t, tg, 0); len(got) != 3 || got[0].Membership.New.Status != "member" {
		t.Errorf("%+v", got)
	}
	tg.SetNextUpdateID(7)
	seat.Send("после тихой недели")
	if got := updates(t, tg, 0); got[len(got)-1].ID != 7 {
		t.Errorf("%+v", got)
	}
}
