package incident

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

// pauses stand between two attempts to send (architecture, «One turn», 3); the
// last one repeats.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
}

// PauseAfter is the time until the next attempt to send what has failed once and
// so many times before.
func PauseAfter(before int) time.Duration { return pauses[min(max(before, 0), len(pauses)-1)] }

// KeepTrying is how long something is tried before it is given up (RFC 5321,
// 4.5.4.1, of letters: at least four or five days).
const KeepTrying = 5 * 24 * time.Hour

// Claimed is a row of the outbox that the caller has to send and settle.
type Claimed struct {
	ID int64
	Outgoing
	// Attempts counts the claims, this one too, less those taken back.
	Attempts int
	// FirstAt is when the row was first claimed, in this round.
	FirstAt time.Time
	// Round counts how often the desk had a dead row tried again.
	Round int
	// CardChat and CardMessageID are the incident's card for a row that
	// replies to it; 0 for others.
	CardChat      int64
	CardMessageID int
	// Parts are the rest of its album, in order.
	Parts []Claimed
}

// Card is the state of an incident's card in the support group.
type Card struct {
	Incident Incident
	// ShownVersion is the version that the card shows; 0: it must be shown
	// whatever the version is.
	ShownVersion int
	// Chat and MessageID are where the card is; 0 when there is none.
	Chat      int64
	MessageID int
}

// Period chooses incidents by the time of their registration.
type Period struct {
	From time.Time // included; zero: from the first
	To   time.Time // excluded; zero: to the last
}

// SavedDraft is a live conversation as it is kept.
type SavedDraft struct {
	Data []byte
	// Rev counts the writes; 0 when there is nothing.
	Rev       int64
	ExpiresAt time.Time
}

// Told is a message of ours, or a reporter's, that is about one incident.
type Told struct {
	Number Number
	// Memo is what its sender noted with it (see Outgoing.Memo).
	Memo string
}

// Place is a message in a chat.
type Place struct {
	Chat      int64
	MessageID int
	// File says that the message is a file; its words are a caption.
	File bool
}
