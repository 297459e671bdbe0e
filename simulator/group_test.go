package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"intakebot/simulator"
)

func decodeTime(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestPrivacyMode(t *testing.T) {
	tg := start(t, simulator.Options{PrivacyMode: true})
	group := tg.Group("Техподдержка")
	ivan := group.Staff("Иван", "Петров")
	card := send(t, tg, group.ID(), "26-00001-1", nil)
	ivan.Send("просто разговор")
	ivan.Send("/open@other_bot")
	ivan.Send("скажем /open")
	ivan.Send("/open")
	ivan.Command("take@"+tg.BotUsername(), "26-00001-1")
	ivan.Reply(card, "готово")
	group.Rename(ivan.Person(), "Поддержка")
	var texts []string
	for _, u := range updates(t, tg, 0) {
		texts = append(texts, u.Message.Text)
	}
	if len(texts) != 4 || texts[0] != "/open" || texts[2] != "готово" || texts[3] != "" {
		t.Errorf("%q", texts)
	}
	tg.SetPrivacyMode(false)
	ivan.Send("просто разговор")
	if got := updates(t, tg, 0); len(got) != 5 {
		t.Errorf("%+v", got)
	}
}

func TestForum(t *testing.T) {
	tg := start(t, simulator.Options{})
	group := tg.Group("Форум", simulator.Forum())
	ivan := group.Staff("Иван", "")
	topic := group.Topic(ivan.Person(), "Заявки")
	drain(t, tg)
	inTopic := ivan.In(topic)
	first := inTopic.Send("в теме")
	inTopic.Reply(first, "ответ")
	ivan.Send("в общей")
	got := updates(t, tg, 0)
	if m := got[0].Message; m.Thread != topic || !m.IsTopic || m.ReplyTo.ID != topic {
		t.Errorf("%+v", m)
	}
	if m := got[1].Message; m.Thread != topic || m.ReplyTo.ID != first {
		t.Errorf("%+v", m)
	}
	if m := got[2].Message; m.Thread != 0 || m.ReplyTo != nil {
		t.Errorf("%+v", m)
	}
	id := send(t, tg, group.ID(), "карточка", fields{"message_thread_id": topic})
	if m, _ := ivan.Message(id); m.Thread != topic || m.ReplyTo != 0 {
		t.Errorf("%+v", m)
	}
	if got := do(t, tg, "sendMessage", fields{"chat_id": group.ID(), "text": "x", "message_thread_id": first}); got.OK {
		t.Error("a thread that is no topic was accepted")
	}
}

func TestAnonymousAdministrator(t *testing.T) {
	tg := start(t, simulator.Options{})
	group := tg.Group("Техподдержка")
	group.Staff("Иван", "").Anonymous().Send("/open")
	m := updates(t, tg, 0)[0].Message
	if m.From.ID != 1087968824 || m.Sender.ID != group.ID() {
		t.Errorf("%+v", m)
	}
}

func TestMigration(t *testing.T) {
	tg := start(t, simulator.Options{})
	group := tg.Group("Техподдержка", simulator.Basic())
	ivan := group.Staff("Иван", "")
	old := group.ID()
	card := send(t, tg, old, "карточка", fields{"reply_markup": inline})
	now := group.Migrate(ivan.Person())
	got := updates(t, tg, 0)
	if got[0].Message.MigrateTo != now || got[0].Message.Chat.ID != old || got[1].Message.MigrateFrom != old || got[1].Message.Chat.ID != now {
		t.Errorf("%+v", got)
	}
	refused := do(t, tg, "sendMessage", fields{"chat_id": old, "text": "x"})
	if refused.Description != "Bad Request: group chat was upgraded to a supergroup chat" || refused.Parameters.MigrateTo != now {
		t.Errorf("%+v", refused)
	}
	if got := do(t, tg, "editMessageText", fields{"chat_id": now, "message_id": card, "text": "y"}); got.Description != "Bad Request: message to edit not found" && got.Description != "Bad Request: message can't be edited" {
		t.Errorf("an old message id means something: %+v", got)
	}
	send(t, tg, now, "новая карточка", nil)
	if ivan.ChatID() != now || ivan.Last().Text != "новая карточка" {
		t.Errorf("Ivan stayed behind:\n%s", ivan.Screen())
	}
}

func TestGroupRights(t *testing.T) {
	tg := start(t, simulator.Options{})
	group := tg.Group("Техподдержка")
	ivan := group.Staff("Иван", "")
	mine := ivan.Send("сообщение")
	call := func(method string, in fields) string {
		t.Helper()
		in["chat_id"], in["message_id"] = group.ID(), mine
		return do(t, tg, method, in).Description
	}
	check := []fields{{"type": "emoji", "emoji": "✅"}}
	ok := []fields{{"type": "emoji", "emoji": "👌"}}
	for _, step := range []struct{ got, want string }{
		{call("pinChatMessage", fields{}), "Bad Request: not enough rights to manage pinned messages in the chat"},
		{call("deleteMessage", fields{}), "Bad Request: message can't be deleted"},
		{call("setMessageReaction", fields{"reaction": check}), "Bad Request: REACTION_INVALID"},
		{call("setMessageReaction", fields{"reaction": ok}), ""},
	} {
		if step.got != step.want {
			t.Errorf("%q, want %q", step.got, step.want)
		}
	}
	group.SetReactions(false)
	if got := call("setMessageReaction", fields{"reaction": ok}); got != "Bad Request: REACTION_INVALID" {
		t.Error(got)
	}
	group.PromoteBot(ivan.Person())
	if got := call("pinChatMessage", fields{}); got != "" {
		t.Error(got)
	}
	group.KickBot(ivan.Person())
	if got := call("editMessageText", fields{"text": "x"}); got != "Forbidden: bot was kicked from the supergroup chat" {
		t.Error(got)
	}
}

// TestSelectiveForceReply: it is for those whom the text mentions.
func TestSelectiveForceReply(t *testing.T) {
	tg := start(t, simulator.Options{PrivacyMode: true})
	group := tg.Group("Группа")
	olga, igor := group.Staff("Ольга", ""), group.Staff("Игорь", "")
	text := fmt.Sprintf(`<a href="tg://user?id=%d">Ольга</a>, ответьте`, olga.Person().ID())
	id := send(t, tg, group.ID(), text, fields{"parse_mode": "HTML", "reply_markup": fields{"force_reply": true, "selective": true}})
	igor.Send("обед") // unheard
	olga.Send("ответ")
	got := updates(t, tg, 0)
	if len(got) != 1 || got[0].Message.ReplyTo == nil || got[0].Message.ReplyTo.ID != id {
		t.Errorf("%+v", got)
	}
}
