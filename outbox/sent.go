package outbox

import "intakebot/incident"

// MessageRef is a message in a chat.
type MessageRef struct {
	Chat      int64
	MessageID int
	// File says that the message is a file; its words are a caption.
	File bool
}

// MessageKind says what a message of ours in the support group is. Words that
// answer one go to the reporter for three of the kinds only.
type MessageKind string

// The kinds.
const (
	CardMessage MessageKind = "card"
	// ReporterMessage brings the group the reporter's own words or files.
	ReporterMessage MessageKind = "reporter"
	// PromptMessage asks a member for words.
	PromptMessage MessageKind = "prompt"
	// OtherMessage is any other: a notice, a list, an answer to a command.
	OtherMessage MessageKind = ""
)

// FromReporter is the Message.Memo of what brings the reporter's own words or
// files.
const FromReporter = "reporter"

// MessageContext says which incident a message of ours, or of a reporter, is
// about.
type MessageContext struct {
	Number incident.Number
	Kind   MessageKind
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
