package conversation

import (
	"strings"
	"testing"

	"intakebot/incident"
)

// TestIntroduction: it names the line that runs, and fits.
func TestIntroduction(t *testing.T) {
	line := incident.RegulationLine()
	line.Network = strings.Repeat("очень длинной сети ", 40)
	long := Dialogue{Line: line}
	if chat, profile := long.Introduction(); incident.Units(chat) > introductionMost || incident.Units(profile) > profileMost {
		t.Errorf("too long: %q, %q", chat, profile)
	}
	usual := Dialogue{Line: incident.RegulationLine()}
	chat, profile := usual.Introduction()
	if s := usual.Line; !strings.Contains(chat, s.Network) || !strings.Contains(chat, s.Support.Phone) || !strings.Contains(chat, "новости") || !strings.Contains(profile, s.Network) {
		t.Errorf("%q, %q", chat, profile)
	}
}
