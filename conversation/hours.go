package conversation

import (
	"fmt"
	"time"
)

// Ways to reach support without this bot (point 3 of the regulation).
const (
	SupportPhone = "8-800-200-79-32"
	SupportExt   = "155"
	SupportBox   = "155@krasnodar.pro"
	SupportForm  = "http://rosint.net/feedback/"
	supportOpens = 8  // o'clock, by the time of the user
	supportShuts = 17 // o'clock
)

// phoneOpen says whether support's telephone is answered at t, and if not,
// when it will be. t is in the user's time zone. The regulation names hours
// and no days.
func phoneOpen(t time.Time) (open bool, opens time.Time) {
	morning := time.Date(t.Year(), t.Month(), t.Day(), supportOpens, 0, 0, 0, t.Location())
	switch {
	case t.Hour() < supportOpens:
		return false, morning
	case t.Hour() >= supportShuts:
		return false, morning.AddDate(0, 0, 1)
	}
	return true, time.Time{}
}

// QuietHours are the hours in which nobody is told anything unasked. The zero
// value is none.
type QuietHours struct{ From, To time.Duration } // since midnight; From after To spans midnight

// Quiet says whether t (in the user's time zone) falls into the quiet hours.
func (q QuietHours) Quiet(t time.Time) bool {
	if q.From == q.To {
		return false
	}
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	if q.From < q.To {
		return clock >= q.From && clock < q.To
	}
	return clock >= q.From || clock < q.To
}

// reminderLead is how long before its end a draft is mentioned; less for one
// that is not kept long.
const reminderLead = 2 * time.Hour

// ReminderDue says whether a draft that ends at expires is to be mentioned at
// now: two hours before, or earlier when the rest of its life is quiet.
func (d *Dialogue) ReminderDue(expires, now time.Time) bool {
	local := now.In(d.Location)
	if d.Quiet.Quiet(local) || !now.Before(expires) {
		return false
	}
	at := expires.Add(-min(reminderLead, d.DraftTTL/4))
	for d.Quiet.Quiet(at.In(d.Location)) {
		at = at.Add(-time.Minute)
	}
	return !now.Before(at)
}

// Clock writes a time of day: «14:05».
func (d *Dialogue) Clock(t time.Time) string { return t.In(d.Location).Format("15:04") }

// When writes a moment as briefly as it is clear at now: «в 14:05», «22.11 в
// 14:05», «22.11.2025 в 14:05».
func (d *Dialogue) When(t, now time.Time) string {
	t, now = t.In(d.Location), now.In(d.Location)
	switch {
	case sameDay(t, now):
		return "в\u00a0" + t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("02.01 в\u00a015:04")
	}
	return t.Format("02.01.2006 в\u00a015:04")
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// opensAt writes when the telephone is answered again: «сегодня с 8:00».
func opensAt(opens, now time.Time) string {
	day := "завтра"
	if sameDay(opens, now) {
		day = "сегодня"
	}
	return fmt.Sprintf("%s с\u00a0%d:00", day, supportOpens)
}
