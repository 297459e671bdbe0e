package desk

import (
	"context"
	"time"

	"intakebot/bot/delivery"
	"intakebot/desk"
	"intakebot/incident"
)

// digestKey is the day of the last digest, in the register's meta.
const digestKey = "desk_greeted_on"

// morning is when the quiet hours of a day end; without them, when support's
// telephone is answered.
const morning = 8 * time.Hour

// sendDigest tells the desk once a day, when the quiet hours have ended, what
// is open. It stands in for the reminder of that moment. A day that begins
// with nothing open has no digest.
func (d *Duties) sendDigest(ctx context.Context, all []incident.Incident, now time.Time) (sent bool, err error) {
	local := now.In(d.Dialogue.Location)
	ends := morning
	if q := d.Dialogue.Quiet; q.From != q.To {
		ends = q.To
	}
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	day := local.Format(time.DateOnly)
	if clock < ends {
		return false, nil
	}
	last, err := d.Store.Meta(ctx, digestKey)
	if err != nil || last == day {
		return false, err
	}
	if text := desk.Digest(all, local); text != "" {
		if ends := desk.CalendarEnds(d.Dialogue.Calendar, local); ends != "" {
			text += "\n\n" + ends
		}
		if err := d.Store.Put(ctx, delivery.Answer("digest:"+day, "", text, 0)); err != nil {
			return false, err
		}
		if err := d.Store.SetMeta(ctx, remindedKey, now.UTC().Format(time.RFC3339Nano)); err != nil {
			return false, err
		}
		sent = true
	}
	return sent, d.Store.SetMeta(ctx, digestKey, day)
}

// remindedKey is when the desk was last reminded, in the register's meta.
const remindedKey = "desk_reminded_at"

// remindDesk tells the desk, in one message for all, of cards that nobody took
// and of people who wait for an answer: when one more has begun to wait too
// long, else once a day, the digest included. What comes due in the quiet hours or
// on a day off waits for the next morning.
func (d *Duties) remindDesk(ctx context.Context, all []incident.Incident, now time.Time) error {
	mark, err := d.Store.Meta(ctx, remindedKey)
	if err != nil {
		return err
	}
	last, _ := time.Parse(time.RFC3339Nano, mark) // none: the zero time
	today := incident.DateOf(now.In(d.Dialogue.Location)) == incident.DateOf(last.In(d.Dialogue.Location))
	var untaken, unanswered []string
	due := false
	note := func(list *[]string, i incident.Incident, since time.Time, after time.Duration) {
		if from := since.Add(after); after > 0 && !now.Before(from) {
			*list = append(*list, desk.Waits(i, since, now))
			due = due || from.After(last) || !today
		}
	}
	for _, i := range all {
		if i.Status == incident.Registered {
			note(&untaken, i, i.StatusAt, d.Terms.RemindUntakenAfter)
		}
		if n, since := i.Unanswered(); n > 0 {
			note(&unanswered, i, since, d.Terms.RemindUnansweredAfter)
		}
	}
	if !due {
		return nil
	}
	mark = now.UTC().Format(time.RFC3339Nano)
	if err := d.Store.Put(ctx, delivery.Answer("remind:"+mark, "", desk.Reminder(untaken, unanswered), 0)); err != nil {
		return err
	}
	return d.Store.SetMeta(ctx, remindedKey, mark)
}
