package main

import "testing"

// TestBacklog: what a chat said while the program was down is all worked on
// after the start, however much it is; equal answers need not come each.
func TestBacklog(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed)
	anna := h.clerk()
	for range 70 {
		h.engineer.Send("/help")
		anna.Send("/contacts")
	}
	h.engineer.Send("/open")
	anna.Send("/help")
	h.open()
	h.engineer.AwaitText("Открытых обращений нет")
	anna.AwaitText("Что умеет бот")
}
