package e2e

import (
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestWordsAmongColleagues: a reply to anything of ours but a card, a message of
// the person or a prompt goes nowhere, and the member is told how to answer, once
// an hour.
func TestWordsAmongColleagues(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Pass(time.Hour)
	reminder := h.Engineer.AwaitText("Обращения ждут", string(n))
	others := []int{reminder.ID,
		h.Engineer.Ask("/open", string(n)).ID,
		h.Engineer.Ask("/search кетовск", string(n)).ID,
		h.Engineer.Ask("/incident "+string(n), "История").ID,
		h.Engineer.Ask("/take "+string(n), "Взято в работу").ID,
		h.Engineer.Ask("/help", "Как работать").ID,
	}
	h.Engineer.Mark()
	for _, id := range others {
		h.Engineer.Reply(id, "Возьми, у тебя терпения больше")
	}
	h.Engineer.AwaitText("заявителю не ушло", "на карточку")
	h.DeskSettled()
	anna.Settled()
	if told, read := h.Told("заявителю не ушло"), anna.Count("терпения"); told != 1 || read != 0 {
		t.Errorf("told %d times, the person read %d", told, read)
	}
	olga := h.Group.Staff("Ольга", "Белова").Must(t)
	olga.Reply(reminder.ID, "Опять он")
	olga.AwaitText("заявителю не ушло")
	h.Pass(time.Hour + time.Minute)
	h.Engineer.Mark()
	h.Engineer.Reply(others[1], "А это чьё?")
	h.Engineer.AwaitText("заявителю не ушло")

	// What is a message of hers, the card and a prompt still go.
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	anna.Ask("Появился дым", "Добавили", string(n))
	said := h.Engineer.AwaitText("Появился дым")
	anna.Mark()
	h.Engineer.Reply(said.ID, "Обесточьте узел")
	anna.AwaitText("Обесточьте узел")
	h.Engineer.Reply(card.ID, "Едем")
	anna.AwaitText("Едем")
	if i := h.Status(n, incident.InProgress); strings.Contains(history(i), "Опять") || strings.Contains(history(i), "терпения") {
		t.Errorf("the talk is in the history: %s", history(i))
	}
}

func history(i incident.Incident) string {
	var b strings.Builder
	for _, e := range i.History {
		b.WriteString(e.Name + ": " + e.Text + "\n")
	}
	return b.String()
}

// TestCommandOnACard: a command in reply to a card, or to a message of the person,
// takes the number from it, whether it stands in a text or under a file.
func TestCommandOnACard(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	h.Engineer.Reply(card.ID, "/take")
	h.Engineer.AwaitText("Взято в работу", string(n))
	anna.Mark()
	h.Engineer.Reply(card.ID, "/ask Какая модель?")
	anna.AwaitText("Какая модель?", string(n))
	h.Status(n, incident.Waiting)
	anna.Ask("Координатор HW1000", "Добавили", string(n))
	said := h.Engineer.AwaitText("HW1000")
	anna.Mark()
	h.Engineer.Reply(said.ID, "/resolve")
	h.Engineer.AwaitText("/resolve "+string(n), "Без слов закрыть нельзя")
	h.Engineer.Replying(said.ID).SendPhoto(picture("стойка.png"), "/resolve Заменили питание")
	anna.AwaitText("решено", "Заменили питание")
	anna.AwaitView(lastIsFile)
	if anna.Count("/resolve") != 0 {
		t.Errorf("she read the command")
	}
	h.Status(n, incident.Resolved)
	h.Engineer.Send("/take")
	h.Engineer.AwaitText("Или ответьте командой на карточку")
}

// TestNamesakes: colleagues of one display name are two people.
func TestNamesakes(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	other := h.Group.Staff("Игорь", "Соколов").Must(t)
	n := h.Clerk().Files()
	card := h.Card(n)
	h.Engineer.PressOn(card.ID, "Взять в работу")
	h.Card(n, "в работе")
	other.PressOn(card.ID, "Взять себе")
	other.AwaitToast("Ваше")
	if i := h.Status(n, incident.InProgress); i.AssigneeID != other.Person().ID() {
		t.Errorf("it is %d's, not %d's", i.AssigneeID, other.Person().ID())
	}
	other.PressOn(card.ID, "Вернуть в очередь")
	other.AwaitToast("Вернули")
}

func picture(name string) simulator.File {
	return simulator.File{Name: name, MIME: "image/png", Data: []byte("png " + name)}
}

func lastIsFile(all []simulator.Message) bool { return all[len(all)-1].Attachment != nil }

// signs waits until a message in the group bears that reaction, "" for none.
func signs(h *harness.Harness, id int, want string) {
	h.Helper()
	h.Engineer.AwaitView(func(all []simulator.Message) bool {
		for _, m := range all {
			if m.ID == id {
				return len(m.Reactions) == 0 && want == "" || len(m.Reactions) == 1 && m.Reactions[0].Emoji == want
			}
		}
		return false
	})
}

// TestSigns: 👌 under a member's words says that the person has them and leaves
// when that is no longer true; a note bears ✍, a command without words 👌.
func TestSigns(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, func(h *harness.Harness) { h.Refusals = true })
	olga := h.Group.Staff("Ольга", "Белова").Must(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	note := h.Engineer.Reply(card.ID, "// похоже на прошлую неделю")
	signs(h, note, "✍")
	first := h.Engineer.Reply(card.ID, "Перезагрузите узел")
	signs(h, first, "👌")
	second := h.Engineer.Reply(card.ID, "Она опять не слушает")
	signs(h, second, "👌")
	h.Engineer.Reply(first, "/undo")
	signs(h, first, "")
	h.Engineer.Edit(second, "// Она опять не слушает")
	signs(h, second, "✍")
	anna.AwaitView(func([]simulator.Message) bool { return anna.Count("не слушает") == 0 })

	h.Engineer.Send("/take " + string(n))
	h.Card(n, "в работе", "Игорь Соколов")
	over := olga.Send("/handover " + string(n))
	signs(h, over, "👌")
	h.Card(n, "Ольга Белова")
	signs(h, olga.Reply(card.ID, "/return"), "👌")
	h.Card(n, "зарегистрировано")

	h.Group.SetReactions(false)
	olga.Reply(card.ID, "// ещё заметка")
	olga.AwaitText("заявителю это не ушло")
}
