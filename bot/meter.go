package bot

import (
	"net/http"
	"path"
	"strings"
	"time"
)

// Meter hears how the bot is doing, for metrics. Its methods are called from
// many goroutines and must not block.
type Meter interface {
	// Turn: an update was taken up, what came of it and how long that took,
	// the reply's way to Telegram not included.
	Turn(outcome TurnOutcome, took time.Duration)
	// Answered: Telegram answered a request with that HTTP status, 0 when
	// there was no answer. method is one of the Bot API's, or "download".
	Answered(method string, status int, took time.Duration)
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

// unmetered is a Meter that nobody reads.
type unmetered struct{}

func (unmetered) Turn(TurnOutcome, time.Duration)     {}
func (unmetered) Answered(string, int, time.Duration) {}

// metered tells a Meter of every answer to a request of the Bot API.
type metered struct {
	http.RoundTripper
	meter Meter
}

// RoundTrip implements http.RoundTripper.
func (m metered) RoundTrip(r *http.Request) (*http.Response, error) {
	method := path.Base(r.URL.Path)
	if strings.Contains(r.URL.Path, "/file/bot") {
		method = "download" // the rest is the name of a file
	}
	began := time.Now()
	resp, err := m.RoundTripper.RoundTrip(r)
	status := 0
	if err == nil {
		status = resp.StatusCode
	}
	m.meter.Answered(method, status, time.Since(began))
	return resp, err
}
