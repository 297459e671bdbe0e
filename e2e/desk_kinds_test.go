package e2e

import (
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestLinksBothWays: an address under a word is read on the other side, on the
// card and in the letter.
func TestLinksBothWays(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.SendFormatted(`Не открывается <a href="https://portal.example/in?a=1">портал</a>, ошибка 500.`)
	anna.AwaitText(harness.SummaryHead)
	n := anna.Registers()
	card := h.Card(n, "портал (https://portal.example/in?a=1)")
	if l := h.Letter(harness.SupportBox, 1); !strings.Contains(l.Text(), "https://portal.example/in?a=1") {
		t.Errorf("the letter has no address:\n%s", l.Text())
	}
	id := h.Engineer.Replying(card.ID).SendFormatted(`Скачайте обновление <a href="https://files.example/7">здесь</a>`)
	anna.AwaitText("Скачайте обновление здесь (https://files.example/7)")
	signs(h, id, "👌")
	h.Engineer.Replying(card.ID).SendFormatted(`/ask Поможет <a href="https://help.example/1">инструкция</a>?`)
	anna.AwaitText("инструкция (https://help.example/1)?")
}

// TestStaffOtherwise: a member who speaks as a channel is passed on under its
// name; a reply to a message of another chat is told; the part that is quoted is
// read by the person.
func TestStaffOtherwise(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	channel := h.Engineer.AsChannel("Сети округа").Must(t)
	id := channel.Reply(card.ID, "Авария на магистрали")
	anna.AwaitText("Авария на магистрали", string(n))
	signs(h, id, "👌")
	channel.Reply(card.ID, "/take")
	h.Card(n, "в работе", "Сети округа")

	anna.Mark()
	h.Engineer.Quoting(card.ID, "нет связи с сетью Правительства").Must(t).Send("А с интернетом есть?")
	anna.AwaitText("> нет связи с сетью Правительства", "А с интернетом есть?")

	h.Engineer.ReplyingElsewhere(simulator.ExternalReply{Origin: simulator.Origin{Channel: "Новости"}, Quote: "№ " + string(n)}).Must(t).Send("Это про нас")
	h.Engineer.AwaitText("заявителю не ушло")
	anna.Settled()
	if anna.Count("Это про нас") != 0 {
		t.Errorf("she read a reply to somebody else")
	}
}

// TestDeskChangesMedia: a photo that is replaced and a text that becomes a photo
// change for the person; one that becomes a command does not.
func TestDeskChangesMedia(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	with := h.Engineer.Replying(card.ID).SendPhoto(picture("старая.png"), "Как надо")
	signs(h, with, "👌")
	bare := h.Engineer.Replying(card.ID).SendPhoto(picture("другая.png"), "")
	signs(h, bare, "👌")
	said := h.Engineer.Reply(card.ID, "Сейчас пришлю схему")
	signs(h, said, "👌")
	change := func(id int, name, caption string) {
		t.Helper()
		if err := h.Engineer.EditMedia(id, "photo", picture(name), caption); err != nil {
			t.Fatal(err)
		}
	}
	change(with, "новая.png", "Так надо")
	change(bare, "третья.png", "Вид сзади")
	change(said, "схема.png", "")
	var shown []string
	for _, id := range []int{with, bare, said} {
		m, _ := h.Engineer.Message(id)
		shown = append(shown, m.Attachment.FileID)
	}
	anna.AwaitView(func(all []simulator.Message) bool {
		var files, words []string
		for _, m := range all {
			if m.FromBot && m.Attachment != nil {
				files = append(files, m.Attachment.FileID+"|"+m.Caption)
			}
			if m.FromBot && m.Attachment == nil {
				words = append(words, m.Body())
			}
		}
		text := strings.Join(words, "\n")
		return len(files) == 3 && strings.HasPrefix(files[0], shown[0]) && strings.HasPrefix(files[1], shown[1]) &&
			strings.Contains(files[1], "Вид сзади") && strings.HasPrefix(files[2], shown[2]) &&
			strings.Contains(text, "Так надо") && !strings.Contains(text, "Как надо") && !strings.Contains(text, "Сейчас пришлю")
	})
	h.Engineer.Edit(with, "/open")
	h.Engineer.AwaitText("Исправлением команду не отдать")
	anna.Settled()
	if anna.Count("/open") != 0 || anna.Count("Так надо") != 1 {
		t.Errorf("she reads a command in the place of words")
	}
	i := h.Status(n, incident.Registered)
	if last := i.History[len(i.History)-1]; last.Kind != incident.KindAmended {
		t.Errorf("the last entry is %v", last.Kind)
	}
}
