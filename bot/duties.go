package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Duties are what time itself brings about.
type Duties struct {
	// RemindUntakenAfter and RemindUnansweredAfter are how long a card may
	// wait for somebody, and a person for an answer, before the desk is
	// reminded; then every hour. 0 never reminds.
	RemindUntakenAfter, RemindUnansweredAfter time.Duration
	// Retention is how long data are kept after the end of an incident.
	Retention Retention
}

const (
	// closesAfter is the silence after a solution that closes an incident;
	// the day before, the person is warned.
	closesAfter = 48 * time.Hour
	warnsAfter  = 24 * time.Hour
	// remindAgain is the pause between two reminders.
	remindAgain = time.Hour
)

// keepDuties looks at the open incidents now and then. Every duty has a key of
// its own in the outbox or the history, so it is done once however often it is
// looked at.
func (b *Bot) keepDuties(ctx context.Context) {
	for {
		if err := b.doDuties(ctx); err != nil && ctx.Err() == nil {
			b.fatal(err)
			b.complain("duties", "error", err)
		}
		if !pause(ctx, 15*time.Second, b.duties) {
			return
		}
	}
}

func (b *Bot) doDuties(ctx context.Context) error {
	all, err := b.cfg.Register.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	now := b.now()
	quiet := b.cfg.Dialogue.Quiet.Quiet(now.In(b.cfg.Dialogue.Location))
	var posts []outbox.Message
	for _, i := range all {
		if !quiet && i.Status == incident.Resolved && now.Sub(i.StatusAt) >= closesAfter {
			if err := b.lapse(ctx, i, now); err != nil {
				return err
			}
			continue
		}
		if !quiet {
			posts = append(posts, b.dutiesOf(i, now)...)
		}
	}
	if err := b.cfg.Register.Put(ctx, posts...); err != nil {
		return err
	}
	greeted := false
	if !quiet {
		greeted, err = b.greetDesk(ctx, all, now)
	}
	if !quiet && !greeted && err == nil {
		err = b.remindDesk(ctx, all, now)
	}
	b.courier.raise()
	return err
}

// lapse closes a solved incident after two days of silence.
func (b *Bot) lapse(ctx context.Context, i incident.Incident, now time.Time) error {
	a := incident.Act{
		ID: fmt.Sprintf("lapse:%s:%d", i.Number, i.StatusAt.UnixMilli()), Number: i.Number,
		Action: incident.Lapse, By: incident.BySystem, At: now,
	}
	_, done, err := b.cfg.Register.Act(ctx, a, func(i incident.Incident) ([]outbox.Message, error) {
		return b.deskPosts(i, a, 0), nil
	})
	if done {
		b.Kick() // else nothing is new: to look at once again would never end
	}
	return err
}

// dutiesOf are what the person is told unasked: that an escalation is possible
// when the repair takes long, and that a solved incident is about to close.
func (b *Bot) dutiesOf(i incident.Incident, now time.Time) []outbox.Message {
	d := b.cfg.Dialogue
	var posts []outbox.Message
	late := i.SupportTime(now) >= d.EscalationAfter
	if (i.Status == incident.Registered || i.Status == incident.InProgress) && late && len(i.Escalations) == 0 {
		posts = append(posts, toPerson("offer:"+string(i.Number), i, outbox.RankNotice, d.Offer(i)))
	}
	if i.Status == incident.Resolved && now.Sub(i.StatusAt) >= warnsAfter {
		key := fmt.Sprintf("closing:%s:%d", i.Number, i.StatusAt.UnixMilli())
		posts = append(posts, toPerson(key, i, outbox.RankNotice, d.Closing(i)))
	}
	return posts
}

// greetedKey is the day of the last digest, in the register's meta.
const greetedKey = "desk_greeted_on"

// morning is when the quiet hours of a day end; without them, when support's
// telephone is answered.
const morning = 8 * time.Hour

