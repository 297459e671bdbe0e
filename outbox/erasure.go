package outbox

import (
	"time"

	"intakebot/incident"
)

// ForgetKey begins the keys (Message.Key) of what an erasure itself has to say
// and to do, which it must not sweep away.
const ForgetKey = "forget:"

// Erasure is the erasing of a person's data on its way. The register itself is
// emptied at once; what goes on is the rest of the world.
type Erasure struct {
	// Chat is the person's, 0 for what the end of the retention erases.
	Chat    int64
	AskedAt time.Time
	Numbers []incident.Number
	// Draft: the live conversation may still be kept.
	Draft bool
	// Dirty: the database file may still hold bytes of what was erased.
	Dirty bool
	// Told: everybody was told of the end.
	Told bool

	Letters int // that go first
	Sending int // messages on their way, or about to be taken out of the group
	Cards   int // that still show the person
	// Group are messages of ours in the group that may still tell of the
	// person, Stayed those that Telegram does not let us change, Staff what
	// members wrote to the person.
	Group         []Trace
	Stayed, Staff []MessageRef
}

// Trace is a message about an incident.
type Trace struct {
	MessageRef
	Number incident.Number
}

// Waits says that something must happen before the erasure is complete.
func (e Erasure) Waits() bool {
	return e.Draft || e.Letters > 0 || e.Sending > 0 || e.Cards > 0 || len(e.Group) > 0
}
