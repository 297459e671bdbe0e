package telegram

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/conversation"
)

// script is a Telegram that gives these answers, the last one again and again.
type script struct {
	answers []string
	asked   []string // the methods
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	body := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// moves is a store that remembers where the group went.
type moves struct{ to int64 }

func (m *moves) DeskMoved(_ context.Context, _, to int64) error { m.to = to; return nil }

func clientOf(t *testing.T, s *script, g *Group) *Client {
	t.Helper()
	c, err := NewClient(Config{Token: "1:test", APIURL: "http://telegram.test", Transport: s, Group: g, Limits: PublicLimits, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const sentOne = `{"ok":true,"result":{"message_id":5}}`

// TestDeliver: each conclusion that does not depend on what was sent is drawn in
// this one place.
func TestDeliver(t *testing.T) {
	say := func(c *Client, chat int64) Result {
		ctx := context.Background() // the test's belongs to no bubble
		return c.Deliver(ctx, Slot{Chat: chat}, func() error {
			_, err := c.SendMessage(ctx, chat, conversation.Message{HTML: "да"}, 0)
			return err
		})
	}
	t.Run("a chat is held back as long as Telegram says", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := clientOf(t, &script{answers: []string{`{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}`, sentOne}}, nil)
			if r := say(c, 1); r.Kind != RateLimited || r.RetryAfter != 7*time.Second {
				t.Fatalf("%+v", r)
			}
			began := time.Now()
			if r := say(c, 1); r.Kind != Delivered || time.Since(began) != 7*time.Second {
				t.Errorf("%+v after %v", r, time.Since(began))
			}
		})
	})
	t.Run("the group is followed", func(t *testing.T) {
		store, moved := &moves{}, 0
		g := &Group{Store: store, Logger: slog.New(slog.DiscardHandler), Moved: func() { moved++ }}
		g.SetID(-5)
		c := clientOf(t, &script{answers: []string{`{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-100}}`}}, g)
		if r := say(c, -5); r.Kind != Migrated || g.ID() != -100 || store.to != -100 || moved != 1 {
			t.Errorf("%+v, the group is %d", r, g.ID())
		}
	})
	t.Run("what the group does not take is told", func(t *testing.T) {
		g := &Group{}
		g.SetID(-5)
		c := clientOf(t, &script{answers: []string{`{"ok":false,"error_code":400,"description":"Bad Request: CHAT_RESTRICTED"}`, sentOne}}, g)
		if r := say(c, -5); r.Kind != ChatUnavailable || c.Health.Desk() == nil {
			t.Errorf("%+v, %v", r, c.Health.Desk())
		}
	})
	t.Run("the first that goes after an outage is news", func(t *testing.T) {
		down := `{"ok":false,"error_code":502,"description":"Bad Gateway"}`
		c := clientOf(t, &script{answers: []string{down, down, down, sentOne}}, nil)
		c.cfg.Limits, c.pace = Limits{}, newPace(Limits{})
		news := 0
		c.Works = func() { news++ }
		for range 5 {
			say(c, 1)
		}
		if news != 1 {
			t.Errorf("told %d times", news)
		}
	})
	t.Run("a stop ends the wait alone", func(t *testing.T) {
		c := clientOf(t, &script{answers: []string{sentOne}}, nil)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		c.pace.hold(1, time.Hour)
		if r := c.Deliver(ctx, Slot{Chat: 1}, func() error { t.Error("sent"); return nil }); r.Kind != NotSent || !errors.Is(r.Err, context.Canceled) {
			t.Errorf("%+v", r)
		}
	})
}

// TestOldServerKnowsNoTimes: a server that cannot read marked times gets them
// unmarked from then on, with the rest of the markup.
func TestOldServerKnowsNoTimes(t *testing.T) {
	unknown := `{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: Unsupported start tag \"tg-time\" at byte offset 0"}`
	s := &script{answers: []string{unknown, sentOne, sentOne}}
	c := clientOf(t, s, nil)
	m := conversation.Message{HTML: `<b>в</b> <tg-time unix="1795424700" format="t">14:05</tg-time>`}
	if id, err := c.SendMessage(t.Context(), 1, m, 0); id != 5 || err != nil {
		t.Fatalf("%d, %v", id, err)
	}
	if err := c.EditMessage(t.Context(), 1, 5, m); err != nil || len(s.asked) != 3 || c.known(m.HTML) != "<b>в</b> 14:05" {
		t.Errorf("%v, asked %v, %s", err, s.asked, c.known(m.HTML))
	}
}

// TestUnreadableHTML: a person gets the words when Telegram cannot read our
// markup.
func TestUnreadableHTML(t *testing.T) {
	s := &script{answers: []string{`{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: x"}`, sentOne}}
	c := clientOf(t, s, nil)
	id, err := c.SendMessage(t.Context(), 1, conversation.Message{HTML: "<b>да"}, 0)
	if id != 5 || err != nil || len(s.asked) != 2 {
		t.Errorf("%d, %v, asked %v", id, err, s.asked)
	}
}
