package simulator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"

	"intakebot/simulator"
)

// newest is the newest update as the client library reads it.
func newest(t *testing.T, tg *simulator.Telegram) *models.Update {
	t.Helper()
	all := tg.Updates()
	var u models.Update
	if err := json.Unmarshal(all[len(all)-1], &u); err != nil {
		t.Fatalf("%s: %v", all[len(all)-1], err)
	}
	return &u
}

// TestContent: what people send since Bot API 10, read by the client library.
func TestContent(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	boris := tg.Person("Борис", "Орлов")
	group := tg.Group("Техподдержка")
	ivan := group.Staff("Иван", "Петров")
	first := anna.Send("Связи нет с утра, телефон молчит")
	last := func() *models.Message { return newest(t, tg).Message }

	anna.Quoting(first, "с утра").Send("с восьми")
	if m := last(); m.Text != "с восьми" || m.ReplyToMessage.ID != first || m.Quote == nil || m.Quote.Text != "с утра" || m.Quote.Position != 10 {
		t.Errorf("quote: %+v", m)
	}
	anna.Forwarding(simulator.Origin{Person: boris}).Send("Не работает сервер")
	if m := last(); m.ForwardOrigin.MessageOriginUser.SenderUser.FirstName != "Борис" {
		t.Errorf("forward: %+v", m.ForwardOrigin)
	}
	anna.Forwarding(simulator.Origin{Hidden: "Кто-то"}).SendPhoto(simulator.File{Data: []byte("снимок")}, "с камеры")
	if m := last(); m.ForwardOrigin.MessageOriginHiddenUser.SenderUserName != "Кто-то" || m.Caption != "с камеры" {
		t.Errorf("hidden: %+v", m.ForwardOrigin)
	}
	anna.Forwarding(simulator.Origin{Channel: "Новости", Signature: "Редактор"}).Send("Работы на сетях")
	if m := last(); m.ForwardOrigin.MessageOriginChannel.Chat.Title != "Новости" || *m.ForwardOrigin.MessageOriginChannel.AuthorSignature != "Редактор" {
		t.Errorf("channel: %+v", m.ForwardOrigin)
	}
	anna.Forwarding(simulator.Origin{Group: group}).Send("Из группы")
	if m := last(); m.ForwardOrigin.MessageOriginChat.SenderChat.ID != group.ID() {
		t.Errorf("group: %+v", m.ForwardOrigin)
	}
	anna.SendFormatted(`Смотрите <a href="https://example.ru/x">здесь</a>, <b>срочно</b>`)
	if m := last(); m.Text != "Смотрите здесь, срочно" || m.Entities[0].URL != "https://example.ru/x" || m.Entities[1].Type != "bold" {
		t.Errorf("formatted: %+v", m)
	}
	rich := anna.SendRich(simulator.RichHeading("Заявка"), simulator.RichParagraph("Нет связи, см. ", simulator.RichLink("схему", "https://example.ru/s"), " и ", simulator.RichBold("фото")),
		simulator.RichList("раз", "два"), simulator.RichTable([]string{"а", "б"}, []string{"в", "г"}))
	if m := last(); m.Text != "" || m.RichMessage == nil || len(m.RichMessage.Blocks) != 4 {
		t.Errorf("rich: %+v", m)
	}
	if m, _ := anna.Message(rich); !m.Rich || m.Text != "Заявка\nНет связи, см. схему и фото\nраз\nдва\nа\tб\nв\tг" {
		t.Errorf("rich as shown: %q", m.Text)
	}
	anna.ReplyingElsewhere(simulator.ExternalReply{Origin: simulator.Origin{Channel: "Новости"}, Quote: "работы", Photo: &simulator.File{Data: []byte("ф")}}).Send("это у нас?")
	if m := last(); m.ReplyToMessage != nil || m.ExternalReply.Origin.MessageOriginChannel == nil || len(m.ExternalReply.Photo) == 0 || m.Quote.Text != "работы" {
		t.Errorf("external reply: %+v", m)
	}
	anna.SendPhoto(simulator.File{Data: []byte("ф")}, "/status 26-00001-0")
	if m := last(); m.Text != "" || m.CaptionEntities[0].Type != "bot_command" {
		t.Errorf("a command in a caption: %+v", m)
	}
	ivan.AsChannel("Канал Ивана").Send("/open")
	if m := last(); m.From.ID != 136817688 || m.SenderChat.Type != "channel" || m.SenderChat.Title != "Канал Ивана" {
		t.Errorf("as a channel: %+v", m)
	}
	group.ChannelPost("Новости", "Пост канала")
	if m := last(); m.From.ID != 777000 || !m.IsAutomaticForward || m.ForwardOrigin == nil || m.SenderChat.Title != "Новости" {
		t.Errorf("a channel's post: %+v", m)
	}
}

