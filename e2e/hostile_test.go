package e2e

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"

	"intakebot/e2e/harness"
	"intakebot/incident"
)

// injection writes updates as nobody at Telegram would.
type injection struct {
	h    *harness.Harness
	next int // message ids above all others
}

// message is an update with a message of a person in her own chat, or in the
// group when inGroup; more are its fields as JSON.
func (in *injection) message(c *harness.Clerk, more string) string {
	return in.in(fmt.Sprintf(`{"id":%s,"type":"private"}`, id(c)), id(c), more)
}

func (in *injection) inGroup(more string) string {
	return in.in(fmt.Sprintf(`{"id":%d,"type":"supergroup","title":"Г"}`, in.h.Group.ID()), fmt.Sprint(in.h.Engineer.Person().ID()), more)
}

func (in *injection) in(chat, from, more string) string {
	in.next++
	return fmt.Sprintf(`{"message":{"message_id":%d,"date":1795424700,"chat":%s,"from":{"id":%s,"is_bot":false,"first_name":"А"},%s}}`,
		9_000_000+in.next, chat, from, more)
}

// newer is a value of a kind that no library knows yet.
const newer = `{"type":"newer than us","status":"newer","source":"newer","from":17}`

// jsonNames are the fields of a type of the Bot API.
func jsonNames(of any) []string {
	var names []string
	for field := range reflect.TypeOf(of).Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// attendants are the fields of a message that come along with its content.
var attendants = []string{
	"message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count", "sender_business_bot",
	"date", "business_connection_id", "chat", "forward_origin", "is_topic_message", "is_automatic_forward", "reply_to_message",
	"external_reply", "quote", "reply_to_store", "reply_to_story", "reply_to_poll_option_id", "sender_tag", "receiver_user",
	"ephemeral_message_id", "guest_bot_caller_user", "guest_bot_caller_chat", "guest_query_id", "reply_to_checklist_task_id", "via_bot", "edit_date", "has_protected_content",
	"is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "text", "entities",
	"link_preview_options", "suggested_post_info", "effect_id", "caption", "caption_entities", "show_caption_above_media",
	"has_media_spoiler", "reply_markup",
}

// contents are what a person can send, with a value where the bot reads it.
var contents = map[string]string{
	"photo": `[{"file_id":"f","file_unique_id":"u","width":1,"height":1}]`, "document": `{"file_id":"f","file_name":"../a\r\n\u0000.exe"}`,
	"animation": `{"file_id":"f"}`, "audio": `{"file_id":"f"}`, "video": `{"file_id":"f"}`, "video_note": `{"file_id":"f"}`, "voice": `{"file_id":"f"}`,
	"contact": `{"phone_number":"<+7>","first_name":""}`,
	"sticker": newer, "story": newer, "paid_media": newer, "checklist": newer, "dice": newer, "game": newer, "poll": newer,
	"live_photo": newer, "rich_message": newer, "venue": newer, "location": newer, "invoice": newer, "giveaway": newer, "hologram_of_2031": newer, "text": `""`,
}

// TestEveryKindOfMessage: at a question, whatever a person can send gets one
// plain sentence and the question again, service messages get silence; nothing
// is set aside, neither a value nor a field newer than the library.
func TestEveryKindOfMessage(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	in := &injection{h: h}
	anna := h.Clerk()
	anna.Reaches("ФИО")
	kinds := jsonNames(models.Message{})
	for name := range contents {
		if !slices.Contains(kinds, name) {
			kinds = append(kinds, name)
		}
	}
	for _, name := range kinds {
		value, sent := contents[name]
		switch {
		case sent:
			anna.Mark()
			h.Telegram.Inject(in.message(anna, fmt.Sprintf(`%q:%s`, name, value)))
			anna.AwaitText("ФИО", "шаг ", "⚠️ ")
		case slices.Contains(attendants, name):
			if slices.Contains([]string{"chat", "from", "message_id", "date", "sender_chat"}, name) {
				continue // without these it is another message
			}
			anna.Mark()
			h.Telegram.Inject(in.message(anna, fmt.Sprintf(`%q:%s,"text":"Одно"`, name, odd(name))))
			anna.AwaitText("ФИО", "шаг ", "фамилия и имя")
		default:
			before := len(anna.Bots())
			h.Telegram.Inject(in.message(anna, fmt.Sprintf(`%q:%s`, name, oddService(name))))
			anna.Ask("Одно", "ФИО", "фамилия и имя")
			if said := len(anna.Bots()) - before; said != 1 {
				t.Errorf("%s: %d messages, not the next question alone:\n%s", name, said, anna.Screen())
			}
		}
	}
	h.NothingAside()
	anna.AnswersFrom("ФИО")
	h.Card(anna.Registers())
}

// odd is a value for a field that comes along, as wrong as its type allows.
func odd(name string) string {
	switch {
	case slices.Contains([]string{"message_thread_id", "edit_date"}, name):
		return "-5"
	case slices.Contains([]string{"is_topic_message"}, name):
		return "true"
	case slices.Contains([]string{"media_group_id", "caption"}, name):
		return `"\ud800<b>"`
	case name == "reply_to_message":
		return `{"message_id":1,"date":0,"chat":{"id":1,"type":"private"},"forward_origin":` + newer + `,"paid_media":{"paid_media":[` + newer + `]},"reply_to_message":17}`
	}
	return newer
}

// oddService is the value of a service message.
func oddService(name string) string {
	if strings.HasPrefix(name, "migrate_") {
		return "-1009999999999"
	}
	return newer
}

// TestEveryKindOfUpdate: kinds that the bot did not ask for do nothing, in a
// person's chat, the group or a channel; so do messages of nobody, of bots and
// in the name of channels.
func TestEveryKindOfUpdate(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	in := &injection{h: h}
	anna := h.Clerk()
	anna.Reaches("ФИО")
	group := len(h.Engineer.Messages())
	before := len(anna.Bots())
	for _, name := range append(jsonNames(models.Update{}), "hologram_of_2031") {
		if slices.Contains([]string{"update_id", "message", "edited_message", "callback_query"}, name) {
			continue
		}
		for _, chat := range []string{`{"id":` + id(anna) + `,"type":"private"}`, fmt.Sprintf(`{"id":%d,"type":"supergroup"}`, h.Group.ID()), `{"id":-100777,"type":"channel"}`} {
			h.Telegram.Inject(fmt.Sprintf(`{%q:{"id":"1","message_id":5,"date":-1,"chat":%s,"from":{"id":%s,"is_bot":false,"first_name":"А"},"user_chat_id":%s,"query":"x","offset":"",
				"text":"/start","poll_id":"1","option_ids":[],"old_chat_member":%s,"new_chat_member":%s,"business_connection_id":"b","old_reaction":[%s],"new_reaction":[%s]}}`,
				name, chat, id(anna), id(anna), newer, newer, newer, newer))
		}
	}
	for _, odd := range []string{
		`{"message":{"message_id":5,"date":1,"chat":{"id":` + id(anna) + `,"type":"private"},"from":{"id":5,"is_bot":true,"first_name":"Б"},"text":"/start"}}`,
		`{"message":{"message_id":5,"date":1,"chat":{"id":-100777,"type":"channel"},"sender_chat":{"id":-100777,"type":"channel"},"text":"/start"}}`,
		`{"message":{"message_id":5,"date":1,"chat":{"id":9007199254740993,"type":"newer than us"},"from":{"id":1,"is_bot":false,"first_name":""},"text":"/start"}}`,
		in.inGroup(`"sender_chat":{"id":-100777,"type":"channel","title":"К"},"text":"Разговор от имени канала"`),
		in.inGroup(`"is_automatic_forward":true,"text":"/unknown"`),
		in.inGroup(`"text":"Разговор","entities":17,"forward_origin":` + newer),
		fmt.Sprintf(`{"message":{"message_id":6,"date":1,"chat":{"id":%d,"type":"supergroup"},"text":"Ничья речь"}}`, h.Group.ID()),
		fmt.Sprintf(`{"edited_message":{"message_id":6,"date":1,"chat":{"id":%d,"type":"supergroup"},"text":"Ничья речь"}}`, h.Group.ID()),
	} {
		h.Telegram.Inject(odd)
	}
	for name := range contents {
		h.Telegram.Inject(in.inGroup(fmt.Sprintf(`%q:%s`, name, contents[name])))
	}
	anna.Ask(harness.Usual[1].Answer, "Телефон")
	if said := len(anna.Bots()) - before; said != 1 {
		t.Errorf("%d messages, not the next question alone:\n%s", said, anna.Screen())
	}
	anna.AnswersFrom("Телефон")
	h.Card(anna.Registers())
	h.Engineer.Ask("/open", "Открытые обращения: 1")
	if said := len(h.Engineer.Messages()) - group; said != 3 { // the card, the command and its answer
		t.Errorf("%d messages in the group:\n%s", said, h.Engineer.Screen())
	}
	h.NothingAside()
}

// TestPressesOfAnyKind: a press under a message too old to be shown, in the name
// of nobody or with data of any kind is answered and does nothing.
func TestPressesOfAnyKind(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, func(h *harness.Harness) { h.Refusals = true }) // Telegram knows nothing of these presses
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	anna.Settled()
	for k, data := range []string{``, `"data":"reg:\u0000\ud800"`, `"data":"` + strings.Repeat("x", 70000) + `"`, `"game_short_name":"g"`, `"data":"st:` + strings.Repeat("0", 4000) + `"`,
		`"data":"take:` + string(n) + `"`, `"data":"open:-9223372036854775808"`, `"data":"open:99999999999999999999"`, `"data":"resolve:` + string(n) + `"`} {
		for _, message := range []string{`"inline_message_id":"i"`, `"message":{"message_id":1,"date":0,"chat":{"id":` + id(anna) + `,"type":"private"}}`,
			`"message":{"message_id":1,"date":-1,"chat":{"id":` + id(anna) + `,"type":"private"},"forward_origin":` + newer + `}`, `"message":null`,
			`"message":{"message_id":1,"date":1,"chat":{"id":-100777,"type":"channel"}}`} {
			h.Telegram.Inject(fmt.Sprintf(`{"callback_query":{"id":"%d","from":{"id":%s,"is_bot":false,"first_name":"А"},"chat_instance":"c",%s%s}}`,
				k, id(anna), message, strings.TrimSuffix(","+data, ",")))
		}
	}
	anna.Settled()
	if i := h.Filed(1)[0]; i.Version != 1 || i.Status != incident.Registered {
		t.Errorf("the incident changed: %+v", i)
	}
	h.NothingAside()
}

