package simulator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/simulator"
)

func TestCallbacks(t *testing.T) {
	clock := simulator.NewClock(decodeTime(t, "2026-11-22T09:00:00Z"))
	tg := start(t, simulator.Options{Now: clock.Now})
	anna := started(t, tg).Must(t)
	id := send(t, tg, anna.ChatID(), "Согласны?", fields{"reply_markup": inline})
	const tooOld = "Bad Request: query is too old and response timeout expired or query ID is invalid"

	anna.Press("Да")
	q := updates(t, tg, 0)[0].Query
	if q.Data != "yes" || q.Message.ID != id || q.Message.Text != "Согласны?" || q.From.ID != anna.Person().ID() {
		t.Errorf("%+v", q)
	}
	answer := fields{"callback_query_id": q.ID, "text": "Спасибо"}
	must(t, tg, "answerCallbackQuery", answer)
	if got := do(t, tg, "answerCallbackQuery", answer); got.Description != tooOld {
		t.Errorf("a second answer: %q", got.Description)
	}
	if toast := anna.AwaitToast("Спаси"); toast.MessageID != id {
		t.Errorf("%+v", toast)
	}

	drain(t, tg)
	anna.Press("Нет")
	late := updates(t, tg, 0)[0].Query.ID
	clock.Advance(150e9)
	if got := do(t, tg, "answerCallbackQuery", fields{"callback_query_id": late}); got.Description != tooOld {
		t.Errorf("a late answer: %q", got.Description)
	}

	anna.PressData(777, "forged")
	if q := updates(t, tg, 0)[0].Query; q.Data != "forged" || q.Message.Date != 0 || q.Message.ID != 777 {
		t.Errorf("%+v", q)
	}
	if err := anna.Actor.Press("Эскалировать"); err == nil || !strings.Contains(err.Error(), "Согласны?\n    [Да] [Нет]") {
		t.Errorf("the error shows no screen: %v", err)
	}
}

func TestReplyKeyboard(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg).Must(t)
	send(t, tg, anna.ChatID(), "Старое", fields{"reply_markup": inline})
	id := send(t, tg, anna.ChatID(), "Телефон", fields{"reply_markup": fields{
		"keyboard": []any{[]any{fields{"text": "📱 Отправить номер", "request_contact": true}}, []any{"Нет"}}}})

	anna.Press("Нет") // the keyboard's, which is newer than the inline one
	anna.Press("номер")
	got := updates(t, tg, 0)
	if got[0].Message.Text != "Нет" {
		t.Errorf("%+v", got[0].Message)
	}
	contact := got[1].Message
	if contact.Contact.UserID != anna.Person().ID() || contact.Contact.Phone != anna.Person().Phone() || contact.ReplyTo.ID != id {
		t.Errorf("%+v", contact)
	}
	want := "> /start\nСтарое\n    [Да] [Нет]\nТелефон\n> Нет\n> <contact Анна Иванова " + anna.Person().Phone() + ">\n" +
		"    {📱 Отправить номер}\n    {Нет}\n"
	if diff := cmp.Diff(want, anna.Screen()); diff != "" {
		t.Error(diff)
	}
	send(t, tg, anna.ChatID(), "Дальше", fields{"reply_markup": fields{"remove_keyboard": true}})
	if k := anna.ReplyKeyboard(); k != nil {
		t.Errorf("still shown: %+v", k)
	}
	anna.Press("Нет")
	if got := updates(t, tg, 0); got[2].Query == nil {
		t.Errorf("%+v", got[2])
	}
}

