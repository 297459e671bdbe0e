package e2e

import (
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestAmended: what a person changes in a message that support has is changed
// there, marked as such, and stands in the history; in every state.
func TestAmended(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	id := anna.Send("Горит <красный>")
	said := h.CardReply(n, "Горит <красный>")
	anna.Settled()
	anna.Edit(id, "Горит <зелёный>")
	anna.AwaitText("Исправление передали", string(n))
	amended := h.CardReply(n, "Горит <зелёный>")
	if amended.ID != said.ID || !harness.Holds(amended.FirstLine(), "изменено заявителем", string(n)) {
		t.Errorf("message %d became %d:\n%s", said.ID, amended.ID, amended.Body())
	}
	h.Engineer.Send("/resolve " + string(n) + " Починили")
	anna.AwaitText("Починили")
	anna.Press("Помогло")
	anna.AwaitText("закрыто")
	anna.Edit(id, "Горел жёлтый")
	h.CardReply(n, "Горел жёлтый")
	i := h.Status(n, incident.Closed)
	if got := kinds(i, incident.KindAmended); got != 2 {
		t.Errorf("%d corrections in the history", got)
	}
	if body := h.Card(n).Body(); strings.Contains(body, "Без ответа") {
		t.Errorf("a correction counts as a message:\n%s", body)
	}
	h.Engineer.Reply(card.ID, "/incident "+string(n))
	h.Engineer.Ask("/incident "+string(n), "Изменено заявителем: Горел жёлтый")
}

// TestAmendedCaption: words that a file had are changed in place, words that it
// did not have come in reply to it; a copy that is gone is no obstacle.
func TestAmendedCaption(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	with := anna.SendPhoto(photo, "Слева")
	said := h.CardReply(n, "Слева")
	bare := anna.SendPhoto(photo, "")
	copies := sees(h.Engineer, card.ID, []string{"photo"}, []string{"photo"})
	anna.Settled()
	anna.Edit(with, "Справа")
	if got := h.CardReply(n, "Справа", "изменено заявителем"); got.ID != said.ID {
		t.Errorf("the words stand anew")
	}
	h.Engineer.Mark()
	anna.Edit(bare, "Это вид сзади")
	word := h.Engineer.AwaitText("Это вид сзади", "изменено заявителем")
	if word.ReplyTo != copies[1][0].ID {
		t.Errorf("the words of the photo answer %d", word.ReplyTo)
	}
	anna.Settled()
	anna.Edit(bare, "Это вид сверху")
	h.Engineer.AwaitView(func(all []simulator.Message) bool {
		last := all[len(all)-1]
		return last.ID == word.ID && strings.Contains(last.Body(), "вид сверху")
	})
	h.Group.MakeAdmin(h.Engineer.Person())
	h.Engineer.Delete(said.ID)
	anna.Edit(with, "Нет, слева")
	h.CardReply(n, "Нет, слева", "изменено заявителем")
}

// TestAmendedBeforeItIsSent: the correction of what still waits comes after it.
func TestAmendedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	h.Telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Times: 1, ChatID: h.Group.ID(), Methods: []string{"sendMessage"}})
	id := anna.Send("Первая мысль")
	anna.AwaitText("Добавили")
	h.Logged.Await(t, "a message waits", 1)
	anna.Edit(id, "Вторая мысль")
	anna.AwaitText("Исправление передали")
	h.Pass(10 * time.Second)
	h.CardReply(n, "Первая мысль")
	h.CardReply(n, "Вторая мысль", "изменено заявителем")
}

// TestDeskCaption: words that the desk changes under a file change for the
// person, whether the file had words before or not.
func TestDeskCaption(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	bare := h.Engineer.Replying(card.ID).SendPhoto(photo, "")
	with := h.Engineer.Replying(card.ID).SendPhoto(photo, "Как надо")
	anna.AwaitText("Как надо")
	sees(anna.Must, 0, []string{"photo"}, []string{"photo"})
	h.DeskSettled()
	h.Engineer.Edit(bare, "Так было "+strings.Repeat("очень ", 150))
	h.Engineer.Edit(with, "Так надо")
	anna.AwaitView(func(all []simulator.Message) bool {
		captioned, said := false, false
		for _, m := range all {
			captioned = captioned || m.Attachment != nil && harness.Holds(m.Caption, "Так было", string(n))
			said = said || m.Attachment == nil && harness.Holds(m.Body(), "Так надо", string(n))
		}
		return captioned && said && anna.Count("Как надо") == 0
	})
}

// TestSpokenMedia: whatever there is to hear and to see is passed on both ways,
// of any size; a report takes what can be attached to it.
func TestSpokenMedia(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.SendVideoNote(simulator.File{Data: []byte("note")})
	anna.AwaitText("Описание", "Такое к обращению не приложить")
	anna.SendVoice(simulator.File{Data: []byte("ogg")}, "")
	anna.AwaitText("Описание", "Голосовое сообщение к обращению не приложить")
	anna.Ask(harness.UsualProblem, harness.SummaryHead)
	n := anna.Registers()
	card := h.Card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	send := func(who *simulator.Must) {
		who.SendVoice(simulator.File{Data: []byte("ogg")}, "")
		who.SendAudio(simulator.File{Name: "писк.mp3", Data: []byte("mp3")}, "")
		who.SendVideoNote(simulator.File{Data: []byte("note")})
		who.SendAnimation(simulator.File{Name: "мигает.mp4", Data: []byte("gif")}, "")
		who.SendVideo(simulator.File{Name: "обход.mp4", Data: []byte("mp4"), Size: 300 << 20}, "")
	}
	all := [][]string{{"voice"}, {"audio"}, {"video_note"}, {"animation"}, {"video"}}
	send(anna.Must)
	sees(h.Engineer, card.ID, all...)
	h.Card(n, "Вложения (5): голосовое сообщение, писк.mp3, видеосообщение, мигает.mp4, обход.mp4")
	send(h.Engineer.Replying(card.ID))
	sees(anna.Must, 0, all...)
}

// TestKeyContainer: keys are refused with an explanation wherever they are
// sent, and do not reach the group.
func TestKeyContainer(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	keys := simulator.File{Name: "abn_0001.DST", Data: []byte("keys")}
	anna.Reaches("Описание")
	anna.SendDocument(keys, "Ключи во вложении, описание тут")
	anna.AwaitText("Описание", "файл с ключами")
	anna.Ask(harness.UsualProblem, harness.SummaryHead)
	anna.SendDocument(keys, "")
	anna.AwaitText(harness.SummaryHead, "файл с ключами")
	n := anna.Registers()
	card := h.Card(n)
	anna.SendDocument(keys, "")
	anna.AwaitText("файл с ключами")
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	anna.SendAlbum(simulator.AlbumItem{Kind: "document", File: scheme, Caption: "Схема и ключи"},
		simulator.AlbumItem{Kind: "document", File: keys})
	anna.AwaitText("файл с ключами")
	anna.Press("Готово")
	anna.Send("/status " + string(n))
	about := anna.AwaitText("Обращение", string(n))
	anna.Replying(about.ID).SendDocument(keys, "")
	anna.AwaitText("файл с ключами")
	anna.Settled()
	h.Pass(2 * time.Second)
	sees(h.Engineer, card.ID, []string{"document"})
	h.CardReply(n, "Схема и ключи")
	for _, m := range h.Engineer.Messages() {
		if m.Attachment != nil && m.Attachment.Name != scheme.Name {
			t.Errorf("the group holds %q", m.Attachment.Name)
		}
	}
}
