package desk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
)

// TestEight: a digest and a reminder tell a line an incident, eight of them, and
// how many are left.
func TestEight(t *testing.T) {
	i := sample("Департамент здравоохранения", "не открывается\nСЭД", "")
	i.Status, i.History = incident.Registered, nil
	now := i.StatusAt.Add(54 * time.Minute)
	line := "№\u00a0" + string(i.Number) + " · 54\u00a0мин · Департамент здравоохранения\n"
	for name, text := range map[string]string{
		"digest":   Digest(slices.Repeat([]incident.Incident{i}, 28), now),
		"reminder": Reminder(slices.Repeat([]string{Waits(i, i.StatusAt, now)}, 28), nil),
	} {
		if strings.Count(text, line) != 8 || !strings.Contains(text, line+"ещё 20: /open") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// TestCalendarEnds: only a calendar of dates has to be continued, and December
// says so.
func TestCalendarEnds(t *testing.T) {
	december := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	dated := incident.Calendar{Except: map[incident.Date]bool{{Year: 2026, Month: time.May, Day: 1}: false}}
	next := incident.Calendar{Except: map[incident.Date]bool{{Year: 2027, Month: time.May, Day: 1}: false}}
	for _, c := range []struct {
		calendar incident.Calendar
		at       time.Time
		want     bool
	}{{dated, december, true}, {dated, december.AddDate(0, -1, 0), false}, {next, december, false}, {incident.Calendar{WeekdaysOnly: true}, december, false}} {
		if got := CalendarEnds(c.calendar, c.at); strings.Contains(got, "2027") != c.want || (got != "") != c.want {
			t.Errorf("%+v at %v: %q", c.calendar, c.at, got)
		}
	}
}
