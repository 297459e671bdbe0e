package simulator_test

import (
	"strings"
	"testing"

	"intakebot/simulator"
)

// TestMethods calls the methods that no other test looks at, with what they take
// and with what they refuse.
func TestMethods(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	group := tg.Group("Техподдержка")
	ivan := group.Staff("Иван", "")
	group.MakeAdmin(ivan.Person())
	file := func(id int) string {
		m, _ := anna.Message(id)
		return m.Attachment.FileID
	}
	photoID := anna.SendPhoto(simulator.File{Data: []byte("снимок")}, "подпись")
	photo, doc := file(photoID), file(anna.SendDocument(simulator.File{Name: "a.pdf", Data: []byte("%PDF")}, ""))
	voice := file(anna.SendVoice(simulator.File{Data: []byte("Ogg")}, ""))
	own := decode[message](t, must(t, tg, "sendPhoto", fields{"chat_id": anna.ChatID(), "photo": photo, "caption": "x"})).ID
	item := func(kind, id string) fields { return fields{"type": kind, "media": id} }
	album := func(items ...fields) fields { return fields{"chat_id": group.ID(), "media": items} }
	commands := func(name, about string) fields {
		return fields{"commands": []fields{{"command": name, "description": about}}}
	}
	for _, test := range []struct {
		method string
		in     fields
		want   string
	}{
		{"sendMediaGroup", album(item("photo", photo), item("photo", photo)), ""},
		{"sendMediaGroup", album(item("photo", photo)), "Bad Request: there must be at least 2 messages in an album"},
		{"sendMediaGroup", album(item("photo", photo), item("document", doc)), "Bad Request: photo can't be mixed with other media types"},
		{"sendMediaGroup", album(item("voice", voice), item("voice", voice)), `Bad Request: media of type "voice" can't be sent in an album`},
		{"sendMediaGroup", album(item("photo", photo), item("photo", "attach://lost")), "Bad Request: there is no photo in the request"},
		{"sendVoice", fields{"chat_id": group.ID(), "voice": voice, "caption": strings.Repeat("я", 1025)}, "Bad Request: message caption is too long"},
		{"sendVoice", fields{"chat_id": group.ID(), "voice": voice, "caption": strings.Repeat("я", 1024)}, ""},
		{"sendDocument", fields{"chat_id": group.ID(), "document": "nonsense"}, "Bad Request: wrong file identifier/HTTP URL specified"},
		{"sendDocument", fields{"chat_id": group.ID(), "document": doc, "parse_mode": "HTML", "caption": "<i>x"}, `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "i"`},
		{"sendLocation", fields{"chat_id": group.ID(), "latitude": 55.4, "longitude": 65.3}, ""},
		{"sendContact", fields{"chat_id": group.ID(), "phone_number": "+73522428001", "first_name": "УИТ"}, ""},
		{"sendChatAction", fields{"chat_id": anna.ChatID(), "action": "typing"}, ""},
		{"sendChatAction", fields{"chat_id": anna.ChatID(), "action": "dancing"}, "Bad Request: wrong parameter action in request"},
		{"copyMessage", fields{"chat_id": group.ID(), "from_chat_id": anna.ChatID(), "message_id": photoID}, ""},
		{"copyMessage", fields{"chat_id": group.ID(), "from_chat_id": anna.ChatID(), "message_id": 1}, "Bad Request: message to copy not found"},
		{"forwardMessage", fields{"chat_id": group.ID(), "from_chat_id": anna.ChatID(), "message_id": photoID}, ""},
		{"editMessageCaption", fields{"chat_id": anna.ChatID(), "message_id": own, "caption": "y"}, ""},
		{"editMessageMedia", fields{"chat_id": anna.ChatID(), "message_id": own, "media": item("document", doc)}, ""},
		{"editMessageText", fields{"chat_id": anna.ChatID(), "message_id": own, "text": "z"}, "Bad Request: there is no text in the message to edit"},
		{"pinChatMessage", fields{"chat_id": anna.ChatID(), "message_id": own}, ""},
		{"unpinChatMessage", fields{"chat_id": anna.ChatID()}, ""},
		{"deleteMessages", fields{"chat_id": anna.ChatID(), "message_ids": []int{own, 1}}, ""},
		{"setMyCommands", commands("my", "Мои обращения"), ""},
		{"setMyCommands", commands("My", "Мои обращения"), "Bad Request: BOT_COMMAND_INVALID"},
		{"setMyCommands", commands("my", ""), "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"},
		{"getMyCommands", nil, ""},
		{"deleteMyCommands", nil, ""},
		{"setMyDescription", fields{"description": strings.Repeat("я", 513)}, "Bad Request: description is too long"},
		{"setMyShortDescription", fields{"short_description": "Приём обращений"}, ""},
		{"getMyName", nil, ""},
		{"setChatMenuButton", fields{"menu_button": fields{"type": "commands"}}, ""},
		{"getFile", fields{"file_id": photo}, ""},
		{"getFile", fields{"file_id": "nonsense"}, "Bad Request: invalid file_id"},
		{"answerCallbackQuery", fields{"callback_query_id": "1"}, "Bad Request: query is too old and response timeout expired or query ID is invalid"},
		{"getChatMember", fields{"chat_id": group.ID(), "user_id": ivan.Person().ID()}, ""},
		{"getChatMember", fields{"chat_id": group.ID(), "user_id": 5}, "Bad Request: PARTICIPANT_ID_INVALID"},
		{"getChatAdministrators", fields{"chat_id": group.ID()}, ""},
		{"getChatMemberCount", fields{"chat_id": group.ID()}, ""},
		{"setWebhook", fields{"url": "ftp://x"}, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
		{"leaveChat", fields{"chat_id": group.ID()}, ""},
		{"sendMessage", fields{"chat_id": group.ID(), "text": "x"}, "Forbidden: bot is not a member of the supergroup chat"},
		{"banChatMember", nil, "Not Found: method not found"},
	} {
		if got := do(t, tg, test.method, test.in); got.Description != test.want {
			t.Errorf("%s %.150v: %q, want %q", test.method, test.in, got.Description, test.want)
		}
	}
	if n := tg.Counters().Calls["sendMediaGroup"]; n != 5 {
		t.Errorf("%d calls counted", n)
	}
}
