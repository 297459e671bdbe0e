package harness

import (
	"sync"
	"time"
)

// Hurries lets time go by from now on, so that nobody waits for a next attempt.
func (h *Harness) Hurries() {
	over := make(chan struct{})
	var hurrying sync.WaitGroup
	hurrying.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				h.Pass(5 * time.Second)
			}
		}
	})
	h.Cleanup(func() {
		close(over)
		hurrying.Wait()
	})
}
