package incident

import "time"

// End says why a row of the outbox ended without being sent.
type End string

// The ends.
const (
	EndRefused    End = "refused"    // Telegram or the mail server will never take it as it is
	EndGivenUp    End = "given_up"   // it was tried for five days
	EndUnreadable End = "unreadable" // this release cannot read the row

	// EndUnreachable: the person does not take the bot's messages. That is
	// noted with the person, and the desk is told when it happens.
	EndUnreachable End = "unreachable"
	// EndNeedless: what it was to answer or to change is gone, its moment has
	// passed, or another row says the same.
	EndNeedless End = "needless"
)

// Alarms says that somebody must learn of such a row: it is a failure of ours,
// of the mail server's or of Telegram's, and something should have arrived.
func (e End) Alarms() bool {
	return e == EndRefused || e == EndGivenUp || e == EndUnreadable
}

// Undelivered is a row of the outbox that was to arrive and did not.
type Undelivered struct {
	ID int64
	Outgoing
	End     End
	Problem string // the other side's answer
}

// Fate is where a row of the outbox stands.
type Fate string

// The fates.
const (
	FatePending    Fate = "pending"
	FateSent       Fate = "sent"
	FateSuperseded Fate = "superseded"
	FateDead       Fate = "dead"
)

// Retried is what a new attempt at an incident's rows found.
type Retried struct {
	Incident Incident
	// Revived were dead, Hurried waited for their next attempt.
	Revived, Hurried []Outgoing
	// Outdated are the sequence numbers of escalation letters that stay dead,
	// because a later letter stands in for them.
	Outdated []int
	// Sending is how many rows are on their way anyway.
	Sending int
}

// Outage is a time in which no letter leaves, whatever it says.
type Outage struct {
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
