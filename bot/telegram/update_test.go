package telegram

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"intakebot/conversation"
)

// TestAddress: an update is stored under its id, in the lane of the person or
// the group that it is about, however little of it can be read.
func TestAddress(t *testing.T) {
	for raw, want := range map[string][2]int64{
		`{"update_id":5,"message":{"chat":{"id":7,"type":"private"}}}`:                                          {5, 7},
		`{"update_id":5,"edited_message":{"chat":{"id":-100,"type":"supergroup"}}}`:                             {5, -100},
		`{"update_id":5,"my_chat_member":{"chat":{"id":7}}}`:                                                    {5, 7},
		`{"update_id":5,"callback_query":{"from":{"id":7},"message":{"chat":{"id":7,"type":"private"}}}}`:       {5, 7},
		`{"update_id":5,"callback_query":{"from":{"id":7},"message":{"chat":{"id":-100,"type":"supergroup"}}}}`: {5, -100},
		`{"update_id":5,"callback_query":{"from":{"id":8},"message":{"chat":{"id":7,"type":"private"}}}}`:       {5, 8},
		`{"update_id":5,"callback_query":{"from":{"id":7}}}`:                                                    {5, 7},
		`{"update_id":5,"message":"nonsense"}`:                                                                  {5, 0},
		`{"update_id":5,"poll":{}}`:                                                                             {5, 0},
		`{"update_id":"5"}`:                                                                                     {0, 0},
		`nonsense`:                                                                                              {0, 0},
	} {
		if id, chat := Address([]byte(raw)); id != want[0] || chat != want[1] {
			t.Errorf("%s: update %d in lane %d, want %v", raw, id, chat, want)
		}
	}
}

func TestCommand(t *testing.T) {
	for text, want := range map[string]conversation.Command{
		"/start":                 {Name: "start"},
		"/Status@bot 26-00001-0": {Name: "status", Args: "26-00001-0"},
		"/add\n26-00001-0":       {Name: "add", Args: "26-00001-0"},
		"/":                      {},
		"//заметка":              {},
		"/etc/passwd":            {},
	} {
		got, ok := ReadCommand(text)
		if ok != (want != conversation.Command{}) || got != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
}

// FuzzDecode: of any bytes at all, an update is read whole or not at all, in the
// lane of the chat that it says, and what it says is what the dialogue gets.
func FuzzDecode(f *testing.F) {
	const me = `"chat":{"id":7,"type":"private"},"from":{"id":7,"is_bot":false,"first_name":"А"}`
	for _, seed := range []string{
		`{"update_id":5,"message":{"message_id":1,"date":1,` + me + `,"text":"/start@x ё"}}`,
		`{"update_id":5,"message":{"message_id":1,"date":-1,` + me + `,"caption":"\ud800","photo":[{"file_id":"f","file_size":1}],"media_group_id":"9"}}`,
		`{"update_id":5,"message":{"message_id":1,"date":1,` + me + `,"contact":{"phone_number":"+7\u0000","user_id":7}}}`,
		`{"update_id":5,"message":{"message_id":1,"date":1,` + me + `,"reply_to_message":{"message_id":9,"date":1,` + me + `,"text":"№ 26-00001-0"},"dice":{}}}`,
		`{"update_id":5,"edited_message":{"message_id":1,"date":1,"edit_date":2,` + me + `,"text":"<b>"}}`,
		`{"update_id":5,"callback_query":{"id":"1","from":{"id":7,"is_bot":false,"first_name":"А"},"message":{"message_id":1,"date":0,"chat":{"id":7,"type":"private"}},"data":"reg:x"}}`,
		`{"update_id":5,"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7},"date":1,"old_chat_member":{"status":"member","user":{"id":1}},"new_chat_member":{"status":"kicked","user":{"id":1}}}}`,
		`{"update_id":9223372036854775807,"message":{"chat":{"id":-9223372036854775808}}}`,
		`{"update_id":5,"message":{"message_id":1,"sender_chat":{"id":-100,"type":"supergroup"},"chat":{"id":-100,"type":"supergroup"},"document":{"file_id":"f","file_name":"../../etc/passwd\r\n"}}}`,
		`{"UPDATE_ID":5,"Message":{"CHAT":{"ID":7,"TYPE":"private"}}}`, `{"update_id":5e0}`, `[1,2]`, `null`, "\xff", strings.Repeat("[", 20000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		id, chat := Address(raw)
		r, err := Decode(raw)
		if err != nil {
			if !json.Valid(raw) && chat != 0 {
				t.Fatalf("%q goes to lane %d", raw, chat)
			}
			return
		}
		if id != r.ID {
			t.Fatalf("%q: update %d, stored as %d", raw, r.ID, id)
		}
		if m := r.Message; m != nil && chat != m.Chat.ID {
			t.Fatalf("%q: chat %d, stored in lane %d", raw, m.Chat.ID, chat)
		}
		if q := r.Press; q != nil && r.Message == nil && r.Edited == nil && r.Private && chat != q.From.ID && chat != 0 {
			t.Fatalf("%q: pressed by %d, stored in lane %d", raw, q.From.ID, chat)
		}
		checkEvent(t, raw, r)
	})
}

func checkEvent(t *testing.T, raw []byte, r Update) {
	t.Helper()
	switch e := r.Event.(type) {
	case conversation.Text:
		if e.Text == "" || e.Text != r.Message.Words() || !utf8.ValidString(e.Text) {
			t.Fatalf("%q: the text %q", raw, e.Text)
		}
	case conversation.Command:
		if e.Name == "" || len(e.Name) > 32 || e.Name != strings.ToLower(e.Name) || strings.ContainsFunc(e.Name, unicode.IsSpace) || strings.ContainsAny(e.Name, "/@.") {
			t.Fatalf("%q: the command %q", raw, e.Name)
		}
		if e.Args != strings.TrimSpace(e.Args) || !strings.HasSuffix(strings.TrimSpace(r.Message.Text), e.Args) {
			t.Fatalf("%q: the arguments %q", raw, e.Args)
		}
	case conversation.Media:
		if e.Attachment.Kind == "" {
			t.Fatalf("%q: a file of no kind", raw)
		}
	case conversation.Press:
		if r.Press == nil || e.Data != r.Press.Data {
			t.Fatalf("%q: the press %q", raw, e.Data)
		}
	}
}
