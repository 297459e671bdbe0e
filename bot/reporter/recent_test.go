package reporter

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"intakebot/bot/telegram"
	"intakebot/bot/telegram/scripted"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// server is a Redis with one chat, that minds revisions.
type server struct {
	Drafts
	saved outbox.SavedDraft
	loads int
	fail  error
}

func (s *server) Load(context.Context, int64) (outbox.SavedDraft, error) {
	s.loads++
	return s.saved, nil
}

func (s *server) Save(_ context.Context, _, expect int64, _ string, data []byte, _, _ bool) (int64, error) {
	if s.fail != nil {
		return 0, s.fail
	}
	if expect != s.saved.Rev {
		return 0, &outbox.Conflict{Now: s.saved}
	}
	s.saved = outbox.SavedDraft{Data: data, Rev: s.saved.Rev + 1}
	return s.saved.Rev, nil
}

// agreed is a register that knows a person who agreed.
type agreed struct{ *register }

func (agreed) Reporter(context.Context, int64) (incident.Reporter, error) {
	return incident.Reporter{Chat: 1, Consent: incident.Consent{Version: "1"}}, nil
}

// TestRecent: a conversation is read once; not after a failure, and what another
// wrote meanwhile counts, and what Redis lost does not.
func TestRecent(t *testing.T) {
	away := errors.New("away")
	for what, c := range map[string]struct {
		between func(s *server)
		loads   int
		answers int // of the draft at the end
	}{
		"nothing happens":  {func(*server) {}, 1, 3},
		"redis lost it":    {func(s *server) { s.saved = outbox.SavedDraft{} }, 1, 3},
		"redis is older":   {func(s *server) { s.saved.Rev -= 1 }, 1, 3},
		"another wrote":    {func(s *server) { s.saved = outbox.SavedDraft{Rev: s.saved.Rev + 7} }, 2, 0},
		"redis fails once": {func(s *server) { s.fail = away }, 2, 3},
	} {
		s := &server{}
		p := personOf(t, scripted.New(scripted.Sent), nil, nil)
		p.Store, p.Drafts = agreed{&register{}}, s
		ids := 0
		p.NewID = func() string { ids++; return fmt.Sprint("id", ids) }
		for k, text := range []string{"/new", "Администрация Кетовского округа", "Иванова Анна Петровна", "8 (3522) 42-80-01"} {
			if k == 3 {
				c.between(s)
			}
			u := telegram.Update{ID: int64(k + 1), Private: true, First: true, Message: &telegram.Message{},
				Event: conversation.Text{MessageID: k + 1, Text: text}}
			if k == 0 {
				u.Event = conversation.Command{Name: "new", MessageID: 1}
			}
			err := p.Handle(t.Context(), u)
			if s.fail != nil {
				if !errors.Is(err, away) {
					t.Errorf("%s: %v", what, err)
				}
				s.fail = nil
				err = p.Handle(t.Context(), u)
			}
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, state, err := openEnvelope(s.saved.Data)
		answers := 0
		if state.Draft != nil {
			answers = len(state.Draft.Answers)
		}
		if err != nil || s.loads != c.loads || answers != c.answers {
			t.Errorf("%s: %d loads, %d answers, %v", what, s.loads, answers, err)
		}
	}
}
