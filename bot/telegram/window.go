package telegram

import "time"

// window remembers the messages that a limit counts.
type window struct {
	busy      int         // begun and not ended
	ended     []time.Time // oldest first
	heldUntil time.Time
}

// free says whether n more messages may begin at now; if not, when to look
// again, zero when the end of another send will tell. More than the limit go
// when the window is empty: they would never fit.
func (w *window) free(now time.Time, l Limit, n int) (at time.Time, ok bool) {
	if w.heldUntil.After(now) {
		return w.heldUntil, false
	}
	if l.Count <= 0 {
		w.ended = w.ended[:0]
		return now, true
	}
	for len(w.ended) > 0 && !now.Before(w.ended[0].Add(l.Per)) {
		w.ended = w.ended[1:]
	}
	over := w.busy + len(w.ended) + min(n, l.Count) - l.Count // must leave before
	switch {
	case over <= 0:
		return now, true
	case over > len(w.ended):
		return time.Time{}, false
	}
	return w.ended[over-1].Add(l.Per), false
}

func (w *window) begin(n int) { w.busy += n }

func (w *window) end(now time.Time, n int) {
	w.busy -= n
	for range n {
		w.ended = append(w.ended, now)
	}
}