func TestPersonSends(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	album := anna.SendAlbum(simulator.AlbumItem{Caption: "раз"}, simulator.AlbumItem{})
	doc := anna.SendDocument(simulator.File{Name: "акт.pdf", MIME: "application/pdf", Data: []byte("%PDF")}, "/смотрите")
	long := anna.Send(strings.Repeat("я", 5000))
	_ = anna.Edit(long, "исправлено")
	anna.SendSticker()
	anna.SendLocation(55.4, 65.3)
	anna.SendPoll("Да?", "да", "нет")
	anna.SendContact(simulator.Contact{Phone: "79120000000", FirstName: "Чужой"})
	got := updates(t, tg, 0)
	if len(got) != 10 {
		t.Fatalf("%d updates", len(got))
	}
	if got[0].Message.ID != album[0] || got[0].Message.Album == "" || got[0].Message.Album != got[1].Message.Album {
		t.Errorf("album: %+v", got[0].Message)
	}
	if m := got[2].Message; m.ID != doc || m.Document.Name != "акт.pdf" || m.Caption != "/смотрите" {
		t.Errorf("document: %+v", m)
	}
	if data, ok := tg.FileData(got[2].Message.Document.ID); !ok || string(data) != "%PDF" {
		t.Errorf("%q", data)
	}
	if len(got[3].Message.Text) != 2*4096 || len(got[4].Message.Text) != 2*904 {
		t.Error("a long text is not split as a client splits it")
	}
	if got[5].Edited.Text != "исправлено" || got[5].Edited.ID != long {
		t.Errorf("%+v", got[5].Edited)
	}
	big := anna.SendDocument(simulator.File{Name: "big.iso", Data: []byte("x"), Size: 20<<20 + 1}, "")
	m, _ := anna.Message(big)
	if got := do(t, tg, "getFile", fields{"file_id": m.Attachment.FileID}); got.Description != "Bad Request: file is too big" {
		t.Error(got.Description)
	}
	if got := do(t, tg, "sendPhoto", fields{"chat_id": anna.ChatID(), "photo": m.Attachment.FileID}); got.Description != "Bad Request: can't use file of type Document as Photo" {
		t.Error(got.Description)
	}
}

func TestBlock(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	anna.Block()
	if got := do(t, tg, "sendMessage", fields{"chat_id": anna.ChatID(), "text": "x"}); got.Code != 403 || got.Description != "Forbidden: bot was blocked by the user" {
		t.Errorf("%+v", got)
	}
	anna.Send("я снова тут")
	got := updates(t, tg, 0)
	if len(got) != 3 || got[0].Membership.New.Status != "kicked" || got[1].Membership.New.Status != "member" {
		t.Errorf("%+v", got)
	}
	send(t, tg, anna.ChatID(), "рады", nil)
}

func TestForceReply(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	id := send(t, tg, anna.ChatID(), "Ответьте", fields{"reply_markup": fields{"force_reply": true}})
	anna.Send("ответ")
	anna.Send("ещё")
	got := updates(t, tg, 0)
	if got[0].Message.ReplyTo.ID != id || got[1].Message.ReplyTo != nil {
		t.Errorf("%+v", got)
	}
}

func TestEvents(t *testing.T) {
	tg := start(t, simulator.Options{})
	events, cancel := tg.Subscribe()
	anna := tg.Person("Анна", "").Chat()
	anna.Send("/start")
	send(t, tg, anna.ChatID(), "Здравствуйте", nil)
	var kinds []simulator.EventKind
	for e := range events {
		kinds = append(kinds, e.Kind)
		if _, err := json.Marshal(e); err != nil {
			t.Error(err)
		}
		if e.Message != nil && e.Message.FromBot {
			cancel()
		}
	}
	if !cmp.Equal(kinds, []simulator.EventKind{"message", "updates", "message"}) {
		t.Error(kinds)
	}

	slow, cancel := tg.Subscribe()
	defer cancel()
	for range 2000 {
		anna.SendSticker() // two events each: more than a subscriber may lag behind
	}
	for len(slow) > 0 {
		<-slow
	}
	anna.Send("дальше")
	if e := <-slow; e.Kind != simulator.EventResync {
		t.Errorf("lost events are not confessed: %+v", e)
	}
}
