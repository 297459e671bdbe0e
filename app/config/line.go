package config

import (
	"net/mail"

	"intakebot/incident"
)

// SupportLine is the support line that people read of. It names the boxes that
// the letters go to, whatever the line's own are.
func (s Settings) SupportLine() incident.Line {
	line := incident.RegulationLine()
	for text, box := range map[string]*string{s.Support: &line.Support.Email, s.UIT: &line.Second.Email} {
		if a, err := mail.ParseAddress(text); err == nil {
			*box = a.Address
		}
	}
	return line
}
