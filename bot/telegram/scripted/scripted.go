// Package scripted is a Telegram for tests: it gives the answers that it was
// told to and remembers what it was asked.
package scripted

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Answers of a server.
const (
	Sent      = `{"ok":true,"result":{"message_id":5}}`
	True      = `{"ok":true,"result":true}`
	NoUpdates = `{"ok":true,"result":[]}` // held for a second
)

// Refusal is an answer with ok false.
func Refusal(code int, description string) string {
	return fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q}`, code, description)
}

// Call is a request.
type Call struct {
	Method string
	Body   string
}

// Server is an http.RoundTripper. Answers are by method, "" for those that have
// none; the last of them again and again; Sent when there are none at all.
type Server struct {
	mu      sync.Mutex
	answers map[string][]string
	calls   []Call
}

// New makes a server that gives these answers to every method.
func New(answers ...string) *Server {
	return &Server{answers: map[string][]string{"": answers}}
}

// Answers sets what a method is answered from now on.
func (s *Server) Answers(method string, answers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[method] = answers
}

// RoundTrip implements http.RoundTripper.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	c := Call{Method: path.Base(r.URL.Path)}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		c.Body = string(body)
	}
	answer := s.next(c)
	if answer == NoUpdates {
		time.Sleep(time.Second) // of a test's bubble
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

func (s *Server) next(c Call) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	key := c.Method
	if len(s.answers[key]) == 0 {
		key = ""
	}
	left := s.answers[key]
	switch len(left) {
	case 0:
		return Sent
	case 1:
	default:
		s.answers[key] = left[1:]
	}
	return left[0]
}

// Calls are the requests of a method so far, all for "".
func (s *Server) Calls(method string) (calls []Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			calls = append(calls, c)
		}
	}
	return calls
}
