package inbox

import "time"

// Meter hears what becomes of the updates, for metrics. It is called from many
// goroutines and must not block.
type Meter interface {
	// Turn: an update was taken up, what came of it and how long that took,
	// the reply's way to Telegram not included.
	Turn(outcome TurnOutcome, took time.Duration)
}

// TurnOutcome is what came of one attempt at an update.
type TurnOutcome string

// The outcomes.
const (
	TurnDone        TurnOutcome = "done"
	TurnFailed      TurnOutcome = "failed"      // for a reason of our own; tried again
	TurnQuarantined TurnOutcome = "quarantined" // failed for good and set aside
	TurnWaits       TurnOutcome = "waits"       // Redis or the register is away; tried again
)

// TurnOutcomes are all of them.
var TurnOutcomes = []TurnOutcome{TurnDone, TurnFailed, TurnQuarantined, TurnWaits}
