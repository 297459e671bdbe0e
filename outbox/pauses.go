package outbox

import "time"

// pauses stand between two attempts to send (architecture, «One turn», 3); the
// last one repeats.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
}

// PauseAfter is the time until the next attempt to send what has failed once and
// so many times before.
func PauseAfter(before int) time.Duration { return pauses[min(max(before, 0), len(pauses)-1)] }

// quickly stand before the others when a person waits for a message: most
// failures of Telegram pass in a moment.
var quickly = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// PauseForPerson is PauseAfter for a message to a person.
func PauseForPerson(before int) time.Duration {
	if before = max(before, 0); before < len(quickly) {
		return quickly[before]
	}
	return PauseAfter(before - len(quickly) + 1)
}

// KeepTrying is how long something is tried before it is given up (RFC 5321,
// 4.5.4.1, of letters: at least four or five days).
const KeepTrying = 5 * 24 * time.Hour
