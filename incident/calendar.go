package incident

import (
	"fmt"
	"strings"
	"time"
)

// Calendar says on which days support works. The zero Calendar is every day,
// as the regulation names hours and no days.
type Calendar struct {
	// WeekdaysOnly: Saturday and Sunday are days off (WORK_DAYS=mon-fri).
	WeekdaysOnly bool
	// Except are the dates that differ from their day of the week: true for a
	// working day, false for a day off (CALENDAR_FILE).
	Except map[Date]bool
}

// Date is a day of the calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day of t in t's zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// Works says whether the day of t is a working day.
func (c Calendar) Works(t time.Time) bool {
	if works, ok := c.Except[DateOf(t)]; ok {
		return works
	}
	return !c.WeekdaysOnly || t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// Next is the first working day after the day of t, at midnight in t's zone. A
// calendar without any for a year names the next day.
func (c Calendar) Next(t time.Time) time.Time {
	year, month, day := t.Date()
	on := func(days int) time.Time { return time.Date(year, month, day+days, 0, 0, 0, 0, t.Location()) }
	for days := 1; days <= 366; days++ {
		if c.Works(on(days)) {
			return on(days)
		}
	}
	return on(1)
}

// Knows says whether the calendar names any date of a year: the dates of the
// next one are published in autumn and have to be entered.
func (c Calendar) Knows(year int) bool {
	for date := range c.Except {
		if date.Year == year {
			return true
		}
	}
	return false
}

// The words of a calendar file.
const (
	dayOff     = "off"
	dayWorking = "work"
)

// ParseDates reads the exceptions of a calendar, one a line: «2027-01-04 off»
// for a day off, «2027-02-20 work» for a working day. Empty lines and what
// stands after # are left out. The error names the line.
func ParseDates(text string) (map[Date]bool, error) {
	dates := map[Date]bool{}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		day, err := time.Parse(time.DateOnly, words[0])
		if err != nil || len(words) != 2 || words[1] != dayOff && words[1] != dayWorking {
			return nil, fmt.Errorf("line %d should hold a date and %q or %q, like 2027-01-04 off", number, dayOff, dayWorking)
		}
		date := DateOf(day)
		if _, twice := dates[date]; twice {
			return nil, fmt.Errorf("line %d names %s again", number, words[0])
		}
		dates[date] = words[1] == dayWorking
	}
	return dates, nil
}
