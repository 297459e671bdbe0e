package simulator_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
)

// TestMistakes: each slip that the real server would pass over is refused.
func TestMistakes(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	chat := anna.ChatID()
	text := func(more fields) fields {
		in := fields{"chat_id": chat, "text": "x"}
		for k, v := range more {
			in[k] = v
		}
		return in
	}
	key := func(button fields) fields {
		return text(fields{"reply_markup": fields{"inline_keyboard": []any{[]any{button}}}})
	}
	for i, test := range []struct {
		method string
		in     fields
		want   string
	}{
		{"sendMessage", text(fields{"txt": "y"}), "unknown parameter txt of sendMessage"},
		{"getMe", fields{"chat_id": 1}, "unknown parameter chat_id of getMe"},
		{"sendMessage", fields{"chat_id": chat, "text": 5}, "text of sendMessage is a String, got 5"},
		{"sendMessage", fields{"chat_id": []int{1}, "text": "x"}, "chat_id of sendMessage is a String, got [1]"},
		{"sendMessage", text(fields{"message_thread_id": "7"}), `message_thread_id of sendMessage is Integer, got "7"`},
		{"sendMessage", text(fields{"message_thread_id": 7.5}), "message_thread_id of sendMessage is Integer, got 7.5"},
		{"sendMessage", text(fields{"disable_notification": 1}), "disable_notification of sendMessage is Boolean, got 1"},
		{"sendLocation", fields{"chat_id": chat, "latitude": "x", "longitude": 1}, `latitude of sendLocation is Float, got "x"`},
		{"sendLocation", fields{"chat_id": chat, "latitude": 1, "longitude": 1, "heading": 361}, "heading of sendLocation is 1-360, got 361"},
		{"getUpdates", fields{"limit": 101}, "limit of getUpdates is 1-100, got 101"},
		{"setWebhook", fields{"url": "https://a.ru", "max_connections": 0}, "max_connections of setWebhook is 1-100, got 0"},
		{"setWebhook", fields{"url": "https://a.ru", "certificate": "PEM"}, `certificate of setWebhook is a file to upload, got "PEM"`},
		{"sendMessage", text(fields{"reply_parameters": fields{"mesage_id": 1}}), "unknown field mesage_id of ReplyParameters in reply_parameters of sendMessage"},
		{"sendMessage", text(fields{"reply_parameters": fields{"message_id": "1"}}), `message_id of ReplyParameters is Integer, got "1"`},
		{"sendMessage", text(fields{"reply_parameters": 5}), "reply_parameters of sendMessage is ReplyParameters, got 5"},
		{"sendMessage", text(fields{"entities": fields{}}), "entities of sendMessage is an array, got {}"},
		{"sendMessage", key(fields{"text": "x", "callback_data": "a", "colour": "red"}), "unknown field colour of InlineKeyboardButton in inline_keyboard of InlineKeyboardMarkup"},
		{"sendMessage", key(fields{"text": "x", "callback_data": 5}), "callback_data of InlineKeyboardButton is a String, got 5"},
		{"sendMessage", text(fields{"reply_markup": fields{"keyboard": []any{[]any{fields{"text": "А", "callback_data": "a"}}}}}), "unknown field callback_data of KeyboardButton in keyboard of ReplyKeyboardMarkup"},
		{"sendMessage", text(fields{"reply_markup": fields{"force_reply": "yes"}}), `force_reply of ForceReply is Boolean, got "yes"`},
		{"sendPhoto", fields{"chat_id": chat, "photo": 5}, "photo of sendPhoto is a String, got 5"},
		{"sendMediaGroup", fields{"chat_id": chat, "media": []any{fields{"type": "photo", "media": "a", "title": "x"}}}, "unknown field title of InputMediaPhoto in media of sendMediaGroup"},
		{"setMessageReaction", fields{"chat_id": chat, "message_id": 1, "reaction": []any{fields{"type": "emoji", "emoji": 5}}}, "emoji of ReactionTypeEmoji is a String, got 5"},
		{"copyMessages", fields{"chat_id": chat, "from_chat_id": chat, "message_ids": make([]int, 101)}, "message_ids of copyMessages has the length 1-100, got 101"},
		{"setMyCommands", fields{"commands": []any{fields{"command": "my", "description": "Мои", "scope": 1}}}, "unknown field scope of BotCommand in commands of setMyCommands"},
		{"setMyCommands", fields{"commands": []any{}, "scope": fields{"type": "chat", "chat_id": chat, "user_id": 5}}, "unknown field user_id of BotCommandScopeChat in scope of setMyCommands"},
		{"editMessageMedia", fields{"chat_id": chat, "message_id": 1}, "editMessageMedia needs the parameter media"},
		{"getChatMember", fields{"chat_id": chat}, "getChatMember needs the parameter user_id"},
	} {
		if got := do(t, tg, test.method, test.in); got.Code != 400 || got.Description != "simulator: "+test.want {
			t.Errorf("%s %.150v: %q, want %q", test.method, test.in, got.Description, test.want)
		}
		if got := tg.Mistakes(); len(got) != i+1 || got[i] != test.method+": simulator: "+test.want {
			t.Errorf("remembered: %q", got)
		}
	}
	// The forms know only texts, and their numbers must look like numbers.
	for _, query := range []string{"text=x&disable_notification=yes", "text=x&message_thread_id=a", `text=x&reply_parameters={"id":1}`} {
		if got := form(t, tg, "sendMessage", fmt.Sprintf("chat_id=%d&%s", chat, query)); !strings.HasPrefix(got.Description, "simulator: ") {
			t.Errorf("%s: %+v", query, got)
		}
	}
	must(t, tg, "sendMessage", text(fields{"disable_notification": true, "entities": []any{fields{"type": "bold", "offset": 0, "length": 1}}}))
	if got := form(t, tg, "sendMessage", fmt.Sprintf("chat_id=%d&text=x&disable_notification=true", chat)); !got.OK {
		t.Errorf("%+v", got)
	}
}

