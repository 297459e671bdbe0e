package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"intakebot/simulator"
)

// reply is what a call came back with.
type reply struct {
	Status      int
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

type fields = map[string]any

// start serves a Telegram for a test, whose getUpdates does not wait for nothing.
func start(t testing.TB, opt simulator.Options) *simulator.Telegram {
	t.Helper()
	opt.EagerPolls = true
	return serve(t, opt)
}

// serve is start without that.
func serve(t testing.TB, opt simulator.Options) *simulator.Telegram {
	t.Helper()
	tg := simulator.Start(opt)
	t.Cleanup(tg.Close)
	return tg
}

// try makes a call with a JSON body; the error is the transport's.
func try(ctx context.Context, tg *simulator.Telegram, method string, in fields) (reply, error) {
	body, _ := json.Marshal(in)
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, tg.URL()+"/bot"+tg.Token()+"/"+method, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DialContext: tg.DialContext, DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	out := reply{Status: resp.StatusCode}
	return out, json.Unmarshal(text, &out)
}

// do makes a call whose answer must be well-formed.
func do(t testing.TB, tg *simulator.Telegram, method string, in fields) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := try(ctx, tg, method, in)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	if !out.OK && out.Status != out.Code {
		t.Fatalf("%s: status %d, error_code %d", method, out.Status, out.Code)
	}
	return out
}

// must makes a call that must succeed.
func must(t testing.TB, tg *simulator.Telegram, method string, in fields) reply {
	t.Helper()
	out := do(t, tg, method, in)
	if !out.OK {
		t.Fatalf("%s: %s", method, out.Description)
	}
	return out
}

// send sends a text and returns the message's id.
func send(t testing.TB, tg *simulator.Telegram, chat int64, text string, more fields) int {
	t.Helper()
	in := fields{"chat_id": chat, "text": text}
	for k, v := range more {
		in[k] = v
	}
	return decode[struct {
		ID int `json:"message_id"`
	}](t, must(t, tg, "sendMessage", in)).ID
}

func decode[T any](t testing.TB, r reply) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(r.Result, &v); err != nil {
		t.Fatalf("result %s: %v", r.Result, err)
	}
	return v
}

// update is what the tests look at in an update.
type update struct {
	ID      int64    `json:"update_id"`
	Message *message `json:"message"`
	Edited  *message `json:"edited_message"`
	Query   *struct {
		ID      string   `json:"id"`
		Data    string   `json:"data"`
		From    user     `json:"from"`
		Message *message `json:"message"`
	} `json:"callback_query"`
	Membership *struct {
		New struct {
			Status string `json:"status"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

type user struct {
	ID int64 `json:"id"`
}

type message struct {
	ID       int                `json:"message_id"`
	Thread   int                `json:"message_thread_id"`
	IsTopic  bool               `json:"is_topic_message"`
	From     user               `json:"from"`
	Sender   *user              `json:"sender_chat"`
	Chat     user               `json:"chat"`
	Date     int64              `json:"date"`
	Text     string             `json:"text"`
	Caption  string             `json:"caption"`
	Album    string             `json:"media_group_id"`
	Entities []simulator.Entity `json:"entities"`
	ReplyTo  *message           `json:"reply_to_message"`
	Contact  *simulator.Contact `json:"contact"`
	Document *struct {
		ID   string `json:"file_id"`
		Name string `json:"file_name"`
	} `json:"document"`
	Photo []struct {
		ID string `json:"file_id"`
	} `json:"photo"`
	MigrateTo   int64 `json:"migrate_to_chat_id"`
	MigrateFrom int64 `json:"migrate_from_chat_id"`
}

// updates fetches without waiting.
func updates(t testing.TB, tg *simulator.Telegram, offset int64) []update {
	t.Helper()
	return decode[[]update](t, must(t, tg, "getUpdates", fields{"offset": offset}))
}

// started returns a person who has pressed Start, with no updates left over.
func started(t testing.TB, tg *simulator.Telegram) *simulator.Actor {
	t.Helper()
	chat := tg.Person("Анна", "Иванова").Chat()
	chat.Send("/start")
	drain(t, tg)
	return chat
}

func drain(t testing.TB, tg *simulator.Telegram) {
	t.Helper()
	for _, u := range updates(t, tg, 0) {
		updates(t, tg, u.ID+1)
	}
}

var inline = fields{"inline_keyboard": []any{[]any{fields{"text": "Да", "callback_data": "yes"}, fields{"text": "Нет", "callback_data": "no"}}}}
