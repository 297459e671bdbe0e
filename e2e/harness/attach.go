package harness

// Asked is how often Telegram was asked for files.
func (h *Harness) Asked() (n int) {
	for _, c := range h.Telegram.Calls() {
		if c.Method == "getFile" || c.Method == "download" {
			n++
		}
	}
	return n
}
