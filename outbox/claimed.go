package outbox

import "time"

// Claimed is a row of the outbox that the caller has to send and settle.
type Claimed struct {
	ID int64
	Message
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
