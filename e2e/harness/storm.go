package harness

import (
	"sync"
	"time"

	"intakebot/incident"
)

// Storm lets so many people file at once and returns when each has the number:
// when that was, counted from the first touch.
func (h *Harness) Storm(people int) (numbers []incident.Number, took []time.Duration) {
	h.Helper()
	numbers, took = make([]incident.Number, people), make([]time.Duration, people)
	began := time.Now()
	var all sync.WaitGroup
	for k := range people {
		one := h.Clerk()
		all.Go(func() {
			numbers[k] = one.Files()
			took[k] = time.Since(began)
		})
	}
	all.Wait()
	return numbers, took
}
