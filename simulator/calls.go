package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Call is one call that the bot made.
type Call struct {
	Method   string            // as the Bot API spells it
	Params   map[string]string // JSON values as JSON text; without files
	Files    []string          // names of the parameters that were uploads
	At       time.Time         // when it came, by Options.Now
	Status   int               // HTTP status; 0: it got no proper answer
	Response json.RawMessage   // the answer that was given, or lost by the Fault
	Fault    FaultKind         // what was done to it, if anything
}

// Counters are figures of the whole world at one moment.
type Counters struct {
	Pending    int            `json:"pending"`    // updates that the bot has not confirmed
	Confirmed  int            `json:"confirmed"`  // updates that it has
	Expired    int            `json:"expired"`    // updates that vanished because nobody fetched them
	Sent       int            `json:"sent"`       // messages that the bot sent
	Flooded    int            `json:"flooded"`    // calls refused with 429
	Unanswered int            `json:"unanswered"` // presses younger than 150 s without answerCallbackQuery
	Calls      map[string]int `json:"calls"`      // calls by method
	Errors     map[int]int    `json:"errors"`     // refused calls by error code
}

// Calls returns the calls of the named methods, or of all, oldest first; the
// last Options.KeepCalls calls are known.
func (tg *Telegram) Calls(method ...string) []Call {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	var found []Call
	for _, c := range tg.calls {
		if len(method) == 0 || slices.Contains(method, c.Method) {
			found = append(found, c)
		}
	}
	return found
}

// AwaitCall returns the first call that match accepts, those already made
// included, or ctx's error.
func (tg *Telegram) AwaitCall(ctx context.Context, match func(Call) bool) (Call, error) {
	for {
		tg.mu.Lock()
		i := slices.IndexFunc(tg.calls, match)
		if i >= 0 {
			defer tg.mu.Unlock()
			return tg.calls[i], nil
		}
		changed := tg.recorded.wait()
		tg.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return Call{}, ctx.Err()
		}
	}
}

// Counters returns the figures of this moment.
func (tg *Telegram) Counters() Counters {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.expire()
	c := Counters{
		Pending:   len(tg.pending),
		Confirmed: tg.confirmedNum,
		Expired:   tg.expired,
		Sent:      tg.sentNum,
		Flooded:   tg.refused[http.StatusTooManyRequests],
		Calls:     maps.Clone(tg.called),
		Errors:    maps.Clone(tg.refused),
	}
	for _, q := range tg.queries {
		if !q.answered && tg.now().Sub(q.at) < queryLife {
			c.Unanswered++
		}
	}
	return c
}

// Sent is how many messages the bot sent to a chat.
func (tg *Telegram) Sent(chatID int64) int {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if c := tg.chats[chatID]; c != nil {
		return c.sentNum
	}
	return 0
}

// Mistakes are the calls that the simulator refused in its own words, though
// the real server would have passed over what is wrong about them: each a slip
// in the program under test, whatever it makes of the refusal.
func (tg *Telegram) Mistakes() []string {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return slices.Clone(tg.mistakes)
}

func (tg *Telegram) noteMistake(method string, err error) {
	if refusal := (*apiError)(nil); errors.As(err, &refusal) && refusal.mistake {
		tg.mu.Lock()
		defer tg.mu.Unlock()
		tg.mistakes = append(tg.mistakes, method+": "+refusal.text)
	}
}

func (tg *Telegram) record(c Call) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.called[c.Method]++
	if c.Status >= 400 {
		tg.refused[c.Status]++
	}
	if c.Fault == Flood {
		tg.refused[http.StatusTooManyRequests]++
	}
	if len(tg.calls) >= 2*tg.opt.KeepCalls {
		tg.calls = slices.Clone(tg.calls[len(tg.calls)-tg.opt.KeepCalls:])
	}
	tg.calls = append(tg.calls, c)
	tg.recorded.fire()
}
