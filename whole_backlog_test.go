package main

import (
	"strings"
	"testing"

	"intakebot/simulator"
)

// TestBacklog: what a chat said while the program was down is all worked on
// after the start, however much it is.
func TestBacklog(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed)
	anna := h.clerk()
	const much = 70
	for range much {
		h.engineer.Send("/help")
		anna.Send("/contacts")
	}
	h.open()
	answered := func(text string) func([]simulator.Message) bool {
		return func(messages []simulator.Message) bool {
			n := 0
			for _, m := range messages {
				if m.FromBot && strings.Contains(m.Body(), text) {
					n++
				}
			}
			return n == much
		}
	}
	h.engineer.AwaitView(answered("Как работать с обращениями"))
	anna.AwaitView(answered("8-800-200-79-32"))
}
