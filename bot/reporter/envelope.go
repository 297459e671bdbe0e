package reporter

import (
	"encoding/json"
	"fmt"
	"slices"

	"intakebot/conversation"
)

// envelope is what is kept of a chat between two updates: the conversation,
// which updates it has taken in, and the replies that were not sent yet when
// it was saved. An update that comes again (Telegram delivers at least once,
// and a crash can fall between the saving and the reply) changes nothing: it
// is answered from here.
type envelope struct {
	State   json.RawMessage        `json:"state,omitempty"`
	Applied []int64                `json:"applied,omitempty"` // the latest, oldest first
	Replies []conversation.Message `json:"replies,omitempty"`
}

// appliedKept is how many updates are remembered; more than a batch of a worker
// can leave undone.
const appliedKept = 64

func openEnvelope(data []byte) (envelope, conversation.State, error) {
	var e envelope
	if len(data) == 0 {
		return e, conversation.State{}, nil
	}
	if err := json.Unmarshal(data, &e); err != nil {
		return e, conversation.State{}, fmt.Errorf("decode a saved conversation: %w", err)
	}
	s, err := conversation.Decode(e.State)
	return e, s, err
}

func (e envelope) applied(update int64) bool { return slices.Contains(e.Applied, update) }

// sealed is the envelope after an update, and its JSON.
func (e envelope) sealed(s conversation.State, update int64, replies []conversation.Message) (envelope, []byte, error) {
	state, err := s.Encode()
	if err != nil {
		return e, nil, err
	}
	e.State, e.Replies = state, replies
	if update != 0 {
		e.Applied = append(slices.Clone(e.Applied), update)
		if extra := len(e.Applied) - appliedKept; extra > 0 {
			e.Applied = e.Applied[extra:]
		}
	}
	data, err := json.Marshal(e)
	return e, data, err
}
