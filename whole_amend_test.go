package main

import (
	"strings"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// TestAmended: what a person changes in a message that support has is changed
// there, marked as such, and stands in the history; in every state.
func TestAmended(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	id := anna.Send("Горит <красный>")
	said := h.reply(n, "Горит <красный>")
	anna.settled()
	anna.Edit(id, "Горит <зелёный>")
	anna.AwaitText("Исправление передали", string(n))
	amended := h.reply(n, "Горит <зелёный>")
	if amended.ID != said.ID || !holds(amended.FirstLine(), "изменено заявителем", string(n)) {
		t.Errorf("message %d became %d:\n%s", said.ID, amended.ID, amended.Body())
	}
	h.engineer.Send("/resolve " + string(n) + " Починили")
	anna.AwaitText("Починили")
	anna.Press("Помогло")
	anna.AwaitText("закрыто")
	anna.Edit(id, "Горел жёлтый")
	h.reply(n, "Горел жёлтый")
	i := h.status(n, incident.Closed)
	if got := kinds(i, incident.KindAmended); got != 2 {
		t.Errorf("%d corrections in the history", got)
	}
	if body := h.card(n).Body(); strings.Contains(body, "Без ответа") {
		t.Errorf("a correction counts as a message:\n%s", body)
	}
	h.engineer.Reply(card.ID, "/incident "+string(n))
	h.engineer.Ask("/incident "+string(n), "Изменено заявителем: Горел жёлтый")
}

// TestAmendedCaption: words that a file had are changed in place, words that it
// did not have come in reply to it; a copy that is gone is no obstacle.
func TestAmendedCaption(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	with := anna.SendPhoto(photo, "Слева")
	said := h.reply(n, "Слева")
	bare := anna.SendPhoto(photo, "")
	copies := sees(h.engineer, card.ID, []string{"photo"}, []string{"photo"})
	anna.settled()
	anna.Edit(with, "Справа")
	if got := h.reply(n, "Справа", "изменено заявителем"); got.ID != said.ID {
		t.Errorf("the words stand anew")
	}
	h.engineer.Mark()
	anna.Edit(bare, "Это вид сзади")
	word := h.engineer.AwaitText("Это вид сзади", "изменено заявителем")
	if word.ReplyTo != copies[1][0].ID {
		t.Errorf("the words of the photo answer %d", word.ReplyTo)
	}
	anna.settled()
	anna.Edit(bare, "Это вид сверху")
	h.engineer.AwaitView(func(all []simulator.Message) bool {
		last := all[len(all)-1]
		return last.ID == word.ID && strings.Contains(last.Body(), "вид сверху")
	})
	h.group.MakeAdmin(h.engineer.Person())
	h.engineer.Delete(said.ID)
	anna.Edit(with, "Нет, слева")
	h.reply(n, "Нет, слева", "изменено заявителем")
}

// TestAmendedBeforeItIsSent: the correction of what still waits comes after it.
func TestAmendedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение")
	h.telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Times: 1, ChatID: h.group.ID(), Methods: []string{"sendMessage"}})
	id := anna.Send("Первая мысль")
	anna.AwaitText("Добавили")
	h.log.await(t, "a message waits", 1)
	anna.Edit(id, "Вторая мысль")
	anna.AwaitText("Исправление передали")
	h.pass(10 * time.Second)
	h.reply(n, "Первая мысль")
	h.reply(n, "Вторая мысль", "изменено заявителем")
}

// TestDeskCaption: words that the desk changes under a file change for the
// person, whether the file had words before or not.
func TestDeskCaption(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	bare := h.engineer.Replying(card.ID).SendPhoto(photo, "")
	with := h.engineer.Replying(card.ID).SendPhoto(photo, "Как надо")
	anna.AwaitText("Как надо")
	sees(anna.Must, 0, []string{"photo"}, []string{"photo"})
	h.deskSettled()
	h.engineer.Edit(bare, "Так было "+strings.Repeat("очень ", 150))
	h.engineer.Edit(with, "Так надо")
	anna.AwaitView(func(all []simulator.Message) bool {
		captioned, said := false, false
		for _, m := range all {
			captioned = captioned || m.Attachment != nil && holds(m.Caption, "Так было", string(n))
			said = said || m.Attachment == nil && holds(m.Body(), "Так надо", string(n))
		}
		return captioned && said && anna.count("Как надо") == 0
	})
}

// TestSpokenMedia: whatever there is to hear and to see is passed on both ways,
// of any size; a report takes what can be attached to it.
func TestSpokenMedia(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("Описание")
	anna.SendVideoNote(simulator.File{Data: []byte("note")})
	anna.AwaitText("Описание", "Такое к обращению не приложить")
	anna.SendVoice(simulator.File{Data: []byte("ogg")}, "")
	anna.AwaitText("Описание", "Голосовое сообщение к обращению не приложить")
	anna.Ask(usualProblem, summaryHead)
	n := anna.registers()
	card := h.card(n)
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
	sees(h.engineer, card.ID, all...)
	h.card(n, "Вложения (5): голосовое сообщение, писк.mp3, видеосообщение, мигает.mp4, обход.mp4")
	send(h.engineer.Replying(card.ID))
	sees(anna.Must, 0, all...)
}

// TestKeyContainer: keys are refused with an explanation wherever they are
// sent, and do not reach the group.
func TestKeyContainer(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	keys := simulator.File{Name: "abn_0001.DST", Data: []byte("keys")}
	anna.reaches("Описание")
	anna.SendDocument(keys, "Ключи во вложении, описание тут")
	anna.AwaitText("Описание", "файл с ключами")
	anna.Ask(usualProblem, summaryHead)
	anna.SendDocument(keys, "")
	anna.AwaitText(summaryHead, "файл с ключами")
	n := anna.registers()
	card := h.card(n)
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
	anna.settled()
	h.pass(2 * time.Second)
	sees(h.engineer, card.ID, []string{"document"})
	h.reply(n, "Схема и ключи")
	for _, m := range h.engineer.Messages() {
		if m.Attachment != nil && m.Attachment.Name != scheme.Name {
			t.Errorf("the group holds %q", m.Attachment.Name)
		}
	}
}
