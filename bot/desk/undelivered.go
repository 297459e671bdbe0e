package desk

import (
	"context"
	"slices"
	"time"

	"intakebot/bot/delivery"
	"intakebot/desk"
	"intakebot/outbox"
)

// undelivered is the bulletin of what was given up, refused for good or cannot
// be read: rows of the outbox that were to arrive and will not.
type undelivered struct {
	bulletin
	BeganAt time.Time   `json:"began_at"`
	Items   []desk.Lost `json:"items"`
}

const (
	undeliveredKey = "bulletin_undelivered"
	// deadMost is how many dead rows are taken in at a time: a letter can be
	// megabytes.
	deadMost = 20
)

// tellUndelivered shows the desk what died, several rows in one message, and
// what became of those that were tried again.
func (b *Bulletins) tellUndelivered(ctx context.Context) error {
	r := b.Store
	var u undelivered
	if err := b.recall(ctx, undeliveredKey, &u); err != nil {
		return err
	}
	dead, err := r.NewlyDead(ctx, deadMost)
	if err != nil || len(dead) == 0 && len(u.Items) == 0 {
		return err
	}
	if now := b.Now(); len(dead) > 0 && now.Sub(u.BeganAt) >= bulletinJoins {
		u = undelivered{BeganAt: now}
	}
	u.take(dead)
	states, err := r.States(ctx, u.ids())
	if err != nil {
		return err
	}
	if len(dead) == 0 && len(states) < len(u.Items) {
		return nil // it is so old that rows are pruned: it stays as it is shown
	}
	for k, l := range u.Items {
		if states[l.ID] == outbox.Superseded {
			u.Items[k].Why = "" // it may quote somebody who is forgotten by now
		}
	}
	changed, err := b.publish(ctx, &u.bulletin, b.Words.Undelivered(u.Items, states))
	if err != nil {
		return err
	}
	if changed || len(dead) > 0 {
		if err := b.keep(undeliveredKey, u); err != nil {
			return err
		}
	}
	if len(dead) == 0 {
		return nil
	}
	for _, row := range dead {
		b.Log.Error("a message or a letter was given up", "channel", row.Channel, "incident", row.Number, "key", row.Key, "end", row.Failure)
	}
	if len(dead) == deadMost {
		b.Wake.Raise()
	}
	return r.DeadTold(b.work, u.ids(), b.Now())
}

// take adds rows, or replaces those that died again.
func (u *undelivered) take(rows []outbox.Undelivered) {
	for _, row := range rows {
		u.Items = slices.DeleteFunc(u.Items, func(l desk.Lost) bool { return l.ID == row.ID })
		u.Items = append(u.Items, desk.Lost{ID: row.ID, Number: row.Number, What: thingIn(row.Message), Why: desk.WhyLost(row)})
	}
}

func (u *undelivered) ids() []int64 {
	ids := make([]int64, len(u.Items))
	for k, l := range u.Items {
		ids[k] = l.ID
	}
	return ids
}

// thingIn says what a row of the outbox is.
func thingIn(o outbox.Message) desk.Thing {
	if o.Channel == outbox.Mail {
		l, _ := outbox.DecodeLetter(o.Body) // what cannot be read is a letter of no kind
		switch l.Kind {
		case outbox.SupportCopy:
			return desk.CopyToSupport
		case outbox.EscalationLetter:
			return desk.LetterToSecond
		case outbox.ClosingLetter:
			return desk.ClosingToSecond
		case outbox.AlarmLetter:
			return desk.AlarmLetter
		}
		return desk.UnreadableLetter
	}
	p, _ := delivery.Decode(o.Body) // what cannot be read counts as a text
	switch inGroup := o.Chat == outbox.DeskChat; {
	case inGroup && p.IsFile():
		return desk.FileToDesk
	case inGroup:
		return desk.ToDesk
	case p.IsFile():
		return desk.FileToPerson
	}
	return desk.ToPerson
}

func thingsIn(all []outbox.Message) (things []desk.Thing) {
	for _, o := range all {
		things = append(things, thingIn(o))
	}
	return things
}
