package telegram

import "time"

// bucket lets a burst through at once and then keeps to a rate. A message fills
// it by one, when it begins; it leaks from when the message has ended, because
// Telegram counts it somewhere in between.
type bucket struct {
	busy  int // begun and not ended
	level float64
	at    time.Time // of level
}

// leaked is what is in it at now, without those that are under way.
func (b *bucket) leaked(now time.Time, l Limit) float64 {
	if b.level == 0 {
		return 0
	}
	return max(0, b.level-float64(now.Sub(b.at))*float64(l.Count)/float64(l.Per))
}

// free says whether one more message may begin at now; if not, when to look
// again, zero when the end of another send will tell.
func (b *bucket) free(now time.Time, l Limit, burst int) (at time.Time, ok bool) {
	if l.Count <= 0 {
		return now, true
	}
	const grain = 1e-6 // of rounding
	level := b.leaked(now, l)
	over := level + float64(b.busy+1-burst)
	switch {
	case over <= grain:
		return now, true
	case level < over: // only an end helps
		return time.Time{}, false
	}
	return now.Add(time.Duration(over*float64(l.Per)/float64(l.Count)) + time.Microsecond), false
}

func (b *bucket) begin() { b.busy++ }

func (b *bucket) end(now time.Time, l Limit) {
	if b.busy--; l.Count <= 0 {
		return
	}
	b.level, b.at = b.leaked(now, l)+1, now
}
