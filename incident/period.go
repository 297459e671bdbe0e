package incident

import "time"

// Period chooses incidents by the time of their registration.
type Period struct {
	From time.Time // included; zero: from the first
	To   time.Time // excluded; zero: to the last
}
