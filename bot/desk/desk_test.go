package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/telegram"
	"intakebot/bot/telegram/scripted"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// affairs is a register with something to tell by bulletins and cards.
type affairs struct {
	BulletinStore
	untold []outbox.Undelivered
	states map[int64]outbox.State
	meta   map[string]string
	full   bool // the disk is: nothing can be written

	incident incident.Incident
	card     outbox.Card // as it is recorded
}

var errFull = errors.New("the disk is full")

func (r *affairs) NewlyDead(context.Context, int) ([]outbox.Undelivered, error) { return r.untold, nil }

func (r *affairs) States(context.Context, []int64) (map[int64]outbox.State, error) {
	return r.states, nil
}

func (r *affairs) DeadTold(context.Context, []int64, time.Time) error {
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

func (r *affairs) StaleCards(context.Context, bool, int) ([]outbox.Card, error) {
	if r.card.ShownVersion == r.incident.Version {
		return nil, nil
	}
	card := r.card
	card.Incident = r.incident
	return []outbox.Card{card}, nil
}

func (r *affairs) CardShown(_ context.Context, _ incident.Number, version int, chat int64, id int) error {
	r.card = outbox.Card{ShownVersion: version, Chat: chat, MessageID: id}
	return nil
}

func (r *affairs) CardLost(context.Context, incident.Number, int) error {
	r.card = outbox.Card{}
	return nil
}

func (r *affairs) Unannounced(context.Context, int) ([]incident.Incident, error) { return nil, nil }
func (r *affairs) Announced(context.Context, []incident.Number) error            { return nil }
func (r *affairs) EnterDesk(context.Context, int64) error                        { return nil }

const group = int64(-5)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var regulation = desk.Words{Line: incident.RegulationLine(), Location: time.UTC}

func clientOf(t *testing.T, server *scripted.Server) (*telegram.Client, *telegram.Group) {
	t.Helper()
	g := &telegram.Group{}
	g.SetID(group)
	c, err := telegram.NewClient(telegram.Config{Token: "1:test", APIURL: "http://telegram.test", Transport: server, Group: g, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return c, g
}

func quiet() *loop.Supervisor { return loop.NewSupervisor(slog.New(slog.DiscardHandler)) }

func bulletinsOf(t *testing.T, r *affairs) (*Bulletins, *scripted.Server) {
	server := scripted.New()
	c, g := clientOf(t, server)
	return &Bulletins{
		Dialogue: &conversation.Dialogue{Location: time.UTC}, Words: regulation, Client: c, Group: g, Store: r,
		Wake: loop.NewSignal(), Now: func() time.Time { return noon }, Log: quiet(), work: t.Context(),
	}, server
}

func oneDead() *affairs {
	return &affairs{
		untold: []outbox.Undelivered{{ID: 1, Message: outbox.Message{Number: "26-00001-4", Chat: 1, Channel: outbox.Telegram}, Failure: outbox.Rejected}},
		states: map[int64]outbox.State{1: outbox.Dead}, meta: map[string]string{},
	}
}

// TestBulletinOnAFullDisk: what could not be noted is not said again and again.
func TestBulletinOnAFullDisk(t *testing.T) {
	r := oneDead()
	r.full = true
	b, server := bulletinsOf(t, r)
	for range 3 {
		if err := b.tellUndelivered(t.Context()); !errors.Is(err, errFull) {
			t.Fatal(err)
		}
	}
	if n := len(server.Calls("sendMessage")); n != 1 {
		t.Errorf("sent %d times", n)
	}
	r.full = false
	if err := b.saveUnsaved(); err != nil || r.meta[undeliveredKey] == "" {
		t.Errorf("not kept: %v", err)
	}
}

// TestBulletinOutlivesItsRows: when the rows are pruned, weeks later, the
// bulletin goes on saying that they were sent.
func TestBulletinOutlivesItsRows(t *testing.T) {
	r := oneDead()
	b, server := bulletinsOf(t, r)
	for _, states := range []map[int64]outbox.State{{1: outbox.Dead}, {1: outbox.Sent}, {}} {
		r.states = states
		if err := b.tellUndelivered(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if sent, edited := len(server.Calls("sendMessage")), len(server.Calls("editMessageText")); sent != 1 || edited != 1 {
		t.Errorf("sent %d times, edited %d times", sent, edited)
	}
}

func cardsOf(t *testing.T, server *scripted.Server) (*Cards, *affairs) {
	r := &affairs{meta: map[string]string{}, incident: incident.Incident{
		Number: "26-00001-0", Version: 1, Status: incident.Registered, StatusAt: noon, RegisteredAt: noon,
		Answers: incident.Answers{{Key: incident.Description, Label: "Описание", Value: "Нет связи"}},
	}}
	c, g := clientOf(t, server)
	return NewCards(Cards{
		Words: regulation, Client: c, Group: g, Store: r, Wake: loop.NewSignal(), Erasures: loop.NewSignal(),
		Courier: delivery.NewCourier(delivery.Config{}), Now: func() time.Time { return noon }, Log: quiet(),
	}), r
}

// look has the cards looked at so many times.
func look(t *testing.T, c *Cards, times int) (last error) {
	t.Helper()
	for range times {
		_, last = c.showOne(t.Context(), t.Context())
	}
	return last
}

// TestCardWithoutAMessageIsNotShown: whatever the group says that is not about
// the card itself, the card is sent again, and nothing is noted.
func TestCardWithoutAMessageIsNotShown(t *testing.T) {
	for _, description := range []string{"CHAT_RESTRICTED", "have no write access to the chat", "SOMETHING_NEW", "TOPIC_CLOSED", "not enough rights to send text messages to the chat"} {
		server := scripted.New(scripted.Refusal(400, "Bad Request: "+description), scripted.Sent)
		c, r := cardsOf(t, server)
		if err := look(t, c, 1); err == nil || r.card.ShownVersion != 0 || c.Client.Health.Desk() == nil {
			t.Errorf("%s: %v, noted %+v", description, err, r.card)
		}
		if err := look(t, c, 1); err != nil || r.card.MessageID != 5 || c.Client.Health.Desk() != nil {
			t.Errorf("%s, afterwards: %v, noted %+v", description, err, r.card)
		}
	}
}

// TestRefusedCard: a card that Telegram refuses for its content is replaced by a
// plain one, with the buttons; one that it does not take at all is left for an
// hour, and still not shown.
func TestRefusedCard(t *testing.T) {
	refusal := scripted.Refusal(400, "Bad Request: message is too long")
	server := scripted.New(refusal, scripted.Sent)
	c, r := cardsOf(t, server)
	if err := look(t, c, 2); err != nil || r.card.MessageID != 5 || r.card.ShownVersion != 1 {
		t.Errorf("%v, noted %+v", err, r.card)
	}
	calls := server.Calls("sendMessage")
	if plain := calls[len(calls)-1].Body; strings.Contains(plain, "Нет связи") || !strings.Contains(plain, "/incident 26-00001-0") {
		t.Errorf("the plain card: %s", plain)
	}

	server = scripted.New(refusal)
	c, r = cardsOf(t, server)
	if err := look(t, c, 5); err != nil || r.card.ShownVersion != 0 || len(server.Calls("sendMessage")) != 2 {
		t.Errorf("%v, noted %+v, sent %d times", err, r.card, len(server.Calls("sendMessage")))
	}
}

// TestForbiddenFilesOnTheCard: the card says which files the group does not take,
// also after a restart, and says it no more when they came.
func TestForbiddenFilesOnTheCard(t *testing.T) {
	server := scripted.New()
	c, r := cardsOf(t, server)
	must := func(times int) {
		t.Helper()
		if err := look(t, c, times); err != nil {
			t.Fatal(err)
		}
	}
	must(1)
	card := r.card
	card.Incident = r.incident
	c.Forbid(card, incident.Photo, true)
	c.Forbid(card, incident.Photo, true) // several files
	must(2)
	last := func() string {
		calls := server.Calls("editMessageText")
		return calls[len(calls)-1].Body
	}
	if !strings.Contains(last(), "фото") || r.card.ShownVersion != 1 || r.card.MessageID != 5 {
		t.Errorf("the card says %s, noted %+v", last(), r.card)
	}
	again, _ := cardsOf(t, server)
	again.Store, c = r, again
	r.incident.Version++
	must(1)
	if !strings.Contains(last(), "фото") {
		t.Errorf("after a restart it says %s", last())
	}
	c.Forbid(card, incident.Photo, false)
	must(2)
	if strings.Contains(last(), "фото") || len(server.Calls("sendMessage")) != 1 {
		t.Errorf("in the end it says %s", last())
	}
}

// TestCommands: every command of the table does something, and nothing else
// does.
func TestCommands(t *testing.T) {
	var listed, done []string
	for _, c := range desk.Commands {
		listed = append(listed, c.Name)
	}
	for name := range commands {
		done = append(done, name)
	}
	slices.Sort(listed)
	slices.Sort(done)
	if !slices.Equal(listed, done) {
		t.Errorf("listed %v, done %v", listed, done)
	}
}
