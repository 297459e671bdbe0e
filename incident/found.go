package incident

import "errors"

// Found is a page of what a search found, the newest first.
type Found struct {
	Incidents []Incident
	// Total is how many there are; Many says that there are more than were
	// counted.
	Total int
	Many  bool
}

// ErrSearchWords: what was typed holds no word and no digit, or too many.
var ErrSearchWords = errors.New("nothing to look for, or too much")
