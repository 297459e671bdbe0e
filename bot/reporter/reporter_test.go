package reporter

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/inbox"
	"intakebot/bot/telegram"
	"intakebot/bot/telegram/scripted"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// register works, and keeps what is put into its outbox.
type register struct {
	Store
	posts       []outbox.Message
	done        []int64
	unreachable bool
}

func (*register) Pending(context.Context, int64) (bool, error) { return false, nil }

func (*register) Reporter(context.Context, int64) (incident.Reporter, error) {
	return incident.Reporter{}, nil
}

func (*register) About(context.Context, outbox.MessageRef) (outbox.MessageContext, error) {
	return outbox.MessageContext{}, incident.ErrNotFound
}

func (r *register) Unreachable(context.Context, int64, time.Time) error {
	r.unreachable = true
	return nil
}

func (r *register) Done(_ context.Context, done []int64, posts []outbox.Message) error {
	r.done, r.posts = append(r.done, done...), append(r.posts, posts...)
	return nil
}

func (r *register) DoneSoon(done []int64) { r.done = append(r.done, done...) }

// drafts is a Redis with one chat.
type drafts struct {
	Drafts
	saved outbox.SavedDraft
}

func (d *drafts) Load(context.Context, int64) (outbox.SavedDraft, error) { return d.saved, nil }

func (d *drafts) Save(_ context.Context, _, _ int64, _ string, data []byte, _, _ bool) (int64, error) {
	d.saved = outbox.SavedDraft{Data: data, Rev: d.saved.Rev + 1}
	return d.saved.Rev, nil
}

// personOf is a chat at work, between a scripted Telegram and these stores.
func personOf(t *testing.T, server *scripted.Server, store *register, d *drafts) *person {
	t.Helper()
	log := loop.NewSupervisor(slog.New(slog.DiscardHandler))
	c, err := telegram.NewClient(telegram.Config{Token: "1:test", APIURL: "http://telegram.test", Transport: server, Logger: log.Logger})
	if err != nil {
		t.Fatal(err)
	}
	in := inbox.New(inbox.Config{Log: log})
	return &person{
		Reporter: &Reporter{
			Dialogue: &conversation.Dialogue{Line: incident.RegulationLine(), Location: time.UTC, ConsentVersion: "1", Consent: "…", DraftTTL: time.Hour},
			Client:   c, Group: &telegram.Group{}, Store: store, Drafts: d, Courier: delivery.NewCourier(delivery.Config{}), Told: func() {},
			DeskCommand: func(name string) bool { return name == "open" },
			Now:         time.Now, NewID: func() string { return "id" }, Log: log,
		},
		worker: in.Idle(1), chat: 1,
	}
}

// TestFlush: what is answered to a reply decides where it and those behind it
// go.
func TestFlush(t *testing.T) {
	for what, c := range map[string]struct {
		answer      string
		sent, left  int
		unreachable bool
	}{
		"taken": {scripted.Sent, 2, 0, false},
		// It goes the way on which that is told to the group.
		"refused":  {scripted.Refusal(400, "Bad Request: something is wrong with it"), 1, 2, false},
		"down":     {scripted.Refusal(502, "Bad Gateway"), 1, 2, false},
		"too many": {scripted.Refusal(429, "Too Many Requests"), 1, 2, false},
		"blocked":  {scripted.Refusal(403, "Forbidden: bot was blocked by the user"), 1, 0, true},
	} {
		store, server := &register{}, scripted.New(c.answer)
		p := personOf(t, server, store, &drafts{})
		p.replies = []conversation.Message{{HTML: "Одно."}, {HTML: "Другое."}}
		for idle := false; !idle; {
			var err error
			if idle, err = p.Flush(t.Context(), []int64{7}); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(server.Calls("sendMessage")); n != c.sent || len(store.posts) != c.left || store.unreachable != c.unreachable {
			t.Errorf("%s: %d sent, %d in the outbox, unreachable %v", what, n, len(store.posts), store.unreachable)
		}
		if len(store.done) != 1 || len(p.replies) != 0 {
			t.Errorf("%s: done %v, unsaid %v", what, store.done, p.replies)
		}
	}
}

// TestAgain: an update that comes again after a crash changes nothing and is
// answered from the saved conversation.
func TestAgain(t *testing.T) {
	d := &drafts{}
	start, err := telegram.Decode([]byte(`{"update_id":9,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"text":"/start"}}`))
	if err != nil {
		t.Fatal(err)
	}
	first := personOf(t, scripted.New(), &register{}, d)
	if err := first.Handle(t.Context(), start); err != nil || len(first.replies) == 0 {
		t.Fatal(err, first.replies)
	}
	rev := d.saved.Rev
	second := personOf(t, scripted.New(), &register{}, d)
	if err := second.Handle(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if d.saved.Rev != rev || len(second.replies) != len(first.replies) || second.replies[0].HTML != first.replies[0].HTML {
		t.Errorf("revision %d after %d, says %v", d.saved.Rev, rev, second.replies)
	}
}

// TestNotOurs: the desk's commands and those of other bots do nothing here.
func TestNotOurs(t *testing.T) {
	p := personOf(t, scripted.New(), &register{}, &drafts{})
	for text, want := range map[string]bool{"/open": true, "/start@another_bot": true, "/start": false, "/": false, "": false, "да": false} {
		if got := p.notOurs(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
