package outbox

import "intakebot/incident"

// MessageRef is a message in a chat.
type MessageRef struct {
	Chat      int64
	MessageID int
	// File says that the message is a file; its words are a caption.
	File bool
}

// MessageContext says which incident a message of ours, or of a reporter, is
// about.
type MessageContext struct {
	Number incident.Number
	// Memo is what its sender noted with it (see Message.Memo).
	Memo string
}

// Card is the state of an incident's card in the support group.
type Card struct {
	Incident incident.Incident
	// ShownVersion is the version that the card shows; 0: it must be shown
	// whatever the version is.
	ShownVersion int
	// Chat and MessageID are where the card is; 0 when there is none.
	Chat      int64
	MessageID int
}