// TestEditsOfPeople: what edits can do to a message.
func TestEditsOfPeople(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	id := anna.Send("нет связи")
	edited := func(err error) *models.Message {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		m := newest(t, tg).EditedMessage
		if m == nil || m.ID != id || m.EditDate == 0 {
			t.Fatalf("%+v", newest(t, tg))
		}
		return m
	}
	if m := edited(anna.EditNothing(id)); m.Text != "нет связи" {
		t.Errorf("%+v", m)
	}
	if m := edited(anna.EditRich(id, simulator.RichParagraph("нет связи"))); m.Text != "" || m.RichMessage == nil {
		t.Errorf("%+v", m)
	}
	if m := edited(anna.Edit(id, "нет связи и света")); m.Text != "нет связи и света" || m.RichMessage != nil {
		t.Errorf("%+v", m)
	}
	if m := edited(anna.EditMedia(id, "photo", simulator.File{Data: []byte("раз")}, "")); m.Text != "" || m.Caption != "" || len(m.Photo) == 0 {
		t.Errorf("a text into a photo: %+v", m)
	}
	former := newest(t, tg).EditedMessage.Photo[0].FileID
	if m := edited(anna.EditMedia(id, "photo", simulator.File{Data: []byte("два")}, "другой")); m.Photo[0].FileID == former || m.Caption != "другой" {
		t.Errorf("another photo: %+v", m)
	}
}

// TestServices: each service message of the table comes with its one field, and
// the client library reads it.
func TestServices(t *testing.T) {
	tg := start(t, simulator.Options{})
	group := tg.Group("Техподдержка")
	ivan := group.Staff("Иван", "")
	for _, name := range simulator.Services() {
		ivan.SendService(name)
		u := newest(t, tg)
		raw := tg.Updates()[len(tg.Updates())-1]
		if u.Message.Text != "" || !strings.Contains(string(raw), `"`+name+`":`) {
			t.Errorf("%s: %s", name, raw)
		}
	}
	if len(simulator.Services()) < 20 {
		t.Errorf("only %q", simulator.Services())
	}
}

// TestSelfTexts: descriptions and names by language.
func TestSelfTexts(t *testing.T) {
	tg := start(t, simulator.Options{})
	must(t, tg, "setMyDescription", fields{"description": "Приём обращений", "language_code": "ru"})
	must(t, tg, "setMyDescription", fields{"description": "Support line"})
	must(t, tg, "setMyShortDescription", fields{"short_description": "155"})
	for _, test := range []struct{ field, language, want string }{
		{"description", "ru", "Приём обращений"}, {"description", "de", "Support line"}, {"short_description", "ru", "155"}, {"name", "ru", "Техподдержка"},
	} {
		if got := tg.SelfText(test.field, test.language); got != test.want {
			t.Errorf("%s in %s: %q", test.field, test.language, got)
		}
	}
	if got := string(must(t, tg, "getMyDescription", fields{"language_code": "ru"}).Result); got != `{"description":"Приём обращений"}` {
		t.Error(got)
	}
}

// TestSeveral: copies and forwards of several messages keep their album and pass
// over what is not there.
func TestSeveral(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	group := tg.Group("Техподдержка")
	ivan := group.Staff("Иван", "")
	ids := anna.SendAlbum(simulator.AlbumItem{File: simulator.File{Data: []byte("1")}, Caption: "раз"}, simulator.AlbumItem{File: simulator.File{Data: []byte("2")}})
	in := fields{"chat_id": group.ID(), "from_chat_id": anna.ChatID(), "message_ids": append(ids, 9999), "remove_caption": true}
	must(t, tg, "copyMessages", in)
	delete(in, "remove_caption")
	must(t, tg, "forwardMessages", in)
	shown := ivan.Messages()
	if len(shown) != 4 || shown[0].Album == "" || shown[0].Album != shown[1].Album || shown[0].Caption != "" || shown[2].Caption != "раз" || !shown[2].Forwarded || shown[2].Album == shown[0].Album {
		t.Errorf("%+v", shown)
	}
	for ids, want := range map[string]string{
		"[9999]": "Bad Request: there are no messages to copy",
		"[2,1]":  "Bad Request: message identifiers must be in a strictly increasing order",
		"[]":     "simulator: message_ids of copyMessages has the length 1-100, got 0",
	} {
		in["message_ids"] = json.RawMessage(ids)
		if got := do(t, tg, "copyMessages", in); got.Description != want {
			t.Errorf("%s: %q", ids, got.Description)
		}
	}
}
