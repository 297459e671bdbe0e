package desk

import (
	"context"
	"testing"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
)

// keys is a register that knows some keys of the outbox.
type keys struct {
	DutyStore
	known map[string]bool
}

func (k keys) Known(_ context.Context, key string) (bool, error) { return k.known[key], nil }

// TestClosingIsToldOnce: the warning that an incident closes has a key of its
// own, and one that an older release left under the key of letters counts.
func TestClosingIsToldOnce(t *testing.T) {
	i := incident.Incident{Number: "26-00001-0", Reporter: 7, Status: incident.Resolved, StatusAt: noon}
	d := &Duties{Dialogue: &conversation.Dialogue{Line: incident.RegulationLine(), Location: time.UTC}}
	for old, want := range map[bool]int{false: 1, true: 0} {
		d.Store = keys{known: map[string]bool{"closing:26-00001-0:1795435200000": old}}
		posts, err := d.dutiesOf(t.Context(), i, noon.Add(warnsAfter))
		if err != nil || len(posts) != want {
			t.Errorf("known %v: %d rows, %v", old, len(posts), err)
		}
		if want == 1 && posts[0].Key != "closes:26-00001-0:1795435200000" {
			t.Errorf("its key is %q", posts[0].Key)
		}
	}
}
