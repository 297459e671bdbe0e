package outbox

import (
	"fmt"
	"time"

	"intakebot/incident"
)

// Update is one update of Telegram as it came.
type Update struct {
	ID   int64 // Telegram's update_id
	Chat int64 // whose lane it goes through; 0 when it has none
	Raw  []byte
}

// Received is an update in the inbox that is to be worked on.
type Received struct {
	Seq        int64 // of arrival, unique and growing
	UpdateID   int64
	Chat       int64
	Raw        []byte
	ReceivedAt time.Time
	Attempts   int // failed ones
}

// Conflict is the error of a draft that was not saved, because another write came
// before it; it is incident.ErrConflict. Now is the draft that is there.
type Conflict struct{ Now SavedDraft }

// Error names the revision that is there.
func (e *Conflict) Error() string {
	return fmt.Sprintf("the revision is %d: %v", e.Now.Rev, incident.ErrConflict)
}

// Is makes it incident.ErrConflict.
func (e *Conflict) Is(target error) bool { return target == incident.ErrConflict }

// SavedDraft is a live conversation as it is kept.
type SavedDraft struct {
	Data []byte
	// Rev counts the writes; 0 when there is nothing.
	Rev       int64
	ExpiresAt time.Time
}
