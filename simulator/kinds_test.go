package simulator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/simulator"
)

func TestKinds(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	chat := anna.ChatID()
	photo, _ := anna.Message(anna.SendPhoto(simulator.File{Data: []byte("ф")}, ""))
	item := fields{"type": "photo", "media": photo.Attachment.FileID}
	for range 2 {
		send(t, tg, chat, "раз", nil)
		send(t, tg, chat, "два", fields{"reply_markup": inline, "parse_mode": "HTML"})
		send(t, tg, chat, "три", fields{"reply_markup": fields{"remove_keyboard": true}})
		must(t, tg, "sendMediaGroup", fields{"chat_id": chat, "media": []any{item, item}})
		must(t, tg, "sendPhoto", fields{"chat_id": chat, "photo": photo.Attachment.FileID, "caption": "x"})
		must(t, tg, "setMyCommands", fields{"commands": []any{}, "scope": fields{"type": "chat", "chat_id": chat}})
	}
	want := []string{
		"sendMediaGroup media=InputMediaPhoto",
		"sendMessage",
		"sendMessage parse_mode reply_markup=InlineKeyboardMarkup",
		"sendMessage reply_markup=ReplyKeyboardRemove",
		"sendPhoto caption file_id",
		"setMyCommands scope=Chat",
	}
	got := simulator.Kinds(tg.Calls("sendMessage", "sendMediaGroup", "sendPhoto", "setMyCommands"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
