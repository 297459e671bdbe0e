package incident

import "time"

// LetterState is what became of a letter.
type LetterState string

// The states of a letter.
const (
	LetterQueued  LetterState = "queued"  // in the outbox, tried again until accepted
	LetterSent    LetterState = "sent"    // a mail server took the responsibility for it
	LetterRefused LetterState = "refused" // refused for good, or given up after five days
	// LetterReturned: it was sent, and a server behind ours brought it back.
	LetterReturned LetterState = "returned"
)

// Failed says that the letter has not arrived and will not.
func (s LetterState) Failed() bool { return s == LetterRefused || s == LetterReturned }

// Escalation is one letter to УИТ ПКО about an incident (point 6 of the
// regulation).
type Escalation struct {
	// ID is unique to the dialogue that sent it; sending it twice gives the
	// same letter.
	ID     string
	Number Number
	// Seq counts the escalations of one incident from 1.
	Seq int
	// State is the current state of the repair in the reporter's words.
	State string
	At    time.Time
	// MessageID is the letter's Message-ID without angle brackets
	// (RFC 5322, 3.6.4), the same on every attempt.
	MessageID string
	Letter    LetterState
	// SettledAt is when the letter was accepted or refused; zero while queued.
	SettledAt time.Time
	// Problem is the mail server's answer when the letter was refused or came
	// back.
	Problem string
	// ReceivedAt is when the recipient's server took it; zero while nobody has
	// said so.
	ReceivedAt time.Time
	// AnsweredAt is when the first answer to it came; zero while none has.
	AnsweredAt time.Time
}

// Refusal says why an escalation is not possible now.
type Refusal int

// The reasons.
const (
	MayEscalate   Refusal = iota
	NotOpen               // nothing is left to repair
	LetterWaiting         // the last letter has not been accepted yet
	TooSoon               // the last letter is younger than the pause between two
)

// EscalationAllowed says whether a letter may be sent at now, and if not, why
// and from when (zero when time alone does not change it). pause is the least
// time between two letters about one incident. A letter that was
// refused or came back does not count: it never arrived.
func (i Incident) EscalationAllowed(now time.Time, pause time.Duration) (Refusal, time.Time) {
	if !i.Status.Open() || i.Erased() {
		return NotOpen, time.Time{}
	}
	last, ok := i.LastEscalation()
	if !ok || last.Letter.Failed() {
		return MayEscalate, time.Time{}
	}
	if last.Letter == LetterQueued {
		return LetterWaiting, time.Time{}
	}
	if from := last.At.Add(pause); now.Before(from) {
		return TooSoon, from
	}
	return MayEscalate, time.Time{}
}

// Escalated says whether УИТ has a letter about the incident, or will have one.
func (i Incident) Escalated() bool {
	for _, e := range i.Escalations {
		if !e.Letter.Failed() {
			return true
		}
	}
	return false
}
