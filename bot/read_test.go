package bot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"intakebot/conversation"
	"intakebot/incident"
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
		if id, chat := address([]byte(raw)); id != want[0] || chat != want[1] {
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
		got, ok := command(text)
		if ok != (want != conversation.Command{}) || got != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
}

// TestJudge: what Telegram's answers mean for what was sent.
func TestJudge(t *testing.T) {
	bad := func(text string) error { return fmt.Errorf("%w, Bad Request: %s", bot.ErrorBadRequest, text) }
	for _, c := range []struct {
		err  error
		want fate
	}{
		{nil, delivered},
		{errors.New("error decode response result for method sendMessage, x"), delivered},
		{errors.New("error response from telegram for method sendMessage, 502 Bad Gateway"), retry},
		{errors.New("error decode response body for method sendMessage, <html>, x"), retry},
		{fmt.Errorf("send: %w", &bot.TooManyRequestsError{RetryAfter: 3}), flooded},
		{fmt.Errorf("send: %w", &bot.MigrateError{MigrateToChatID: -100}), moved},
		{fmt.Errorf("%w, Forbidden: bot was blocked by the user", bot.ErrorForbidden), gone},
		{bad("chat not found"), gone},
		{bad("not enough rights to send text messages to the chat"), gone},
		{bad("message is not modified: …"), unchanged},
		{bad("message to edit not found"), cardLost},
		{bad("message to be replied not found"), cardLost},
		{bad("can't parse entities: …"), badMarkup},
		{bad("message is too long"), refused},
		{fmt.Errorf("%w, Unauthorized", bot.ErrorUnauthorized), credential},
	} {
		if got, _, _ := judge(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
	if _, wait, _ := judge(&bot.TooManyRequestsError{RetryAfter: 3}); wait != 3*time.Second {
		t.Errorf("retry_after 3 waits %v", wait)
	}
}

// TestPieces: a long text is cut into messages that Telegram takes, and nothing
// of it is lost.
func TestPieces(t *testing.T) {
	for _, text := range []string{"", "коротко", strings.Repeat("строка &amp; ещё\n", 900), strings.Repeat("😀 ", 5000), strings.Repeat("х", 9000)} {
		var whole string
		for _, piece := range pieces(text, 3800) {
			if n := incident.Units(piece); n > 3800 {
				t.Errorf("a piece of %d units", n)
			}
			whole += piece
		}
		if diff := cmp.Diff(strings.TrimSpace(text), strings.TrimSpace(whole)); diff != "" {
			t.Errorf("something was lost: %.200s", diff)
		}
	}
}

// TestReplies: a question makes an older unsent one needless; anything else
// stays.
func TestReplies(t *testing.T) {
	say := func(text string) conversation.Message { return conversation.Message{HTML: text} }
	ask := func(text string) conversation.Message { return conversation.Message{HTML: text, Prompt: true} }
	got := joinReplies([]conversation.Message{say("1"), ask("2"), say("3")}, []conversation.Message{say("4"), ask("5")})
	if diff := cmp.Diff([]conversation.Message{say("1"), say("3"), say("4"), ask("5")}, got); diff != "" {
		t.Error(diff)
	}
	keyboard := conversation.Message{HTML: "phone", Prompt: true, Contact: true}
	if got := joinReplies([]conversation.Message{keyboard}, []conversation.Message{ask("next")}); len(got) != 2 {
		t.Errorf("the message that shows or removes a keyboard was dropped: %v", got)
	}

	refusing := func(text string) conversation.Message {
		return conversation.Message{HTML: "Описание. " + text, Prompt: true, Refusal: text}
	}
	told := func(text string) conversation.Message {
		return conversation.Message{HTML: text, Refusal: text}
	}
	got = nil
	for _, m := range []conversation.Message{say("помощь"), refusing("1"), ask("?"), refusing("2"), refusing("2"), say("помощь"),
		refusing("3"), refusing("4"), refusing("5"), ask("?")} {
		got = joinReplies(got, []conversation.Message{m})
	}
	want := []conversation.Message{say("помощь"), told("3"), told("4"), told("5"), ask("?")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was refused is told, the last of it, and nothing twice:\n%s", diff)
	}
}

// TestNumbersOf: a card is about the incident in its first line, whatever
// number its person wrote below.
func TestNumbersOf(t *testing.T) {
	one, other := incident.NewNumber(26, 1), incident.NewNumber(26, 2)
	for text, want := range map[string][]incident.Number{
		"№ " + string(one) + " · в работе\n\nОписание: снова то же, что в " + string(other): {one},
		"Обращения ждут\n\n№ " + string(one) + ", час\n№ " + string(other) + ", два":        {one, other},
		"Доброе утро.\n\n№ " + string(one) + ", час":                                        {one},
		"Кто идёт обедать?": nil,
	} {
		if got := numbersOf(&models.Message{Text: text}); !slices.Equal(got, want) {
			t.Errorf("%q is about %v, not %v", text, got, want)
		}
	}
}
