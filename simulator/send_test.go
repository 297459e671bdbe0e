package simulator_test

import (
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/simulator"
)

func buttons(row ...fields) fields { return fields{"inline_keyboard": []any{row}} }

func TestSendMessageRefusals(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	stranger := tg.Person("Пётр", "")
	group := tg.Group("Техподдержка")
	contact := fields{"keyboard": []any{[]any{fields{"text": "Отправить контакт", "request_contact": true}}}}
	for _, test := range []struct {
		in   fields
		want string
	}{
		{fields{"text": ""}, "Bad Request: message text is empty"},
		{fields{"text": " \n "}, "Bad Request: message text is empty"},
		{fields{"text": "<b></b>", "parse_mode": "HTML"}, "Bad Request: message text is empty"},
		{fields{"text": strings.Repeat("я", 4096)}, ""},
		{fields{"text": "<b>" + strings.Repeat("я", 4096) + "</b>", "parse_mode": "HTML"}, ""},
		{fields{"text": strings.Repeat("😀", 2049)}, "Bad Request: message is too long"},
		{fields{"text": "a<x>", "parse_mode": "HTML"}, `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 1`},
		{fields{"text": "x", "parse_mode": "Markdoon"}, "Bad Request: unsupported parse_mode"},
		{fields{"text": "x", "chat_id": ""}, "Bad Request: chat_id is empty"},
		{fields{"text": "x", "chat_id": 12345}, "Bad Request: chat not found"},
		{fields{"text": "x", "chat_id": stranger.ID()}, "Forbidden: bot can't initiate conversation with a user"},
		{fields{"text": "x", "reply_parameters": fields{"message_id": 999}}, "Bad Request: message to be replied not found"},
		{fields{"text": "x", "reply_parameters": fields{"message_id": 999, "allow_sending_without_reply": true}}, ""},
		{fields{"text": "x", "message_thread_id": 999}, "Bad Request: message thread not found"},
		{fields{"text": "x", "reply_markup": inline}, ""},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x"})}, "Bad Request: text buttons are unallowed in the inline keyboard"},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "copy_text": fields{"text": ""}})}, "Bad Request: text buttons are unallowed in the inline keyboard"},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "callback_data": "a", "copy_text": fields{"text": ""}})}, ""},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "copy_text": fields{"text": "26-00001-1"}})}, ""},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "callback_data": "a", "url": "https://a.ru"})}, "Bad Request: inline keyboard button must have exactly one action"},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "", "callback_data": "a"})}, "Bad Request: inline keyboard button text must be non-empty"},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "callback_data": strings.Repeat("я", 32)})}, ""},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "callback_data": strings.Repeat("я", 32) + "."})}, "Bad Request: BUTTON_DATA_INVALID"},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "callback_data": "a", "style": "success"})}, ""},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "callback_data": "a", "style": "green"})}, "Bad Request: invalid button style specified"},
		{fields{"text": "x", "reply_markup": buttons(fields{"text": "x", "disabled": fields{}})}, ""},
		{fields{"text": "x", "reply_markup": fields{"inline_keyboard": nil}}, `Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array`},
		{fields{"text": "x", "reply_markup": fields{"inline_keyboard": []any{}}}, ""},
		{fields{"text": "x", "reply_markup": contact}, ""},
		{fields{"text": "x", "chat_id": group.ID(), "reply_markup": contact}, "Bad Request: phone number can be requested in private chats only"},
	} {
		if test.in["chat_id"] == nil {
			test.in["chat_id"] = anna.ChatID()
		}
		if got := do(t, tg, "sendMessage", test.in); got.Description != test.want {
			t.Errorf("%.200v: %q, want %q", test.in, got.Description, test.want)
		}
	}
}

func TestRequestForms(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	base := tg.URL() + "/bot" + tg.Token()
	form := url.Values{"chat_id": {fmt.Sprint(anna.ChatID())}, "text": {"форма"}}
	var multi strings.Builder
	w := multipart.NewWriter(&multi)
	_ = w.WriteField("chat_id", fmt.Sprint(anna.ChatID()))
	_ = w.WriteField("text", "части")
	w.Close()
	for _, send := range []func() (*http.Response, error){
		func() (*http.Response, error) { return http.Get(base + "/SENDMESSAGE?" + form.Encode()) },
		func() (*http.Response, error) { return http.PostForm(base+"/sendMessage", form) },
		func() (*http.Response, error) {
			return http.Post(base+"/sendMessage", w.FormDataContentType(), strings.NewReader(multi.String()))
		},
	} {
		resp, err := send()
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Error(resp.Status)
		}
	}
	for address, want := range map[string]string{
		tg.URL() + "/bot1:wrong/getMe": `{"ok":false,"error_code":401,"description":"Unauthorized"}`,
		base + "/getNothing":           `{"ok":false,"error_code":404,"description":"Not Found: method not found"}`,
		tg.URL() + "/":                 `{"ok":false,"error_code":404,"description":"Not Found"}`,
	} {
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != want {
			t.Errorf("%s: %s", address, body)
		}
	}
	if got := anna.Screen(); got != "> /start\nформа\nформа\nчасти\n" {
		t.Error(got)
	}
}