// greetDesk tells the desk once a day, when the quiet hours have ended, what
// is open. It stands in for the reminder of that moment. A day that begins
// with nothing open has no digest.
func (b *Bot) greetDesk(ctx context.Context, all []incident.Incident, now time.Time) (greeted bool, err error) {
	local := now.In(b.cfg.Dialogue.Location)
	ends := morning
	if q := b.cfg.Dialogue.Quiet; q.From != q.To {
		ends = q.To
	}
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	day := local.Format(time.DateOnly)
	if clock < ends {
		return false, nil
	}
	last, err := b.cfg.Register.Meta(ctx, greetedKey)
	if err != nil || last == day {
		return false, err
	}
	if text := digestText(all, local); text != "" {
		if err := b.cfg.Register.Put(ctx, deskAnswer("digest:"+day, "", text, 0)); err != nil {
			return false, err
		}
		if err := b.cfg.Register.SetMeta(ctx, remindedKey, now.UTC().Format(time.RFC3339Nano)); err != nil {
			return false, err
		}
		greeted = true
	}
	return greeted, b.cfg.Register.SetMeta(ctx, greetedKey, day)
}

// digestText is "" when nothing is open. all is by age, the oldest first.
func digestText(all []incident.Incident, local time.Time) string {
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
			untaken = append(untaken, waits(i, i.StatusAt, local))
		}
		if n > 0 {
			unanswered = append(unanswered, waits(i, since, local))
		}
		if !nobody && n == 0 {
			others = append(others, waits(i, i.RegisteredAt, local))
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
		parts = append(parts, "В\u00a0работе дольше всех:\n"+strings.Join(few(others), "\n"))
	}
	return joined(append(parts, "Все открытые: /open"))
}

// waits is a line of a digest or a reminder.
func waits(i incident.Incident, since, now time.Time) string {
	return fmt.Sprintf("№\u00a0%s, %s", i.Number, span(now.Sub(since)))
}

// waiting are the paragraphs about those who wait.
func waiting(untaken, unanswered []string) (parts []string) {
	if len(untaken) > 0 {
		parts = append(parts, "Никто не взял:\n"+strings.Join(few(untaken), "\n"))
	}
	if len(unanswered) > 0 {
		parts = append(parts, "Заявитель без ответа:\n"+strings.Join(few(unanswered), "\n"))
	}
	return parts
}

// remindedKey is when the desk was last reminded, in the register's meta.
const remindedKey = "desk_reminded_at"

// remindDesk tells the desk, in one message for all, of cards that nobody took
// and of people who wait for an answer: when one more has begun to wait too
// long, and then every hour. What comes due in the quiet hours waits for the
// morning.
func (b *Bot) remindDesk(ctx context.Context, all []incident.Incident, now time.Time) error {
	mark, err := b.cfg.Register.Meta(ctx, remindedKey)
	if err != nil {
		return err
	}
	last, _ := time.Parse(time.RFC3339Nano, mark) // none: the zero time
	var untaken, unanswered []string
	due := false
	note := func(list *[]string, i incident.Incident, since time.Time, after time.Duration) {
		if from := since.Add(after); after > 0 && !now.Before(from) {
			*list = append(*list, waits(i, since, now))
			due = due || from.After(last) || now.Sub(last) >= remindAgain
		}
	}
	for _, i := range all {
		if i.Status == incident.Registered {
			note(&untaken, i, i.StatusAt, b.cfg.Duties.RemindUntakenAfter)
		}
		if n, since := i.Unanswered(); n > 0 {
			note(&unanswered, i, since, b.cfg.Duties.RemindUnansweredAfter)
		}
	}
	if !due {
		return nil
	}
	mark = now.UTC().Format(time.RFC3339Nano)
	if err := b.cfg.Register.Put(ctx, deskAnswer("remind:"+mark, "", reminderText(untaken, unanswered), 0)); err != nil {
		return err
	}
	return b.cfg.Register.SetMeta(ctx, remindedKey, mark)
}

func reminderText(untaken, unanswered []string) string {
	parts := append([]string{"⏰ <b>Обращения ждут</b>"}, waiting(untaken, unanswered)...)
	return joined(append(parts, "Все открытые: /open"))
}

// few keeps a list short enough for one message.
func few(lines []string) []string {
	const most = 15
	if len(lines) <= most {
		return lines
	}
	return append(slices.Clone(lines[:most]), fmt.Sprintf("и ещё %d", len(lines)-most))
}
