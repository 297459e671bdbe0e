package incident

import (
	"strings"
	"testing"
	"time"
)

const holidays = "\ufeff# New Year\n2027-01-01 off\n\n2027-01-02 off # a Saturday anyway\n2027-01-03 off\n2027-01-04 off\n2027-01-09 work\n"

func TestCalendar(t *testing.T) {
	dates, err := ParseDates(holidays)
	if err != nil {
		t.Fatal(err)
	}
	always, week := Calendar{}, Calendar{WeekdaysOnly: true, Except: dates}
	day := func(d int) time.Time { return time.Date(2027, 1, d, 12, 30, 0, 0, time.UTC) }
	for _, c := range []struct {
		calendar Calendar
		day      int
		works    bool
		next     int
	}{
		{always, 2, true, 3}, // every day, Saturdays too
		{week, 0, true, 5},   // Thursday 31 December
		{week, 1, false, 5},  // a holiday on a Friday
		{week, 5, true, 6},   // Tuesday
		{week, 8, true, 9},   // Friday before a working Saturday
		{week, 9, true, 11},  // that Saturday
		{week, 10, false, 11},
		{week, 16, false, 18}, // a common Saturday
	} {
		if got := c.calendar.Works(day(c.day)); got != c.works {
			t.Errorf("%s works: %v", day(c.day).Format(time.DateOnly), got)
		}
		want := time.Date(2027, 1, c.next, 0, 0, 0, 0, time.UTC)
		if got := c.calendar.Next(day(c.day)); !got.Equal(want) {
			t.Errorf("after %s comes %s", day(c.day).Format(time.DateOnly), got)
		}
	}
	if !week.Knows(2027) || week.Knows(2028) || always.Knows(2027) {
		t.Error("which years the calendar knows is wrong")
	}
}

func TestCalendarFileMistakes(t *testing.T) {
	for text, says := range map[string]string{
		"2027-01-01":                       "line 1",
		"# a\n2027-13-01 off":              "line 2",
		"2027-01-01 holiday":               "line 1",
		"01.01.2027 off":                   "line 1",
		"2027-01-01 off\n2027-01-01 work":  "again",
		"2027-01-01 off and a word more\n": "line 1",
	} {
		if _, err := ParseDates(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}
