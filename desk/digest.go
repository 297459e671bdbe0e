package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"intakebot/incident"
)

// waitsMost is how many lines a list of a digest or a reminder has.
const waitsMost = 8

// eight are the first lines of a list, and how many are left for /open.
func eight(lines []string) []string {
	if len(lines) <= waitsMost {
		return lines
	}
	return append(slices.Clone(lines[:waitsMost]), fmt.Sprintf("ещё %d: /open", len(lines)-waitsMost))
}

// CalendarEnds asks in December for the working days of the next year, "" when
// the calendar has them or names no dates at all.
func CalendarEnds(c incident.Calendar, local time.Time) string {
	if next := local.Year() + 1; local.Month() == time.December && len(c.Except) > 0 && !c.Knows(next) {
		return fmt.Sprintf("🗓 В\u00a0календаре рабочих дней ещё нет %d\u00a0года: попросите администратора бота его дополнить.", next)
	}
	return ""
}

// Digest is "" when nothing is open. all is by age, the oldest first.
func Digest(all []incident.Incident, local time.Time) string {
	var open int
	var untaken, unanswered, others []string
	for _, i := range all {
		if !i.Status.Open() {
			continue
		}
		open++
		nobody := i.Status == incident.Registered
		n, since := i.Unanswered()
		if nobody {
			untaken = append(untaken, Waits(i, i.StatusAt, local))
		}
		if n > 0 {
			unanswered = append(unanswered, Waits(i, since, local))
		}
		if !nobody && n == 0 {
			others = append(others, Waits(i, i.RegisteredAt, local))
		}
	}
	if open == 0 {
		return ""
	}
	hello := "Доброе утро"
	if local.Hour() >= 12 {
		hello = "Добрый день"
	}
	parts := []string{fmt.Sprintf("☀️ <b>%s.</b> Открыто: %d, не взято: %d, без ответа: %d.", hello, open, len(untaken), len(unanswered))}
	parts = append(parts, waiting(untaken, unanswered)...)
	if len(others) > 0 {
		parts = append(parts, "В\u00a0работе дольше всех:\n"+strings.Join(eight(others), "\n"))
	}
	return joined(append(parts, "Все открытые: /open"))
}

// Waits is a line of a digest or a reminder. The person's own words stay out of
// it: an erasure empties what is about one incident, and this is about many.
func Waits(i incident.Incident, since, now time.Time) string {
	return fmt.Sprintf("№\u00a0%s · %s · %s", i.Number, span(now.Sub(since)), Escape(incident.CutUnits(i.Organisation(), 60)))
}

// waiting are the paragraphs about those who wait.
func waiting(untaken, unanswered []string) (parts []string) {
	if len(untaken) > 0 {
		parts = append(parts, "Никто не взял:\n"+strings.Join(eight(untaken), "\n"))
	}
	if len(unanswered) > 0 {
		parts = append(parts, "Заявитель без ответа:\n"+strings.Join(eight(unanswered), "\n"))
	}
	return parts
}

// Reminder tells of cards that nobody took and of people who wait for an answer.
func Reminder(untaken, unanswered []string) string {
	parts := append([]string{"⏰ <b>Обращения ждут</b>"}, waiting(untaken, unanswered)...)
	return joined(append(parts, "Все открытые: /open"))
}
