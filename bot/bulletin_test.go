package bot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"testing"
	"time"

	"intakebot/conversation"
	"intakebot/outbox"
)

// affairs is a register with something to tell by bulletins.
type affairs struct {
	anyRegister
	untold []outbox.Undelivered
	fates  map[int64]outbox.State
	meta   map[string]string
	full   bool // the disk is: nothing can be written
}

var errFull = errors.New("the disk is full")

func (r *affairs) Untold(context.Context, int) ([]outbox.Undelivered, error) { return r.untold, nil }

func (r *affairs) States(context.Context, []int64) (map[int64]outbox.State, error) {
	return r.fates, nil
}

func (r *affairs) Told(context.Context, []int64, time.Time) error {
	if r.full {
		return errFull
	}
	r.untold = nil
	return nil
}

func (r *affairs) Meta(_ context.Context, key string) (string, error) { return r.meta[key], nil }

func (r *affairs) SetMeta(_ context.Context, key, value string) error {
	if r.full {
		return errFull
	}
	r.meta[key] = value
	return nil
}

// taker is a Telegram that takes everything and counts it by method.
type taker struct{ calls map[string]int }

func (s *taker) RoundTrip(r *http.Request) (*http.Response, error) {
	s.calls[path.Base(r.URL.Path)]++
	return (&script{[]string{`{"ok":true,"result":{"message_id":5}}`}}).RoundTrip(r)
}

// speaker is a bot with these affairs, and the Telegram that hears it.
func speaker(t *testing.T, r *affairs) (*Bot, *taker) {
	t.Helper()
	telegram := &taker{map[string]int{}}
	b, err := New(Config{Token: "1:test", APIURL: "http://telegram.test", Desk: -5, Register: r, Transport: telegram,
		Dialogue: &conversation.Dialogue{Location: time.UTC}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b.work = t.Context()
	b.setDesk(-5)
	return b, telegram
}

func oneDead() *affairs {
	return &affairs{
		untold: []outbox.Undelivered{{ID: 1, Message: outbox.Message{Number: "26-00001-4", Chat: 1, Channel: outbox.Telegram}, Failure: outbox.Rejected}},
		fates:  map[int64]outbox.State{1: outbox.Dead}, meta: map[string]string{},
	}
}

// TestBulletinOnAFullDisk: what could not be noted is not said again and again.
func TestBulletinOnAFullDisk(t *testing.T) {
	r := oneDead()
	r.full = true
	b, telegram := speaker(t, r)
	for range 3 {
		if err := b.tellUndelivered(t.Context()); !errors.Is(err, errFull) {
			t.Fatal(err)
		}
	}
	if n := telegram.calls["sendMessage"]; n != 1 {
		t.Errorf("sent %d times", n)
	}
	r.full = false
	if err := b.keepUnkept(); err != nil || r.meta[undeliveredKey] == "" {
		t.Errorf("not kept: %v", err)
	}
}

// TestBulletinOutlivesItsRows: when the rows are pruned, weeks later, the
// bulletin goes on saying that they were sent.
func TestBulletinOutlivesItsRows(t *testing.T) {
	r := oneDead()
	b, telegram := speaker(t, r)
	for _, fates := range []map[int64]outbox.State{{1: outbox.Dead}, {1: outbox.Sent}, {}} {
		r.fates = fates
		if err := b.tellUndelivered(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if sent, edited := telegram.calls["sendMessage"], telegram.calls["editMessageText"]; sent != 1 || edited != 1 {
		t.Errorf("sent %d times, edited %d times", sent, edited)
	}
}
