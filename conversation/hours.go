package conversation

import (
	"fmt"
	"time"

	"intakebot/incident"
)

// phoneOpen says whether support's telephone is answered at t, and if not,
// when it will be. t is in the user's time zone. Hours of which the end is not
// after the beginning are none: the telephone is answered at any time of a
// working day.
func (d *Dialogue) phoneOpen(t time.Time) (open bool, opens time.Time) {
	from, until := d.Line.Support.Opens, d.Line.Support.Closes
	allDay := until <= from
	if d.Calendar.Works(t) {
		switch {
		case allDay, !t.Before(from.On(t)) && t.Before(until.On(t)):
			return true, time.Time{}
		case t.Before(from.On(t)):
			return false, from.On(t)
		}
	}
	next := d.Calendar.Next(t)
	if allDay {
		return false, incident.Clock(0).On(next)
	}
	return false, from.On(next)
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

// soon writes a moment to come: «сегодня в 18:00», «завтра в 8:00», «25.11 в
// 8:00».
func (d *Dialogue) soon(t, now time.Time) string {
	t, now = t.In(d.Location), now.In(d.Location)
	day := t.Format("02.01")
	switch {
	case sameDay(t, now):
		day = "сегодня"
	case sameDay(t, now.AddDate(0, 0, 1)):
		day = "завтра"
	}
	return fmt.Sprintf("%s в%s%d:%02d", day, nbsp, t.Hour(), t.Minute())
}

// lasting writes a duration: «3 дня», «5 часов», «20 минут».
func lasting(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return count(int(d/(24*time.Hour)), "день", "дня", "дней")
	case d >= time.Hour:
		return count(int(d/time.Hour), "час", "часа", "часов")
	}
	return count(max(1, int(d/time.Minute)), "минуту", "минуты", "минут")
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// weekdays as they stand after «звоните», Sunday first.
var weekdays = [...]string{"в воскресенье", "в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу"}

// opensAt writes when the telephone is answered again: «сегодня с 8:00», «в
// понедельник с 8:00», «11.01 с 8:00».
func opensAt(opens, now time.Time) string {
	day := opens.Format("02.01")
	switch {
	case sameDay(opens, now):
		day = "сегодня"
	case sameDay(opens, now.AddDate(0, 0, 1)):
		day = "завтра"
	case opens.Before(incident.Clock(0).On(now).AddDate(0, 0, 7)):
		day = weekdays[opens.Weekday()]
	}
	return fmt.Sprintf("%s с%s%d:%02d", day, nbsp, opens.Hour(), opens.Minute())
}