func TestEdits(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	own := anna.Send("моё")
	id := send(t, tg, anna.ChatID(), "<b>старое</b>", fields{"parse_mode": "HTML", "reply_markup": inline})
	withKeyboard := send(t, tg, anna.ChatID(), "x", fields{"reply_markup": fields{"keyboard": []any{[]any{"А"}}}})
	for _, test := range []struct {
		method string
		id     int
		in     fields
		want   string
	}{
		{"editMessageText", id, fields{"text": "<b>старое</b>", "parse_mode": "HTML", "reply_markup": inline},
			"Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"},
		{"editMessageText", id, fields{"text": "старое", "reply_markup": inline}, ""},
		{"editMessageText", id, fields{"text": ""}, "Bad Request: message text is empty"},
		{"editMessageReplyMarkup", id, nil, ""},
		{"editMessageReplyMarkup", id, nil,
			"Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"},
		{"editMessageCaption", id, fields{"caption": "x"}, "Bad Request: there is no caption in the message to edit"},
		{"editMessageText", 999, fields{"text": "x"}, "Bad Request: message to edit not found"},
		{"editMessageText", own, fields{"text": "x"}, "Bad Request: message can't be edited"},
		{"editMessageText", withKeyboard, fields{"text": "y"}, "Bad Request: message can't be edited"},
		{"deleteMessage", 999, nil, "Bad Request: message to delete not found"},
		{"deleteMessage", own, nil, ""},
	} {
		in := fields{"chat_id": anna.ChatID(), "message_id": test.id}
		for k, v := range test.in {
			in[k] = v
		}
		if got := do(t, tg, test.method, in); got.Description != test.want {
			t.Errorf("%s %v: %q, want %q", test.method, test.in, got.Description, test.want)
		}
	}
	if m, _ := anna.Message(id); m.Text != "старое" || len(m.Buttons) != 0 || m.Edited.IsZero() {
		t.Errorf("%+v", m)
	}
}

func TestDeletingOldMessages(t *testing.T) {
	clock := simulator.NewClock(time.Time{})
	tg := start(t, simulator.Options{Now: clock.Now})
	anna := started(t, tg)
	id := send(t, tg, anna.ChatID(), "x", nil)
	clock.Advance(48 * time.Hour)
	if got := do(t, tg, "deleteMessage", fields{"chat_id": anna.ChatID(), "message_id": id}); got.Description != "Bad Request: message can't be deleted for everyone" {
		t.Error(got.Description)
	}
	must(t, tg, "editMessageText", fields{"chat_id": anna.ChatID(), "message_id": id, "text": "y"})
}

// TestLibrary lets the client library that the bot uses decode what the server
// says.
func TestLibrary(t *testing.T) {
	tg := start(t, simulator.Options{})
	b, err := bot.New(tg.Token(), bot.WithServerURL(tg.URL()))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	anna := started(t, tg)
	group := tg.Group("Группа")
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	sent, err := b.SendMessage(ctx, &bot.SendMessageParams{
		ChatID: anna.ChatID(), Text: "<b>Выберите</b>", ParseMode: models.ParseModeHTML,
		ReplyMarkup: models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Да", CallbackData: "yes"}}}},
	})
	check("SendMessage", err)
	if len(sent.ReplyMarkup.InlineKeyboard) != 1 || sent.Entities[0].Type != "bold" {
		t.Errorf("%+v", sent)
	}
	photo, err := b.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: anna.ChatID(), Photo: &models.InputFileUpload{Filename: "a.jpg", Data: strings.NewReader("снимок")}, Caption: "подпись"})
	check("SendPhoto", err)
	album, err := b.SendMediaGroup(ctx, &bot.SendMediaGroupParams{ChatID: group.ID(), Media: []models.InputMedia{
		&models.InputMediaPhoto{Media: photo.Photo[0].FileID, Caption: "раз"},
		&models.InputMediaPhoto{Media: "attach://b.jpg", MediaAttachment: strings.NewReader("второй")},
	}})
	check("SendMediaGroup", err)
	if len(album) != 2 || album[0].MediaGroupID == "" {
		t.Errorf("%+v", album)
	}
	f, err := b.GetFile(ctx, &bot.GetFileParams{FileID: photo.Photo[0].FileID})
	check("GetFile", err)
	resp, err := http.Get(b.FileDownloadLink(f))
	check("download", err)
	if body, _ := io.ReadAll(resp.Body); string(body) != "снимок" {
		t.Errorf("downloaded %q", body)
	}
	resp.Body.Close()
	_, err = b.SetMessageReaction(ctx, &bot.SetMessageReactionParams{ChatID: anna.ChatID(), MessageID: sent.ID,
		Reaction: []models.ReactionType{{Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Emoji: "👌"}}}})
	check("SetMessageReaction", err)
	_, err = b.SetMyCommands(ctx, &bot.SetMyCommandsParams{Commands: []models.BotCommand{{Command: "open", Description: "Открытые"}},
		Scope: &models.BotCommandScopeChat{ChatID: group.ID()}})
	check("SetMyCommands", err)
	if menu := group.Staff("Иван", "").Commands(); len(menu) != 1 || menu[0].Command != "open" {
		t.Errorf("menu %v", menu)
	}
	_, err = b.GetChatMember(ctx, &bot.GetChatMemberParams{ChatID: group.ID(), UserID: tg.BotID()})
	check("GetChatMember", err)
	_, err = b.GetChat(ctx, &bot.GetChatParams{ChatID: group.ID()})
	check("GetChat", err)
	_, err = b.CopyMessage(ctx, &bot.CopyMessageParams{ChatID: group.ID(), FromChatID: anna.ChatID(), MessageID: photo.ID})
	check("CopyMessage", err)
	_, err = b.EditMessageReplyMarkup(ctx, &bot.EditMessageReplyMarkupParams{ChatID: anna.ChatID(), MessageID: sent.ID})
	check("EditMessageReplyMarkup", err)
	if info, err := b.GetWebhookInfo(ctx); err != nil || info.URL != "" {
		t.Errorf("%+v, %v", info, err)
	}
}
