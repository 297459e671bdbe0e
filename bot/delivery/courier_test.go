package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"intakebot/bot/telegram"
	"intakebot/bot/telegram/scripted"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// book is a store that notes in words what it is told.
type book struct {
	Store
	notes []string
	posts []outbox.Message
}

func (b *book) note(format string, args ...any) error {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
	return nil
}

func (b *book) Sent(_ context.Context, id int64, _ time.Time, where outbox.MessageRef, _ int64) error {
	return b.note("sent %d as %d", id, where.MessageID)
}

func (b *book) Postpone(_ context.Context, id int64, until time.Time, _ string, counts bool) error {
	return b.note("postponed %d by %v, counts %v", id, until.Sub(noon), counts)
}

func (b *book) MarkDead(_ context.Context, id int64, end outbox.Failure, _ string, posts []outbox.Message) error {
	b.posts = append(b.posts, posts...)
	return b.note("dead %d: %s", id, end)
}

func (b *book) CardLost(_ context.Context, n incident.Number, _ int) error {
	return b.note("card of %s lost", n)
}

func (b *book) Unreachable(_ context.Context, chat int64, _ time.Time) error {
	return b.note("%d unreachable", chat)
}

func (b *book) Put(_ context.Context, posts ...outbox.Message) error {
	b.posts = append(b.posts, posts...)
	return nil
}

func (b *book) Wake(context.Context, outbox.Channel, time.Time) error { return nil }
func (b *book) WakeChat(context.Context, int64, time.Time) error      { return nil }
func (b *book) DeskMoved(_ context.Context, _ int64, to int64) error {
	return b.note("moved to %d", to)
}

// notices say one word each.
type notices struct{}

func (notices) Unreachable(row outbox.Claimed, _ Payload, _ int64) []outbox.Message {
	return []outbox.Message{Answer("unreachable", row.Number, "blocked", 0)}
}

func (notices) NotPassedOn(row outbox.Claimed, p Payload, _ outbox.Failure) []outbox.Message {
	if p.ReceiptFor == 0 {
		return nil
	}
	return []outbox.Message{Answer("not passed on", row.Number, "no", p.ReceiptFor)}
}

func (notices) Received(row outbox.Claimed, _ int64, id int) outbox.Message {
	return Answer("received", row.Number, "arrived", id)
}