// TestMoreThanABatch: what waits of one chat is worked on to the last, however
// much came while Telegram was away and though nothing comes after it.
func TestMoreThanABatch(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	anna.Reaches("Описание")
	h.Telegram.SetDown(true)
	const parts = 100
	for k := range parts {
		anna.Send(fmt.Sprintf("Часть %d длинного текста.", k+1))
	}
	h.Telegram.SetDown(false)
	anna.AwaitText(harness.SummaryHead)
	h.NothingAside()
	anna.Press("Зарегистрировать")
	n := anna.ReadsNumber()
	if i := h.Filed(1)[0]; i.Number != n || strings.Count(i.Description(), "Часть") != parts {
		t.Errorf("the description holds %d parts of %d", strings.Count(i.Description(), "Часть"), parts)
	}
}

// TestWebhookBodies: with the right secret, a body that is no update is refused
// as such, and one of any other kind is taken and does no harm.
func TestWebhookBodies(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook, harness.Troubled)
	anna := h.Clerk()
	anna.Begins()
	defer http.DefaultClient.CloseIdleConnections()
	for body, want := range map[string]int{
		"": 400, "nonsense": 400, "[]": 400, "{}": 400, "null": 400, `{"update_id":"1"}`: 400, `{"update_id":0}`: 400, `{"update_id":1e99}`: 400,
		`{"update_id":77,"message":` + strings.Repeat("[", 300000) + "}": 400, strings.Repeat(" ", 2<<20): 400,
		`{"update_id":-9223372036854775808}`: 200, `{"update_id":9223372036854775807,"message":null}`: 200,
		`{"update_id":78,"message":{"chat":{"id":9223372036854775807,"type":"private"},"date":-1,"text":"\u0000"}}`: 200,
		"{\"update_id\":79,\"message\":{\"chat\":{\"id\":-5,\"type\":\"group\"},\"text\":\"\xff\xfe\"}}":            200,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.Env["WEBHOOK_URL"], strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.Env["WEBHOOK_SECRET"])
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%.80q is answered %s, want %d", body, resp.Status, want)
		}
	}
	anna.AnswersFrom("Организация")
	h.Card(anna.Registers())
	h.NothingAside()
}
