package outbox

import "time"

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

// SavedDraft is a live conversation as it is kept.
type SavedDraft struct {
	Data []byte
	// Rev counts the writes; 0 when there is nothing.
	Rev       int64
	ExpiresAt time.Time
}
