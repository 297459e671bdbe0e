package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// FaultKind is a way to fail.
type FaultKind string

// The ways to fail. What happens before the effect leaves nothing behind; after
// it, the message is stored, the update confirmed, and only the answer suffers.
const (
	ServerError FaultKind = "500"        // before the effect: HTTP 500 in the Bot API's JSON
	BadGateway  FaultKind = "502"        // before: HTTP 502 with a page of HTML
	Flood       FaultKind = "429"        // before: HTTP 429 with Fault.RetryAfter
	Hang        FaultKind = "hang"       // before: no answer until the client gives up
	CutBefore   FaultKind = "cut before" // before: the connection is closed
	CutAfter    FaultKind = "cut after"  // after: the connection is closed, the answer lost
	HangAfter   FaultKind = "hang after" // after: no answer until the client gives up
	Undecodable FaultKind = "nonsense"   // after: ok:true with a result of the wrong type
	Refused     FaultKind = "refusal"    // before: the answer is Fault.Refusal
	Vanish      FaultKind = "vanish"     // after: another bot deletes what was sent at once, HTTP 500 tells
	NoWait      FaultKind = "no wait"    // no failure: getUpdates answers at once, as servers do that ignore timeout
)

// Fault is a failure on demand. The zero value of every condition means any.
type Fault struct {
	Kind       FaultKind
	Methods    []string          // only these methods; "download" is the fetching of a file
	ChatID     int64             // only calls with this chat_id
	Match      func(q Call) bool // only calls that it accepts (Method, Params, Files are set)
	Skip       int               // let so many matching calls pass first
	Times      int               // strike so often, then be over; 0: until cleared
	RetryAfter int               // for Flood: seconds, default 1
	Refusal    Refusal           // for Refused
}

// Fault arranges for a failure and returns how to end it. Of several that fit a
// call the oldest strikes. Match must not call the Telegram. A long poll that is
// already waiting is spared; SetDown spares nothing.
func (tg *Telegram) Fault(f Fault) (clear func()) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	own := &f
	tg.faults = append(tg.faults, own)
	return func() {
		tg.mu.Lock()
		defer tg.mu.Unlock()
		tg.dropFault(own)
	}
}

// ClearFaults ends all failures on demand.
func (tg *Telegram) ClearFaults() {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.faults = nil
}

func (tg *Telegram) dropFault(f *Fault) {
	tg.faults = slices.DeleteFunc(tg.faults, func(x *Fault) bool { return x == f })
}

// takeFault returns the fault that strikes this call, or nil, and counts it.
func (tg *Telegram) takeFault(q *request) *Fault {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	for _, f := range tg.faults {
		if !f.fits(q) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				tg.dropFault(f)
			}
		}
		return f
	}
	return nil
}

func (f *Fault) fits(q *request) bool {
	return (len(f.Methods) == 0 || slices.Contains(f.Methods, q.method)) &&
		(f.ChatID == 0 || q.str("chat_id") == strconv.FormatInt(f.ChatID, 10)) &&
		(f.Match == nil || f.Match(q.call(time.Time{}, 0, nil, nil)))
}

// before says whether the fault strikes before the effect.
func (f *Fault) before() bool {
	if f == nil {
		return false
	}
	switch f.Kind {
	case CutAfter, HangAfter, Undecodable, Vanish, NoWait:
		return false
	}
	return true
}

// misbehave gives the fault's answer, or none.
func (tg *Telegram) misbehave(w http.ResponseWriter, r *http.Request, f *Fault) {
	switch f.Kind {
	case ServerError:
		writeAnswer(w, nil, &apiError{code: http.StatusInternalServerError, text: "Internal Server Error"})
	case Flood:
		writeAnswer(w, nil, tooManyRequests(max(f.RetryAfter, 1)))
	case Refused:
		writeAnswer(w, nil, f.Refusal.err())
	case Vanish:
		writeAnswer(w, nil, &apiError{code: http.StatusInternalServerError, text: "Internal Server Error: " + deletedAtOnce})
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n" +
			"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"))
	case Undecodable:
		writeBody(w, http.StatusOK, []byte(`{"ok":true,"result":"\u0000"}`))
	case Hang, HangAfter:
		select {
		case <-r.Context().Done():
		case <-tg.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	default:
		panic(http.ErrAbortHandler)
	}
}

// vanish deletes the messages that a call has just sent.
func (tg *Telegram) vanish(result any) {
	sent, _ := result.([]*wireMessage)
	if one, is := result.(*wireMessage); is {
		sent = []*wireMessage{one}
	}
	tg.mu.Lock()
	defer tg.mu.Unlock()
	for _, w := range sent {
		if m := tg.chats[w.Chat.ID].byID[w.ID]; m != nil {
			tg.remove(m)
		}
	}
}
