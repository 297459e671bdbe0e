package simulator

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is a refusal in Telegram's form: the HTTP status and error_code, the
// description, and the two response parameters that the Bot API has
// (https://core.telegram.org/bots/api#responseparameters).
type apiError struct {
	code       int
	text       string
	retryAfter int
	migrateTo  int64
	mistake    bool // of the simulator's own strictness
}

func (e *apiError) Error() string { return e.text }

func badRequest(format string, args ...any) error {
	return &apiError{code: http.StatusBadRequest, text: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(text string) error {
	return &apiError{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func conflict(text string) error {
	return &apiError{code: http.StatusConflict, text: "Conflict: " + text}
}

func tooManyRequests(seconds int) error {
	return &apiError{
		code:       http.StatusTooManyRequests,
		text:       fmt.Sprintf("Too Many Requests: retry after %d", seconds),
		retryAfter: seconds,
	}
}

var (
	errUnauthorized = &apiError{code: http.StatusUnauthorized, text: "Unauthorized"}
	errNotFound     = &apiError{code: http.StatusNotFound, text: "Not Found"}
	errNoMethod     = &apiError{code: http.StatusNotFound, text: "Not Found: method not found"}

	// errCut ends a request without an answer: the connection is closed.
	errCut = errors.New("simulator: connection cut")
)
