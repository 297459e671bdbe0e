package simulator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
)

// TestRefusals: every answer of the table can be had, and says what it should.
func TestRefusals(t *testing.T) {
	tg := start(t, simulator.Options{})
	for _, r := range simulator.Refusals {
		clearFault := tg.Fault(simulator.Fault{Kind: simulator.Refused, Refusal: r})
		for _, method := range []string{"getMe", "setMyCommands", "deleteWebhook"} {
			got := do(t, tg, method, map[string]fields{"setMyCommands": {"commands": []any{}}}[method])
			if got.Code != r.Code || got.Description != r.Description || got.Parameters.RetryAfter != r.RetryAfter || got.Parameters.MigrateTo != r.MigrateTo {
				t.Errorf("%+v: %+v", r, got)
			}
		}
		clearFault()
	}
}

// TestStates: what a group, a topic, a person or the bot's account answers in
// its state, and that it takes messages again afterwards.
func TestStates(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	group := tg.Group("Техподдержка", simulator.Forum())
	ivan := group.Staff("Иван", "")
	topic := group.Topic(ivan.Person(), "Заявки")
	gone := group.Topic(ivan.Person(), "Старые")
	voice, _ := anna.Message(anna.SendVoice(simulator.File{Data: []byte("Ogg")}, ""))
	photo, _ := anna.Message(anna.SendPhoto(simulator.File{Data: []byte("снимок")}, ""))
	say := func(more fields) func() reply {
		return func() reply {
			in := fields{"chat_id": group.ID(), "text": "x"}
			for k, v := range more {
				in[k] = v
			}
			return do(t, tg, "sendMessage", in)
		}
	}
	file := func(method, name, id string) func() reply {
		return func() reply { return do(t, tg, method, fields{"chat_id": group.ID(), name: id}) }
	}
	all := func(r simulator.Refusal) func(bool) {
		return func(on bool) {
			if !on {
				r = simulator.Refusal{}
			}
			group.Refuse(r)
		}
	}
	forbid := func(kind string) func(bool) {
		return func(on bool) { group.Forbid(map[bool][]string{true: {kind}}[on]...) }
	}
	for _, test := range []struct {
		name string
		set  func(on bool)
		call func() reply
		want string
	}{
		{"restricted", all(simulator.ChatRestricted), say(nil), "Bad Request: CHAT_RESTRICTED"},
		{"no access", all(simulator.NoWriteAccess), say(nil), "Bad Request: have no write access to the chat"},
		{"flood", all(simulator.FloodFor(7)), say(nil), "Too Many Requests: retry after 7"},
		{"muted", group.Mute, say(nil), "Bad Request: not enough rights to send text messages to the chat"},
		{"no texts", forbid("text"), say(nil), "Bad Request: not enough rights to send text messages to the chat"},
		{"no photos", forbid("photo"), file("sendPhoto", "photo", photo.Attachment.FileID), "Bad Request: not enough rights to send photos to the chat"},
		{"no voice", forbid("voice"), file("sendVoice", "voice", voice.Attachment.FileID), "Bad Request: not enough rights to send voice notes to the chat"},
		{"frozen", tg.SetFrozen, say(nil), "Bad Request: FROZEN_METHOD_INVALID"},
		{"closed topic", func(on bool) {
			if on {
				group.CloseTopic(topic)
			} else {
				group.PromoteBot(ivan.Person())
			}
		}, say(fields{"message_thread_id": topic}), "Bad Request: TOPIC_CLOSED"},
	} {
		test.set(true)
		if got := test.call(); got.Description != test.want {
			t.Errorf("%s: %q, want %q", test.name, got.Description, test.want)
		}
		test.set(false)
		if got := test.call(); !got.OK {
			t.Errorf("%s is over: %q", test.name, got.Description)
		}
	}
	group.DeleteTopic(gone)
	for _, thread := range []int{gone, 1} { // 1 is the general topic, which has no thread
		if got := say(fields{"message_thread_id": thread})(); got.Description != "Bad Request: message thread not found" {
			t.Errorf("thread %d: %q", thread, got.Description)
		}
	}
	anna.Person().Deactivate()
	if got := do(t, tg, "sendMessage", fields{"chat_id": anna.ChatID(), "text": "x"}); got.Description != "Forbidden: user is deactivated" {
		t.Error(got.Description)
	}
}

