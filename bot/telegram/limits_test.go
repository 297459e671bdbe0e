package telegram

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// send is one request as Telegram may count it: anywhere from its beginning to
// its end.
type send struct {
	chat       int64
	begin, end time.Time
}

// TestPaceHoldsEveryWindow: whatever is asked of it, in no stretch of a second
// or a minute can Telegram have counted more than its limits allow, even if it
// counts one request at its end and the next at its beginning.
func TestPaceHoldsEveryWindow(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			p := newPace(PublicLimits)
			var mu sync.Mutex
			var sends []send
			var all sync.WaitGroup
			for range 200 {
				chat := int64(random.IntN(60) - 2)
				if chat == 0 {
					chat = 61
				}
				delay, took := time.Duration(random.IntN(5000))*time.Millisecond, time.Duration(random.IntN(400))*time.Millisecond
				rank := random.IntN(4)
				all.Go(func() {
					time.Sleep(delay)
					sent, err := p.wait(t.Context(), Slot{Chat: chat, Rank: rank, Answer: isGroup(chat) && rank == 0})
					if err != nil {
						t.Error(err)
						return
					}
					s := send{chat: chat, begin: time.Now()}
					time.Sleep(took)
					s.end = time.Now()
					sent()
					mu.Lock()
					sends = append(sends, s)
					mu.Unlock()
				})
			}
			all.Wait()
			holds(t, "overall", sends, PublicLimits.All)
			byChat := map[int64][]send{}
			for _, s := range sends {
				byChat[s.chat] = append(byChat[s.chat], s)
			}
			for chat, own := range byChat {
				if isGroup(chat) {
					holds(t, "in a group's second", own, PublicLimits.Chat)
					holds(t, "in a group", own, PublicLimits.Group)
				} else {
					bursts(t, own, PublicLimits)
				}
			}
		})
	}
}

// holds: the request that is Count places later begins no sooner than Per
// after this one has ended.
func holds(t *testing.T, what string, sends []send, l Limit) {
	t.Helper()
	slices.SortFunc(sends, func(a, b send) int { return a.begin.Compare(b.begin) })
	for i, later := range sends {
		busy := 0
		for _, s := range sends[:i] {
			if s.end.Add(l.Per).After(later.begin) {
				busy++
			}
		}
		if busy >= l.Count {
			t.Fatalf("%s: the request at %v found %d others in its window", what, later.begin, busy)
		}
	}
}

// bursts: of any requests in a row, no more than the burst came at once and the
// others at the chat's rate since the first of them ended.
func bursts(t *testing.T, sends []send, l Limits) {
	t.Helper()
	slices.SortFunc(sends, func(a, b send) int { return a.begin.Compare(b.begin) })
	for last, later := range sends {
		ended := later.end
		for first := last; first >= 0; first-- {
			if s := sends[first]; first < last && s.end.Before(ended) {
				ended = s.end
			}
			over := last - first + 1 - l.Burst
			if earliest := ended.Add(time.Duration(over) * l.Chat.Per / time.Duration(l.Chat.Count)); over > 0 && later.begin.Before(earliest) {
				t.Fatalf("the request at %v is the %d. since %v", later.begin, last-first+1, ended)
			}
		}
	}
}

// TestPaceLetsRanksFirst: who waits for the same limit goes by rank, then by
// arrival.
func TestPaceLetsRanksFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Limits{All: Limit{1, time.Second}})
		var mu sync.Mutex
		var order []int
		var all sync.WaitGroup
		for i, rank := range []int{0, 3, 1, 3, 0, 2} {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				sent, err := p.wait(t.Context(), Slot{Chat: int64(i + 1), Rank: rank})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				sent()
			})
		}
		all.Wait()
		if want := []int{0, 4, 2, 5, 1, 3}; !slices.Equal(order, want) {
			t.Errorf("went %v, want %v", order, want)
		}
	})
}

// TestPaceHonoursRetryAfter: the chat that Telegram named waits, the others do
// not; when a second one is named, everybody does. A wait can be given up.
func TestPaceHonoursRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PublicLimits)
		goes := func(chat int64) time.Duration {
			t.Helper()
			began := time.Now()
			sent, err := p.wait(t.Context(), Slot{Chat: chat})
			if err != nil {
				t.Fatal(err)
			}
			sent()
			return time.Since(began)
		}
		p.hold(1, 10*time.Second)
		if took := goes(2); took != 0 {
			t.Errorf("another chat waited %v", took)
		}
		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.wait(hurried, Slot{Chat: 1}); err == nil {
			t.Errorf("a held chat was let through")
		}
		if took := goes(1); took != 9*time.Second {
			t.Errorf("the held chat waited %v more", took)
		}
		p.hold(1, 10*time.Second)
		p.hold(2, 20*time.Second)
		if took := goes(3); took != 20*time.Second {
			t.Errorf("with two chats held a third waited %v", took)
		}
	})
}
