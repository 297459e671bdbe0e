package telegram

import (
	"net/http"
	"path"
	"strings"
	"time"
)

// Meter hears of the requests, for metrics. It is called from many goroutines
// and must not block.
type Meter interface {
	// Answered: Telegram answered a request with that HTTP status, 0 when
	// there was no answer. method is one of the Bot API's, or "download".
	Answered(method string, status int, took time.Duration)
}

// unmetered is a Meter that nobody reads.
type unmetered struct{}

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