func form(t *testing.T, tg *simulator.Telegram, method, body string) reply {
	t.Helper()
	raw, _ := rawCall(t, tg, method, "Content-Type: application/x-www-form-urlencoded", body)
	var got reply
	if err := json.Unmarshal([]byte(raw), &got); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return got
}

// rawCall writes a request by hand.
func rawCall(t *testing.T, tg *simulator.Telegram, method, header, body string) (string, *http.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", tg.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if !strings.Contains(header, "Transfer-Encoding") {
		header += fmt.Sprintf("\r\nContent-Length: %d", len(body))
	}
	fmt.Fprintf(conn, "POST /bot%s/%s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", tg.Token(), method, header, body)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s %q: %v", method, body, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), resp
}

// TestEmptyBodies: what the server's HTTP front refuses without a word, and what
// it takes.
func TestEmptyBodies(t *testing.T) {
	tg := start(t, simulator.Options{})
	const multi = "Content-Type: multipart/form-data; boundary=b"
	for _, test := range []struct{ header, body, want string }{
		{multi, "--b--\r\n", ""},
		{multi, "", ""},
		{"Content-Type: multipart/form-data", "--b--\r\n", ""},
		{"Content-Type: application/json\r\nTransfer-Encoding: chunked", "0\r\n\r\n", "simulator: an empty body in chunks"},
		{"Transfer-Encoding: chunked", "0\r\n\r\n", "simulator: an empty body in chunks"},
		{"Content-Type: text/plain", "x", "simulator: a body of the Content-Type"},
		{"Content-Type: application/json", "{", "Bad Request: can't parse JSON object"},
		{"Content-Type: application/json", "{}", "ok"},
		{"Content-Type: application/json", "", "ok"},
		{"Accept: */*", "", "ok"},
		{multi, "--b\r\nContent-Disposition: form-data; name=\"drop_pending_updates\"\r\n\r\nfalse\r\n--b--\r\n", "ok"},
	} {
		got, resp := rawCall(t, tg, "deleteWebhook", test.header, test.body)
		switch {
		case test.want == "ok":
			if resp.StatusCode != 200 {
				t.Errorf("%s %q: %s", test.header, test.body, got)
			}
		case resp.StatusCode != 400 || test.want == "" && (got != "" || !resp.Close) || !strings.Contains(got, test.want):
			t.Errorf("%s %q: %d %q, closed %v", test.header, test.body, resp.StatusCode, got, resp.Close)
		}
	}
}

// TestLogOut: who has logged out is answered nothing else.
func TestLogOut(t *testing.T) {
	tg := start(t, simulator.Options{})
	must(t, tg, "logOut", nil)
	if got := do(t, tg, "getMe", nil); got.Description != "Logged out" {
		t.Error(got.Description)
	}
}
