package bot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/conversation"
	"intakebot/outbox"
)

// fickleDrafts say that they work and do not.
type fickleDrafts struct {
	Drafts
	asked int
}

func (d *fickleDrafts) Load(context.Context, int64) (outbox.SavedDraft, error) {
	d.asked++
	return outbox.SavedDraft{}, errors.New("away")
}

func (*fickleDrafts) Ping(context.Context) error { return nil }

// soundRegister works, and keeps what is put into its outbox.
type soundRegister struct {
	anyRegister
	posts []outbox.Message
}

type anyRegister = Register // a field Register would hide the method

func (*soundRegister) Ping(context.Context) error { return nil }

func (*soundRegister) Pending(context.Context, int64) (bool, error) { return false, nil }

func (r *soundRegister) Done(_ context.Context, _ []int64, posts []outbox.Message) error {
	r.posts = append(r.posts, posts...)
	return nil
}

// TestFailureThatStaysIsNotHurried: what fails again and again although both
// stores say that they work is tried at a calm pace, not as fast as they say so.
func TestFailureThatStaysIsNotHurried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drafts := &fickleDrafts{}
		b, err := New(Config{Token: "1:test", APIURL: "http://telegram.test", Transport: &script{[]string{`{"ok":true,"result":{}}`}},
			Dialogue: &conversation.Dialogue{Location: time.UTC}, Register: &soundRegister{}, Drafts: drafts, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go b.watchStores(ctx)
		l := &lane{Bot: b, chat: 1, poke: newSignal()}
		raw := `{"update_id":1,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"text":"да"}}`
		if err := l.workOn(ctx, outbox.Received{Seq: 1, UpdateID: 1, Chat: 1, Raw: []byte(raw)}); err == nil {
			t.Error("worked")
		}
		if drafts.asked < 20 || drafts.asked > 60 {
			t.Errorf("%d attempts in a minute", drafts.asked)
		}
	})
}

// TestRefusedReply: a reply that Telegram will never take goes the way on which
// that is told to the group, and those behind it follow.
func TestRefusedReply(t *testing.T) {
	register := &soundRegister{}
	b, err := New(Config{Token: "1:test", APIURL: "http://telegram.test", Register: register, NewID: func() string { return "id" },
		Transport: &script{[]string{`{"ok":false,"error_code":400,"description":"Bad Request: something is wrong with it"}`}},
		Logger:    slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	l := &lane{Bot: b, chat: 1, poke: newSignal(), rows: []int64{7}, replies: []conversation.Message{{HTML: "Одно."}, {HTML: "Другое."}}}
	if err := l.answer(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(register.posts) != 2 || len(l.replies) != 0 {
		t.Errorf("%d in the outbox, %d unsent", len(register.posts), len(l.replies))
	}
}