// TestVanish: another bot deletes what was sent, and the server says so.
func TestVanish(t *testing.T) {
	tg := start(t, simulator.Options{})
	group := tg.Group("Техподдержка")
	ivan := group.Staff("Иван", "")
	tg.Fault(simulator.Fault{Kind: simulator.Vanish, Methods: []string{"sendMessage"}, Times: 1})
	got := do(t, tg, "sendMessage", fields{"chat_id": group.ID(), "text": "x"})
	if got.Code != 500 || got.Description != "Internal Server Error: sent message was immediately deleted and can't be returned" {
		t.Errorf("%+v", got)
	}
	if len(ivan.Messages()) != 0 || tg.Sent(group.ID()) != 1 {
		t.Errorf("%d sent, %d there", tg.Sent(group.ID()), len(ivan.Messages()))
	}
}

// TestNoWait: a server that ignores the timeout of getUpdates.
func TestNoWait(t *testing.T) {
	tg := start(t, simulator.Options{})
	tg.Fault(simulator.Fault{Kind: simulator.NoWait, Methods: []string{"getUpdates"}})
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for range 3 {
		if got, err := try(ctx, tg, "getUpdates", fields{"timeout": 50}); err != nil || string(got.Result) != "[]" {
			t.Fatalf("%s, %v", got.Result, err)
		}
	}
}

// TestDeletions: an old message cannot be deleted by anybody, and to delete what
// is deleted is done.
func TestDeletions(t *testing.T) {
	clock := simulator.NewClock(time.Time{})
	tg := start(t, simulator.Options{Now: clock.Now})
	group := tg.Group("Техподдержка", simulator.BotAdministrator())
	ivan := group.Staff("Иван", "")
	mine, his := send(t, tg, group.ID(), "наше", nil), ivan.Send("его")
	for _, step := range []struct {
		id   int
		want string
	}{
		{his, ""}, {his, ""}, {999, "Bad Request: message to delete not found"},
	} {
		if got := do(t, tg, "deleteMessage", fields{"chat_id": group.ID(), "message_id": step.id}); got.Description != step.want {
			t.Errorf("%d: %q", step.id, got.Description)
		}
	}
	if got := do(t, tg, "editMessageText", fields{"chat_id": group.ID(), "message_id": his, "text": "x"}); got.Description != "Bad Request: message to edit not found" {
		t.Error(got.Description)
	}
	clock.Advance(48 * time.Hour)
	if got := do(t, tg, "deleteMessage", fields{"chat_id": group.ID(), "message_id": mine}); got.Description != "Bad Request: message can't be deleted for everyone" {
		t.Error(got.Description)
	}
}

// TestReplyToADeletedMessage is refused, sent without the reply when the call
// allows it, and often so though it does not.
func TestReplyToADeletedMessage(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	old := anna.Send("удалю")
	_ = anna.Delete(old)
	reply := func(lenient bool) string {
		return do(t, tg, "sendMessage", fields{"chat_id": anna.ChatID(), "text": "x",
			"reply_parameters": fields{"message_id": old, "allow_sending_without_reply": lenient}}).Description
	}
	if got := reply(false); got != "Bad Request: message to be replied not found" {
		t.Error(got)
	}
	if got := reply(true); got != "" || anna.Last().ReplyTo != 0 {
		t.Error(got)
	}
	tg.SetLenientReplies(true)
	if got := reply(false); got != "" || anna.Last().ReplyTo != 0 {
		t.Error(got)
	}
}

// TestRawLength: 32 KiB of text are too much, whatever the marks leave of it.
func TestRawLength(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	for n, want := range map[int]string{1000: "", 5000: "Bad Request: text is too long"} {
		in := fields{"chat_id": anna.ChatID(), "text": strings.Repeat("<b>x</b>", n), "parse_mode": "HTML"}
		if got := do(t, tg, "sendMessage", in); got.Description != want {
			t.Errorf("%d: %q", n, got.Description)
		}
	}
}
