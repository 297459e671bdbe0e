package telegram_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/simulator"
)

// world is a client, a group and a person who has written to the bot.
type world struct {
	*telegram.Client
	sim    *simulator.Telegram
	group  *simulator.Group
	person *simulator.Actor
}

func newWorld(t *testing.T, opt simulator.Options, more ...func(*telegram.Config)) world {
	t.Helper()
	sim := simulator.Start(opt)
	t.Cleanup(sim.Close)
	w := world{sim: sim, group: sim.Group("Поддержка")}
	w.person = sim.Person("Анна", "Иванова").Chat()
	w.person.Send("/start")
	g := &telegram.Group{}
	g.SetID(w.group.ID())
	transport := &http.Transport{}
	cfg := telegram.Config{Token: sim.Token(), APIURL: sim.URL(), Group: g, Transport: transport, Logger: slog.New(slog.DiscardHandler)}
	for _, change := range more {
		change(&cfg)
	}
	c, err := telegram.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	w.Client = c
	return w
}

// TestEveryRequest: a strict server understands each kind of request that the
// bot makes, and what goes without a file goes as JSON.
func TestEveryRequest(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	ctx, me, desk := t.Context(), w.person.ChatID(), w.group.ID()
	source := telegram.Source{Client: w.Client, Webhook: &telegram.Webhook{URL: "https://bot.example.ru/hook", Secret: "s3cret"}}
	must := func(id int, err error) int {
		t.Helper()
		if err != nil || id == 0 {
			t.Errorf("message %d, %v", id, err)
		}
		return id
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	buttons := [][]conversation.Button{{{Label: "Статус", Data: "status", Style: conversation.Success}}}

	ok(source.Connect(ctx))
	_, err := source.Identify(ctx)
	ok(err)
	delivery, err := source.Delivery(ctx)
	ok(err)
	if delivery.URL != source.Webhook.URL {
		t.Errorf("the webhook is at %q", delivery.URL)
	}
	source.Webhook = nil
	ok(source.Connect(ctx))
	ok(source.Announce(ctx, []telegram.Command{{"start", "начать"}}, []telegram.Command{{"open", "открытые"}}, telegram.Introduction{What: "Приём обращений", Short: "Обращения"}))
	if sim := w.sim; len(sim.Commands()) != 2 || sim.SelfText("description", "") != "Приём обращений" {
		t.Errorf("menus %v, description %q", sim.Commands(), sim.SelfText("description", ""))
	}
	if raws, err := source.Poll(ctx, 0); err != nil || len(raws) != 1 {
		t.Errorf("%d updates, %v", len(raws), err)
	}
	_, err = telegram.AskGroup(ctx, w.Client, desk, w.sim.BotID())
	ok(err)
	_, err = telegram.FindGroups(ctx, w.Client)
	ok(err)

	must(w.SendMessage(ctx, me, conversation.Message{HTML: "<b>да</b> & нет", Contact: true}, 0))
	must(w.SendMessage(ctx, me, conversation.Message{HTML: "нет", RemoveKeyboard: true}, 0))
	must(w.AskReply(ctx, desk, conversation.Message{HTML: "что?"}, 0))
	card := must(w.SendMessage(ctx, desk, conversation.Message{HTML: "карточка", Buttons: buttons}, 0))
	ok(w.EditMessage(ctx, desk, card, conversation.Message{HTML: "карточка 2"}))
	must(w.SendMessage(ctx, desk, conversation.Message{HTML: "ответ"}, card))
	picture := must(w.SendPicture(ctx, desk, "a.png", []byte("PNG"), "рисунок", card))
	ok(w.EditCaption(ctx, desk, picture, "другой"))
	text := must(w.SendText(ctx, desk, "a.txt", "текст", "текст", card))
	ok(w.Empty(ctx, desk, text, conversation.Message{HTML: "удалено"}, true))
	ok(w.Empty(ctx, desk, card, conversation.Message{HTML: "удалено"}, false))
	ok(w.React(ctx, me, w.person.Send("вот"), telegram.SignArrived))
	w.ShowUploading(ctx, me)

	send := map[incident.AttachmentKind]func(simulator.File, string) int{
		incident.Photo: w.person.SendPhoto, incident.Document: w.person.SendDocument, incident.Video: w.person.SendVideo,
		incident.Voice: w.person.SendVoice, incident.Audio: w.person.SendAudio, incident.Animation: w.person.SendAnimation,
		incident.VideoNote: func(f simulator.File, _ string) int { return w.person.SendVideoNote(f) },
	}
	held := map[incident.AttachmentKind]incident.Attachment{}
	for kind, give := range send {
		give(simulator.File{Name: "a.bin", Data: []byte("данные")}, "")
		held[kind] = lastFile(t, w.sim)
		must(w.SendFile(ctx, desk, held[kind], 0))
		if data, err := w.Fetch(ctx, held[kind].FileID); err != nil || string(data) != "данные" {
			t.Errorf("%s: %q, %v", kind, data, err)
		}
	}
	if ids, err := w.SendAlbum(ctx, desk, []incident.Attachment{held[incident.Photo], held[incident.Video]}, 0); err != nil || slices.Contains(ids, 0) {
		t.Errorf("album %v, %v", ids, err)
	}

	if m := w.sim.Mistakes(); len(m) > 0 {
		t.Errorf("the server found:\n%s", strings.Join(m, "\n"))
	}
	for _, c := range w.sim.Calls() {
		if c.Status != http.StatusOK {
			t.Errorf("%s %v was answered %d %s", c.Method, c.Params, c.Status, c.Response)
		}
	}
}

// lastFile is the file of the update that came last.
func lastFile(t *testing.T, sim *simulator.Telegram) incident.Attachment {
	t.Helper()
	updates := sim.Updates()
	u, err := telegram.Decode(updates[len(updates)-1])
	if err != nil {
		t.Fatal(err)
	}
	a, is := u.Message.Attachment()
	if !is {
		t.Fatal("no file came")
	}
	return a
}

// TestGeneralTopic: the first topic of a forum is no topic to name.
func TestGeneralTopic(t *testing.T) {
	w := newWorld(t, simulator.Options{}, func(c *telegram.Config) { c.Thread = 1 })
	w.group.Topic(w.person.Person(), "Вторая")
	if _, err := w.SendMessage(t.Context(), w.group.ID(), conversation.Message{HTML: "да"}, 0); err != nil {
		t.Error(err)
	}
}

// TestSentThoughUnread: Telegram did what it was asked, whatever it answers.
func TestSentThoughUnread(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.sim.Fault(simulator.Fault{Kind: simulator.Undecodable, Methods: []string{"sendMessage"}, Times: 1})
	r := w.Deliver(context.Background(), telegram.Slot{Chat: w.person.ChatID()}, func() error {
		_, err := w.SendMessage(t.Context(), w.person.ChatID(), conversation.Message{HTML: "да"}, 0)
		return err
	})
	if r.Kind != telegram.Delivered {
		t.Errorf("%+v", r)
	}
}

// TestOwnServerFiles: the files of a server of one's own are read from its
// folder, or from the web server that is named, and an error says what to do.
func TestOwnServerFiles(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct {
		name   string
		opt    simulator.Options
		config func(*telegram.Config)
		want   error
	}{
		{"--local", simulator.Options{LocalFiles: folder}, func(*telegram.Config) {}, nil},
		{"alone", simulator.Options{OwnServer: true}, func(*telegram.Config) {}, telegram.ErrNoFiles},
		{"a web server", simulator.Options{OwnServer: true}, func(c *telegram.Config) { c.FilesURL = webServer(t, "/file/bot"+c.Token+"/photos/") }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.opt, c.config)
			w.person.SendPhoto(simulator.File{Data: []byte("данные")}, "")
			data, err := w.Fetch(t.Context(), lastFile(t, w.sim).FileID)
			if !errors.Is(err, c.want) || err == nil && string(data) != "данные" {
				t.Errorf("%q, %v", data, err)
			}
		})
	}
}

// webServer serves one content under a path.
func webServer(t *testing.T, under string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, under) {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("данные"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestTemporarilyUnavailable: a file that Telegram does not find at once is asked
// for again.
func TestTemporarilyUnavailable(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	w.person.SendPhoto(simulator.File{Data: []byte("данные")}, "")
	w.sim.Fault(simulator.Fault{Kind: simulator.Refused, Methods: []string{"getFile"}, Times: 2, Refusal: simulator.Refusal{
		Code: 400, Description: "Bad Request: wrong file_id or the file is temporarily unavailable",
	}})
	if data, err := w.Fetch(t.Context(), lastFile(t, w.sim).FileID); err != nil || string(data) != "данные" {
		t.Errorf("%q, %v", data, err)
	}
}
