package harness

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// inboxDone: every confirmed update was stored and worked on.
func (o *Oracle) inboxDone(ctx context.Context) error {
	// Older ones may be forgotten by now.
	const kept = 2 * 24 * time.Hour
	for _, u := range o.Telegram.ConfirmedUpdates() {
		if o.Now.Sub(u.At) > kept {
			continue
		}
		var state, reason string
		err := o.db.QueryRowContext(ctx, `SELECT coalesce(i.state, 'done'), coalesce(i.reason, '')
			FROM received r LEFT JOIN inbox i ON i.seq = r.seq WHERE r.update_id = ?`, u.ID).Scan(&state, &reason)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			o.wrong("", u.Chat, "update %d (%s) of chat %d was confirmed and never stored", u.ID, u.Kind, u.Chat)
		case err != nil:
			return err
		case state == "done" || state == "quarantined" && o.Ledger.quarantined:
		default:
			o.wrong("", u.Chat, "update %d (%s) of chat %d is %s: %s", u.ID, u.Kind, u.Chat, state, reason)
		}
	}
	var left int
	if err := o.db.QueryRowContext(ctx, `SELECT count(*) FROM inbox WHERE state = 'waiting'`).Scan(&left); err != nil {
		return err
	}
	if left > 0 {
		o.wrong("", 0, "%d updates wait in the inbox", left)
	}
	if n := o.Telegram.Counters().Pending; n > 0 {
		o.wrong("", 0, "%d updates are not confirmed", n)
	}
	return nil
}

// outboxDrained: nothing waits, and nothing is dead that was not to be.
func (o *Oracle) outboxDrained(ctx context.Context) error {
	rows, err := o.db.QueryContext(ctx, `SELECT state, key, channel, number, chat, attempts, problem FROM outbox
		WHERE state IN ('pending', 'dead') ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state, key, channel, problem string
		var n incident.Number
		var chat int64
		var attempts int
		if err := rows.Scan(&state, &key, &channel, &n, &chat, &attempts, &problem); err != nil {
			return err
		}
		refused := outbox.Channel(channel) == outbox.Mail && o.Ledger.Refused
		if state == "pending" || !refused && !o.Ledger.deaf(chat) {
			o.wrong(n, max(chat, 0), "the outbox has %q to %d about %s %s after %d attempts: %s", key, chat, n, state, attempts, problem)
		}
	}
	return rows.Err()
}

// numbered: the numbers of a year begin with one, have no gap and no double,
// and their check digit is right.
func (o *Oracle) numbered(context.Context) error {
	for year, all := range o.years() {
		for k, i := range all {
			if want := incident.NewNumber(year, k+1); i.Number != want {
				o.wrong(i.Number, 0, "the incident after %d others of %d has the number %s, not %s", k, year, i.Number, want)
			}
		}
	}
	return nil
}

// wordsKept: no word counts twice, those that must be kept are, the desk hears
// of those of its own that are not, and nobody is left without an answer.
func (o *Oracle) wordsKept(context.Context) error {
	var all, said strings.Builder // said is what was said once and is repeated nowhere
	for _, i := range o.incidents {
		said.WriteString(i.Description() + "\n")
		for _, a := range i.Answers {
			all.WriteString(a.Value + "\n")
		}
		for _, e := range i.History {
			said.WriteString(e.Text + "\n")
		}
	}
	once, anywhere := said.String(), all.String()+said.String()
	for _, w := range o.Ledger.words {
		if w.message == 0 {
			continue // made and not typed
		}
		times := strings.Count(once, w.text)
		kept := times == 1 || strings.Contains(anywhere, w.text)
		answered := o.answered(w)
		switch {
		case times > 1:
			o.wrong(o.holder(w.text), w.chat, "the %s word %s counts %d times", w.kind, w.text, times)
		case w.must && !kept:
			o.wrong("", w.chat, "the %s word %s of %d is lost (message %d)", w.kind, w.text, w.chat, w.message)
		case w.kind == WordDesk && times == 0 && !answered:
			o.wrong("", w.chat, "the desk's word %s was neither taken nor refused (message %d)", w.text, w.message)
		case w.chat > 0 && !answered && !o.Ledger.deaf(w.chat):
			o.wrong(o.holder(w.text), w.chat, "nobody answered the %s word %s (message %d)", w.kind, w.text, w.message)
		}
	}
	return nil
}

// answered: in the group by a reply, in a private chat by anything that came
// later.
func (o *Oracle) answered(w word) bool {
	for _, m := range o.said[w.chat] {
		if m.FromBot && (w.chat > 0 && m.ID > w.message || m.ReplyTo == w.message) {
			return true
		}
	}
	return w.kind == WordDesk && o.toldHow(w)
}

// toldHow: a member whose words answer nothing of an incident is told so once
// an hour. An update of several may be worked on late, so the sentence may come
// after the word that it does not answer.
func (o *Oracle) toldHow(w word) bool {
	sent := map[int]simulator.Message{}
	for _, m := range o.said[w.chat] {
		sent[m.ID] = m
	}
	said, known := sent[w.message]
	for _, m := range sent {
		asked := sent[m.ReplyTo]
		if known && m.FromBot && m.Text == desk.AnswerHow && asked.FromID == said.FromID && said.Date.Sub(m.Date) < time.Hour {
			return true
		}
	}
	return false
}

// holder is an incident in which a word stands, "" when there is none.
func (o *Oracle) holder(text string) incident.Number {
	for _, i := range o.incidents {
		if strings.Contains(i.Description(), text) {
			return i.Number
		}
		for _, e := range i.History {
			if strings.Contains(e.Text, text) {
				return i.Number
			}
		}
	}
	return ""
}

// inOrder: what one chat said about an incident was taken in its order.
func (o *Oracle) inOrder(context.Context) error {
	byChat := map[int64][]word{}
	for _, w := range o.Ledger.words {
		if w.kind == WordAdded || w.kind == WordDesk {
			byChat[w.chat] = append(byChat[w.chat], w)
		}
	}
	for _, i := range o.incidents {
		for _, words := range byChat {
			var got []word // in the order of the history
			for _, e := range i.History {
				for _, w := range words {
					// A reply can be an answer to an open question instead.
					if e.Kind != incident.KindEscalated && strings.Contains(e.Text, w.text) {
						got = append(got, w)
					}
				}
			}
			if !slices.IsSortedFunc(got, func(a, b word) int { return a.message - b.message }) {
				o.wrong(i.Number, 0, "words about %s were taken out of order: %v", i.Number, got)
			}
		}
	}
	return nil
}
