package telegram

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/conversation"
	"intakebot/incident"
)

// sent decodes a message of Anna's with these fields.
func sent(t *testing.T, kind, fields string) Update {
	t.Helper()
	u, err := Decode(fmt.Appendf(nil, `{"update_id":5,%q:{"message_id":3,"date":1,"chat":{"id":7,"type":"private"},
		"from":{"id":7,"first_name":"Анна"},%s}}`, kind, fields))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestWords: whatever can be read of a message is in the event, in words.
func TestWords(t *testing.T) {
	photo := incident.Attachment{Kind: incident.Photo, FileID: "f"}
	for fields, want := range map[string]conversation.Event{
		// Offsets are counted in UTF-16 units: the emoji are two each.
		`"text":"🔌🔌 портал не открывается","entities":[{"type":"bold","offset":0,"length":4},{"type":"text_link","offset":5,"length":6,"url":"https://gosuslugi.ru/x"}]`: conversation.Text{MessageID: 3, Text: "🔌🔌 портал (https://gosuslugi.ru/x) не открывается"},
		`"text":"gosuslugi.ru","entities":[{"type":"text_link","offset":0,"length":12,"url":"http://gosuslugi.ru/"}]`:                                                    conversation.Text{MessageID: 3, Text: "gosuslugi.ru"},
		`"text":"ой","entities":[{"type":"text_link","offset":1,"length":9,"url":"http://x"},{"type":"text_link","offset":-4,"length":2,"url":"http://x"}]`:              conversation.Text{MessageID: 3, Text: "ой"},
		`"caption":"тут","caption_entities":[{"type":"text_link","offset":0,"length":3,"url":"https://a.b"}],"photo":[{"file_id":"f"}]`:                                  conversation.Media{MessageID: 3, Caption: "тут (https://a.b)", Attachment: photo},

		`"text":"214","quote":{"text":"Какой кабинет?","position":9,"is_manual":true}`: conversation.Text{MessageID: 3, Text: "214", Quote: "Какой кабинет?"},
		`"text":"что делать?","external_reply":{"origin":{"type":"channel","chat":{"id":-1,"type":"channel","title":"УИТ"},"author_signature":"Пётр"}},"quote":{"text":"Работы до 18:00"}`: conversation.Text{
			MessageID: 3, Text: "что делать?", Quote: "УИТ (Пётр):\nРаботы до 18:00"},
		`"text":"вот такая","external_reply":{"origin":{"type":"hidden_user","sender_user_name":"Мастер"},"photo":[{"file_id":"e"},{"file_id":"f"}]}`: conversation.Media{
			MessageID: 3, Caption: "вот такая", Quote: "Мастер:", Attachment: photo},

		`"text":"Нет связи","forward_origin":{"type":"user","sender_user":{"id":8,"first_name":"Пётр","last_name":"Ильин"}}`:           conversation.Text{MessageID: 3, Text: "Нет связи", ForwardedFrom: "Пётр Ильин"},
		`"text":"Нет связи","forward_origin":{"type":"user","sender_user":{"id":7,"first_name":"Анна"}}`:                               conversation.Text{MessageID: 3, Text: "Нет связи"},
		`"text":"Нет связи","forward_origin":{"type":"chat","sender_chat":{"id":-2,"title":"Бухгалтерия"},"author_signature":"Ольга"}`: conversation.Text{MessageID: 3, Text: "Нет связи", ForwardedFrom: "Бухгалтерия (Ольга)"},
		`"photo":[{"file_id":"f"}],"forward_origin":{"type":"hidden_user","sender_user_name":"Мастер"}`:                                conversation.Media{MessageID: 3, Attachment: photo, ForwardedFrom: "Мастер"},
		`"text":"/cancel","forward_origin":{"type":"hidden_user","sender_user_name":"Мастер"}`:                                         conversation.Text{MessageID: 3, Text: "/cancel", ForwardedFrom: "Мастер"},
		`"text":"/cancel","forward_origin":{"type":"user","sender_user":{"id":7,"first_name":"Анна"}}`:                                 conversation.Command{Name: "cancel", MessageID: 3},
		`"contact":{"phone_number":"79125550000","first_name":"Пётр","last_name":"Ильин"}`:                                             conversation.Contact{MessageID: 3, Phone: "79125550000", Name: "Пётр Ильин"},
		`"sticker":{},"quote":{"text":"Какой кабинет?"}`:                                                                               conversation.Unsupported{},
		`"rich_message":{"blocks":"новое"}`: conversation.Unsupported{},
		`"rich_message":{"blocks":[{"type":"paragraph","text":["Нет ",{"type":"bold","text":"связи"}]}]},"quote":{"text":"Что случилось?"}`: conversation.Text{MessageID: 3, Text: "Нет связи", Quote: "Что случилось?"},
		`"rich_message":{"blocks":[{"type":"paragraph","text":"Вот"},{"type":"collage","blocks":[{"type":"photo","photo":[{"file_id":"e"},{"file_id":"f"}]},{"type":"document","document":{"file_id":"d"}}]}]}`: conversation.Media{
			MessageID: 3, Caption: "Вот\n(фото)\n(документ)", Attachment: photo},
		`"rich_message":{"blocks":[{"type":"paragraph","text":"/cancel"}]}`: conversation.Text{MessageID: 3, Text: "/cancel"},
	} {
		if diff := cmp.Diff(want, sent(t, "message", fields).Event); diff != "" {
			t.Errorf("%s:\n%s", fields, diff)
		}
	}
}

// TestEditedWords: an edit says what a message says.
func TestEditedWords(t *testing.T) {
	for fields, want := range map[string]conversation.Edited{
		`"edit_date":9,"text":"тут","entities":[{"type":"text_link","offset":0,"length":3,"url":"https://a.b"}],"quote":{"text":"Где?"}`: {MessageID: 3, At: 9, Text: "тут (https://a.b)", Quote: "Где?"},
		`"edit_date":9,"rich_message":{"blocks":[{"type":"heading","text":"Нет связи"}]}`:                                                {MessageID: 3, At: 9, Text: "Нет связи"},
		`"edit_date":9,"photo":[{"file_id":"f"}],"forward_origin":{"type":"hidden_user","sender_user_name":"Мастер"}`:                    {MessageID: 3, At: 9, ForwardedFrom: "Мастер", Attachment: &incident.Attachment{Kind: incident.Photo, FileID: "f"}},
	} {
		if diff := cmp.Diff(conversation.Event(want), sent(t, "edited_message", fields).Event); diff != "" {
			t.Errorf("%s:\n%s", fields, diff)
		}
	}
}

// TestRichWords: of each kind of block, and of kinds that nobody knows yet.
func TestRichWords(t *testing.T) {
	for blocks, want := range map[string]string{
		`{"type":"heading","size":2,"text":"Сбой"},{"type":"divider"},{"type":"paragraph","text":["с ",{"type":"date_time","text":"9:00","unix_time":1},", ",{"type":"italic","text":{"type":"code","text":"0x5"}}]}`:                                                        "Сбой\nс 9:00, 0x5",
		`{"type":"paragraph","text":["см. ",{"type":"url","text":["порт",{"type":"bold","text":"ал"}],"url":"https://a.b/c"},{"type":"custom_emoji","custom_emoji_id":"1","alternative_text":"🙂"},{"type":"anchor","name":"x"}]}`:                                            "см. портал (https://a.b/c)🙂",
		`{"type":"list","items":[{"label":"1.","blocks":[{"type":"paragraph","text":"питание"}]},{"label":"2.","has_checkbox":true,"blocks":[{"type":"paragraph","text":"сеть"},{"type":"list","items":[{"label":"•","blocks":[{"type":"paragraph","text":"порт 3"}]}]}]}]}`: "1. питание\n2. ☐ сеть\n• порт 3",
		`{"type":"table","caption":"Узлы","cells":[[{"text":"узел"},{"text":"связь"}],[{"text":{"type":"bold","text":"К-1"}},{}]]}`:                                                                                                                                          "Узлы\nузел | связь\nК-1 |",
		`{"type":"blockquote","blocks":[{"type":"paragraph","text":"раз\nдва"},{"type":"pre","text":"три"}],"credit":"Мастер"}`:                                                                                                                                              "> раз\n> два\n> три\nМастер",
		`{"type":"pullquote","text":"раз"},{"type":"expandable_blockquote","text":"два"},{"type":"footer","text":"три"}`:                                                                                                                                                     "> раз\n> два\nтри",
		`{"type":"details","summary":"Журнал","blocks":[{"type":"pre","text":"error 5"}]}`:                                                                                                                                                                                   "Журнал\nerror 5",
		`{"type":"photo","photo":[{"file_id":"f"}],"caption":{"text":"индикаторы","credit":"Анна"}},{"type":"map","location":{"latitude":55.4,"longitude":65.3}}`:                                                                                                            "(фото)\nиндикаторы\nАнна\n(место на карте: 55.4, 65.3)",
		`{"type":"collage","blocks":[{"type":"photo"},{"type":"video"}],"caption":{"text":"стойка"}}`:                                                                                                                                                                        "(фото)\n(видео)\nстойка",
		`{"type":"mathematical_expression","expression":"x^2"},{"type":"buttons","buttons":[{"text":"Портал","url":"https://a.b"},{"text":"Да"}]}`:                                                                                                                           "x^2\nПортал (https://a.b) Да",
		`{"type":"of 2031","text":"слова","blocks":[{"type":"newer","text":[["внутри"]]}]},7,null,{"type":9,"text":{"text":{"text":"глубже"}}}`:                                                                                                                              "слова\nвнутри\nглубже",
	} {
		if got := richWords([]byte(`{"blocks":[` + blocks + `]}`)); got != want {
			t.Errorf("%s:\n%q\n%q", blocks, got, want)
		}
	}
}

// TestServices: what happened in nobody's words says nothing, of Bot API 10.3
// too; a kind that is not known gets an answer.
func TestServices(t *testing.T) {
	for fields, want := range map[string]conversation.Event{
		`"poll_option_added":{"option_text":"ещё"}`: nil, `"poll_option_deleted":{}`: nil, `"community_chat_added":{}`: nil,
		`"community_chat_removed":{}`: nil, `"community_chat_joined":{}`: nil, `"managed_bot_created":{"bot":{}}`: nil, `"pinned_message":{"message_id":1}`: nil,
		`"checklist":{"title":"Дела"}`: conversation.Unsupported{}, `"paid_media":{}`: conversation.Unsupported{}, `"hologram":{}`: conversation.Unsupported{},
	} {
		if diff := cmp.Diff(want, sent(t, "message", fields).Event); diff != "" {
			t.Errorf("%s:\n%s", fields, diff)
		}
	}
}
