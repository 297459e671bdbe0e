package incident

import "time"

// Consent is a person's agreement to the processing of personal data
// (152-ФЗ, article 9): which text was agreed to, and when. The zero Consent is
// none.
type Consent struct {
	Version string // of the text
	At      time.Time
}

// Reporter is what the register knows of a person.
type Reporter struct {
	Chat    int64 // the private chat with the bot, which is the user's id too
	Consent Consent
	// Remembered are the answers of the last registered incident, without
	// its description.
	Remembered Answers
	// Incidents are the person's own, newest first.
	Incidents []Incident
	Stored    Stored
}

// Find returns the person's own incident with that number.
func (r Reporter) Find(n Number) (Incident, bool) {
	for _, i := range r.Incidents {
		if i.Number == n {
			return i, true
		}
	}
	return Incident{}, false
}