func (notices) NotInGroup(row outbox.Claimed, p Payload) outbox.Message {
	return Answer("not in group", row.Number, string(p.File.Kind), p.ReplyTo)
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const group = int64(-5)

func courierOf(t *testing.T, server *scripted.Server) (*Courier, *book, *[]string) {
	t.Helper()
	store, forbidden := &book{}, &[]string{}
	log := slog.New(slog.DiscardHandler)
	g := &telegram.Group{Store: store, Logger: log, Moved: func() {}}
	g.SetID(group)
	c, err := telegram.NewClient(telegram.Config{Token: "1:test", APIURL: "http://telegram.test", Transport: server, Group: g, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	return NewCourier(Config{
		Client: c, Group: g, Store: store, Notices: notices{}, Now: func() time.Time { return noon }, Log: loop.NewSupervisor(log),
		Cards: loop.NewSignal(), Bulletins: loop.NewSignal(), Erasures: loop.NewSignal(),
		Forbidden: func(card outbox.Card, kind incident.AttachmentKind, yes bool) {
			*forbidden = append(*forbidden, fmt.Sprint(card.Incident.Number, " ", card.MessageID, " ", kind, " ", yes))
		},
	}), store, forbidden
}

const number = incident.Number("26-00001-0")

func claimed(m outbox.Message) outbox.Claimed {
	c := outbox.Claimed{ID: 1, Message: m, Attempts: 1, FirstAt: noon}
	if m.ReplyToCard {
		c.CardChat, c.CardMessageID = group, 9
	}
	return c
}

// TestRecord: what Telegram's answers mean for a row.
func TestRecord(t *testing.T) {
	person := ToPerson("k", 7, number, SayHTML("да"))
	passed := SayHTML("да")
	passed.ReceiptFor = 3
	relayed := ToPerson("k", 7, number, passed)
	desk := OnCard("k", number, SayHTML("да"))
	for what, c := range map[string]struct {
		row    outbox.Message
		answer string
		notes  []string
		posts  []string // their keys
	}{
		"sent":                    {person, scripted.Sent, []string{"sent 1 as 5"}, nil},
		"down":                    {person, scripted.Refusal(502, "Bad Gateway"), []string{"postponed 1 by 1s, counts true"}, nil},
		"down, to the desk":       {desk, scripted.Refusal(502, "Bad Gateway"), []string{"postponed 1 by 5s, counts true"}, nil},
		"blocked":                 {person, scripted.Refusal(403, "Forbidden: bot was blocked by the user"), []string{"7 unreachable", "dead 1: unreachable"}, []string{"unreachable"}},
		"refused":                 {person, scripted.Refusal(400, "Bad Request: message is too long"), []string{"dead 1: refused"}, nil},
		"refused, passed on":      {relayed, scripted.Refusal(400, "Bad Request: message is too long"), []string{"dead 1: refused"}, []string{"not passed on"}},
		"unknown, of the servers": {person, scripted.Refusal(400, "Bad Request: SOMETHING_NEW"), []string{"postponed 1 by 1s, counts true"}, nil},
		"restricted":              {desk, scripted.Refusal(400, "Bad Request: CHAT_RESTRICTED"), []string{"postponed 1 by 5s, counts true"}, nil},
		"the card is gone":        {desk, scripted.Refusal(400, "Bad Request: message to be replied not found"), []string{"card of 26-00001-0 lost", "postponed 1 by 0s, counts true"}, nil},
		"deleted at once":         {desk, scripted.Refusal(500, "Internal Server Error: sent message was immediately deleted and can't be returned"), []string{"sent 1 as 0"}, nil},
		"the group moved": {desk, `{"ok":false,"error_code":400,"description":"Bad Request: upgraded","parameters":{"migrate_to_chat_id":-100}}`,
			[]string{"moved to -100", "postponed 1 by 0s, counts false"}, nil},
	} {
		courier, store, _ := courierOf(t, scripted.New(c.answer))
		courier.carry(t.Context(), t.Context(), claimed(c.row))
		var keys []string
		for _, p := range store.posts {
			keys = append(keys, p.Key)
		}
		if !slices.Equal(store.notes, c.notes) || !slices.Equal(keys, c.posts) {
			t.Errorf("%s: %q and %q, want %q and %q", what, store.notes, keys, c.notes, c.posts)
		}
	}
}

// TestForbiddenKind: a file that the group does not take for its kind is set
// aside behind everything else, the card is told, and told again when it came.
func TestForbiddenKind(t *testing.T) {
	server := scripted.New(scripted.Refusal(400, "Bad Request: not enough rights to send photos to the chat"), scripted.Sent)
	courier, store, forbidden := courierOf(t, server)
	photo := incident.Attachment{Kind: incident.Photo, FileID: "f"}
	courier.carry(t.Context(), t.Context(), claimed(FilesOnCard("k", outbox.RankFile, number, []incident.Attachment{photo}, "", 0)[0]))
	if len(store.posts) != 1 || store.posts[0].Rank != outbox.RankParked || store.posts[0].Hold != parkedFor {
		t.Fatalf("left: %+v, %q", store.posts, store.notes)
	}
	courier.carry(t.Context(), t.Context(), claimed(store.posts[0]))
	if want := []string{"26-00001-0 9 photo true", "26-00001-0 9 photo false"}; !slices.Equal(*forbidden, want) {
		t.Errorf("the card heard %q, want %q", *forbidden, want)
	}
	if last := store.notes[len(store.notes)-1]; last != "sent 1 as 5" {
		t.Errorf("in the end: %q", store.notes)
	}
}

// TestRefusedAlbum: one bad file does not take the others with it.
func TestRefusedAlbum(t *testing.T) {
	courier, store, _ := courierOf(t, scripted.New(scripted.Refusal(400, "Bad Request: MEDIA_INVALID")))
	photo := incident.Attachment{Kind: incident.Photo, FileID: "f"}
	rows := FilesOnCard("k", outbox.RankFile, number, []incident.Attachment{photo, photo}, "a", AlbumHold)
	row := claimed(rows[0])
	row.Parts = []outbox.Claimed{claimed(rows[1])}
	courier.carry(t.Context(), t.Context(), row)
	if len(store.posts) != 2 || store.posts[0].Album != "" || !strings.HasSuffix(store.posts[1].Key, ":single") {
		t.Errorf("left: %+v", store.posts)
	}
}

// TestOldRows: rows that an older release left are read.
func TestOldRows(t *testing.T) {
	for body, want := range map[string]func(p Payload) bool{
		`{"message":{"html":"да"},"reply_to":4}`:                  func(p Payload) bool { return p.ReplyTo == 4 },
		`{"picture":{"png":"AA==","html":"x"}}`:                   func(p Payload) bool { return p.Photo != nil },
		`{"paper":{"name":"n","text":"t","html":"x"}}`:            func(p Payload) bool { return p.IsFile() },
		`{"message":{"html":"да"},"force":true}`:                  func(p Payload) bool { return p.AskReply },
		`{"delete":3,"receipt_for":7}`:                            func(p Payload) bool { return p.Delete == 3 && p.ReceiptFor == 7 },
		`{"message":{"html":"да"},"empty":3,"caption":true}`:      func(p Payload) bool { return p.Empty == 3 && p.Caption },
		`{"file":{"kind":"photo","file_id":"f"},"receipt_for":7}`: func(p Payload) bool { return p.File != nil },
	} {
		if p, err := Decode([]byte(body)); err != nil || !want(p) {
			t.Errorf("%s: %+v, %v", body, p, err)
		}
	}
	if _, err := Decode([]byte(`{"reply_to":4}`)); err == nil {
		t.Error("a row that says nothing was read")
	}
}

// TestGivesWay: what only waits for the group's limits gives way to an answer
// that a member waits for, and the answer may use what is kept for it.
func TestGivesWay(t *testing.T) {
	server := scripted.New()
	c, store, _ := courierOf(t, server)
	client, err := telegram.NewClient(telegram.Config{
		Token: "1:test", APIURL: "http://telegram.test", Transport: server, Group: c.cfg.Group, Logger: slog.New(slog.DiscardHandler),
		Limits: telegram.Limits{Group: telegram.Limit{Count: 2, Per: time.Hour}, Reserve: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.cfg.Client = client
	ctx := t.Context()
	c.carry(ctx, ctx, claimed(OnCard("first", number, SayHTML("да"))))
	gaveWay := make(chan struct{})
	go func() {
		defer close(gaveWay)
		c.carry(ctx, ctx, claimed(OnCard("second", number, SayHTML("да"))))
	}()
	for waits := false; !waits; runtime.Gosched() {
		c.mu.Lock()
		waits = c.yield != nil
		c.mu.Unlock()
	}
	c.WakeForAnswer()
	<-gaveWay
	c.carry(ctx, ctx, claimed(Answer("answer", number, "вот", 7)))
	if want := []string{"sent 1 as 5", "postponed 1 by 0s, counts false", "sent 1 as 5"}; !slices.Equal(store.notes, want) {
		t.Errorf("%q, want %q", store.notes, want)
	}
}
