package incident

import (
	"errors"
	"fmt"
	"time"
)

// Errors of the register that other rooms branch on with errors.Is.
var (
	// ErrNotFound: there is no such incident, or it is another person's.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the draft has another revision than the one expected. Load
	// it and decide again.
	ErrConflict = errors.New("the draft was changed by another write")
	// ErrReadElsewhere: somebody reads an older state of the database, so
	// that its log cannot be emptied. Try again later.
	ErrReadElsewhere = errors.New("an older state of the database is being read")
	// ErrLetterOnItsWay: a report about a letter came before it is known that
	// the letter was sent. Try again later.
	ErrLetterOnItsWay = errors.New("the letter is still being sent")
	// ErrBroken: the database cannot be trusted any more; the process should
	// exit rather than guess.
	ErrBroken = errors.New("the database cannot be trusted")
)

// NotAllowed is the error of an escalation that is not possible now; get it
// with errors.As.
type NotAllowed struct {
	Refusal Refusal
	// From is when it becomes possible, zero when time alone does not help.
	From     time.Time
	Incident Incident
}

// Error names the incident and the reason by its code.
func (e *NotAllowed) Error() string {
	return fmt.Sprintf("escalation of %s is not allowed now (refusal %d)", e.Incident.Number, e.Refusal)
}
