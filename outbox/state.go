package outbox

import (
	"time"

	"intakebot/incident"
)

// Failure says why a row of the outbox ended without being sent.
type Failure string

// The failures.
const (
	Rejected   Failure = "refused"    // Telegram or the mail server will never take it as it is
	GivenUp    Failure = "given_up"   // it was tried for five days
	Unreadable Failure = "unreadable" // this release cannot read the row

	// Unreachable: the person does not take the bot's messages. That is
	// noted with the person, and the desk is told when it happens.
	Unreachable Failure = "unreachable"
	// Obsolete: what it was to answer or to change is gone, its moment has
	// passed, or another row says the same.
	Obsolete Failure = "needless"
)

// Alarms says that somebody must learn of such a row: it is a failure of ours,
// of the mail server's or of Telegram's, and something should have arrived.
func (e Failure) Alarms() bool {
	return e == Rejected || e == GivenUp || e == Unreadable
}

// Undelivered is a row of the outbox that was to arrive and did not.
type Undelivered struct {
	ID int64
	Message
	Failure Failure
	Problem string // the other side's answer
}

// State is where a row of the outbox stands.
type State string

// The states.
const (
	Pending    State = "pending"
	Sent       State = "sent"
	Superseded State = "superseded"
	Dead       State = "dead"
)

// Retried is what a new attempt at an incident's rows found.
type Retried struct {
	Incident incident.Incident
	// Revived were dead, Hurried waited for their next attempt.
	Revived, Hurried []Message
	// Outdated are the sequence numbers of escalation letters that stay dead,
	// because a later letter stands in for them.
	Outdated []int
	// Sending is how many rows are on their way anyway.
	Sending int
}

// MailOutage is a time in which no letter leaves, whatever it says.
type MailOutage struct {
	Since time.Time
	// Problem is what the mail server said, or one sentence; it holds no
	// secret.
	Problem string
	// EndedAt is when a letter went again; zero while none does.
	EndedAt time.Time
}

// MailQueue are the figures of the letters.
type MailQueue struct {
	Waiting int
	NextAt  time.Time // of the next attempt; zero: none waits, or one is under way
	Sent    int       // since the time that was asked for
}

// Gap is a stretch of update ids that were never received.
type Gap struct {
	ID          int64
	First, Last int64 // update ids, both included
	// FromAt is when the last update before it came, SeenAt when the first
	// one behind it did.
	FromAt, SeenAt time.Time
}

// Count is how many updates are missing.
func (g Gap) Count() int { return int(g.Last - g.First + 1) }
