package bot

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// script is a Telegram that gives these answers to polls, the last one again and
// again. An empty one is held for a second.
type script struct{ answers []string }

const noUpdates = `{"ok":true,"result":[]}`

func (s *script) RoundTrip(*http.Request) (*http.Response, error) {
	body := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if body == noUpdates {
		time.Sleep(time.Second)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// TestListen: a new process tells who takes the updates from what expires.
func TestListen(t *testing.T) {
	const conflict = `{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}`
	update := func(id int) string { return fmt.Sprintf(`{"ok":true,"result":[{"update_id":%d}]}`, id) }
	for name, test := range map[string]struct {
		answers []string
		taken   bool
	}{
		"silence":                    {[]string{noUpdates}, false},
		"one waits":                  {[]string{update(7)}, false},
		"a press expires":            {[]string{update(7), noUpdates}, false},
		"one before another expires": {[]string{update(7), update(8)}, false},
		"one after the other goes":   {[]string{update(7), update(8), update(9)}, true},
		"one goes, and a later one":  {[]string{update(7), noUpdates, update(8), noUpdates}, true},
		"another polls":              {[]string{update(7), noUpdates, conflict}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, err := New(Config{Token: "1:test", APIURL: "http://telegram.test", Transport: &script{test.answers},
					Probation: Probation, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				if err := b.listen(t.Context()); contested(err) != test.taken || !test.taken && err != nil {
					t.Error(err)
				}
			})
		})
	}
}
