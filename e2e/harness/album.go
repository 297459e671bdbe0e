package harness

// Counted is how many of the bot's messages in the group hold the text.
func (h *Harness) Counted(text string) int {
	n := 0
	for _, m := range h.Engineer.Messages() {
		if m.FromBot && Holds(m.Body(), text) {
			n++
		}
	}
	return n
}

// DeskSettled returns once all that the desk sent before is worked on.
func (h *Harness) DeskSettled() {
	h.Helper()
	h.Engineer.Ask("/help", "Как работать с обращениями")
}
