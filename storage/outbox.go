package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// errSettled: the row of the outbox waits no more.
var errSettled = errors.New("the row is settled")

// Put puts posts into the outbox, due at once unless they are to be held. A post whose key is known, sent
// or not, is passed over. A prompt makes the earlier prompts of its chat
// needless that nobody has begun to send. A reply to a card that was lost with
// a moved group makes that card stale.
func (r *Register) Put(ctx context.Context, posts ...outbox.Message) error {
	err := r.writer.do(ctx, func(s *session) error { return r.put(s, posts) })
	return failed(err, "put %d posts into the outbox", len(posts))
}

func (r *Register) put(s *session, posts []outbox.Message) error {
	for _, p := range posts {
		if p.Key == "" || (p.Channel != outbox.Telegram && p.Channel != outbox.Mail) {
			return fmt.Errorf("post %q about %q for channel %q: it needs a key and a channel", p.Key, p.Number, p.Channel)
		}
		var id int64
		err := s.row(`INSERT INTO outbox (key, channel, number, chat, rank, reply_to_card, prompt, source, from_chat, memo, album, next_at, created_at, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id`,
			p.Key, string(p.Channel), string(p.Number), p.Chat, int(p.Rank), p.ReplyToCard, p.Prompt,
			p.Source, p.From, p.Memo, p.Album, r.heldUntil(p), millis(r.now()), p.Body).Scan(&id)
		r.unsent.add(p)
		if errors.Is(err, sql.ErrNoRows) {
			continue // known
		}
		if err == nil && p.Prompt {
			_, err = s.exec(`UPDATE outbox SET state = 'superseded', body = NULL, settled_at = ?
				WHERE state = 'pending' AND channel = ? AND chat = ? AND id < ? AND prompt = 1 AND leased = 0`,
				millis(r.now()), string(p.Channel), p.Chat, id)
		}
		if err == nil && p.Album != "" && p.Hold > 0 {
			_, err = s.exec(`UPDATE outbox SET next_at = iif(first_at = 0, ?1, max(next_at, ?1))
				WHERE state = 'pending' AND chat = ?2 AND album = ?3 AND leased = 0`, r.heldUntil(p), p.Chat, p.Album)
		}
		if err == nil && p.ReplyToCard {
			_, err = s.exec(`UPDATE incidents SET card_version = 0 WHERE number = ? AND card_message_id = 0`, string(p.Number))
		}
		if err != nil {
			return fmt.Errorf("post %q: %w", p.Key, err)
		}
	}
	return nil
}

// heldUntil is when a new row is due, 0 for at once.
func (r *Register) heldUntil(p outbox.Message) int64 {
	if p.Hold == 0 {
		return 0
	}
	return millis(r.now().Add(p.Hold))
}

// Known says whether a post with that key was ever put into the outbox.
func (r *Reader) Known(ctx context.Context, key string) (bool, error) {
	known, err := look(ctx, r, func(s *session) (known bool, err error) {
		err = s.row(`SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ?)`, key).Scan(&known)
		return known, err
	})
	return known, failed(err, "read whether the outbox knows %q", key)
}

// Pending says whether anything for a Telegram chat is not sent yet.
func (r *Reader) Pending(ctx context.Context, chat int64) (bool, error) {
	pending, err := look(ctx, r, func(s *session) (pending bool, err error) {
		err = s.row(`SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_of_chat WHERE state = 'pending' AND channel = 'telegram' AND chat = ?)`,
			chat).Scan(&pending)
		return pending, err
	})
	return pending, failed(err, "read whether %d has unsent messages", chat)
}

// Sent settles a claimed row: its body is wiped, its key stays. The message
// that it became, unless where is zero, is remembered with its incident; source
// is the chat of the original when it was passed on. A row that is settled
// already stays as it is.
func (r *Register) Sent(ctx context.Context, id int64, at time.Time, where outbox.MessageRef, source int64) error {
	err := r.writer.do(ctx, func(s *session) error {
		err := sent(s, id, at)
		if err != nil {
			return unlessSettled(err)
		}
		var toDesk bool
		err = s.row(`SELECT channel = 'telegram' AND chat = ? FROM outbox WHERE id = ?`, outbox.DeskChat, id).Scan(&toDesk)
		if err == nil && toDesk {
			err = sentToDesk(s, at)
		}
		if err != nil || where.MessageID == 0 {
			return err
		}
		_, err = s.exec(`INSERT INTO messages (chat, message_id, number, memo, source_chat, source_id, file)
			SELECT ?1, ?2, number, memo, iif(source = 0, 0, ?3), source, ?5 FROM outbox WHERE id = ?4 AND (number <> '' OR memo <> '')
			ON CONFLICT DO NOTHING`, where.Chat, where.MessageID, source, id, where.File)
		return err
	})
	return failed(err, "note that row %d of the outbox is sent", id)
}

// Postpone gives a claimed row back, due at until. countsAsAttempt false takes
// back the attempt that the claim counted: Telegram would not even look at it.
// A row that is settled already stays as it is.
func (r *Register) Postpone(ctx context.Context, id int64, until time.Time, reason string, countsAsAttempt bool) error {
	// A row without a lease is not ours any more, or this call is a repetition:
	// the attempt must not be taken back twice.
	err := r.change(ctx, `UPDATE outbox SET next_at = ?, problem = ?, leased = 0,
		attempts = max(0, attempts - iif(leased = 1 AND NOT ?, 1, 0)) WHERE id = ? AND state = 'pending'`,
		millis(until), reason, countsAsAttempt, id)
	return failed(err, "postpone row %d of the outbox", id)
}

// Bury ends a row that cannot be sent: it is dead and keeps its body, or
// superseded when nobody needs it any more. posts (who is to know of it, or what
// goes in its place) are put into the outbox with that; one among them that
// goes to the desk tells of it, so it is not among the NewlyDead. A row that is
// settled already stays as it is, and posts are put all the same.
func (r *Register) MarkDead(ctx context.Context, id int64, end outbox.Failure, reason string, posts []outbox.Message) error {
	err := r.writer.do(ctx, func(s *session) error {
		if err := unlessSettled(buried(s, id, r.now(), end, reason, tellsDesk(posts))); err != nil {
			return err
		}
		return r.put(s, posts)
	})
	return failed(err, "bury row %d of the outbox", id)
}

// Wake makes everything that waits in a channel for another attempt due at now,
// except what is being sent.
func (r *Register) Wake(ctx context.Context, ch outbox.Channel, now time.Time) error {
	return failed(r.change(ctx, `UPDATE outbox SET next_at = ?1
		WHERE state = 'pending' AND channel = ?2 AND leased = 0 AND first_at > 0 AND next_at > ?1`, millis(now), string(ch)),
		"wake the %s outbox", ch)
}

// WakeChat is Wake for one Telegram chat.
func (r *Register) WakeChat(ctx context.Context, chat int64, now time.Time) error {
	return failed(r.change(ctx, `UPDATE outbox SET next_at = ?1 WHERE state = 'pending' AND channel = 'telegram' AND chat = ?2
		AND leased = 0 AND first_at > 0 AND next_at > ?1`, millis(now), chat), "wake the outbox of %d", chat)
}

// sent and buried end a pending row; errSettled when it was not pending,
// ErrNotFound when there is none.
func sent(s *session, id int64, at time.Time) error {
	return ended(s, id)(s.exec(`UPDATE outbox SET state = 'sent', leased = 0, settled_at = ?, problem = '', body = NULL
		WHERE id = ? AND state = 'pending'`, millis(at), id))
}

func buried(s *session, id int64, at time.Time, end outbox.Failure, reason string, told bool) error {
	if end == outbox.Obsolete {
		return ended(s, id)(s.exec(`UPDATE outbox SET state = 'superseded', leased = 0, settled_at = ?, problem = ?, ending = ?, body = NULL
			WHERE id = ? AND state = 'pending'`, millis(at), reason, string(end), id))
	}
	toldAt := int64(0)
	if told || !end.Alarms() {
		toldAt = millis(at)
	}
	return ended(s, id)(s.exec(`UPDATE outbox SET state = 'dead', leased = 0, settled_at = ?, problem = ?, ending = ?, told_at = ?
		WHERE id = ? AND state = 'pending'`, millis(at), reason, string(end), toldAt, id))
}

// tellsDesk says whether something among posts goes to the desk.
func tellsDesk(posts []outbox.Message) bool {
	return slices.ContainsFunc(posts, func(p outbox.Message) bool { return p.Chat == outbox.DeskChat })
}

// ended judges the statement that should have ended the row.
func ended(s *session, id int64) func(n int64, err error) error {
	return func(n int64, err error) error {
		if err != nil || n == 1 {
			return err
		}
		var known bool
		if err := s.row(`SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ?)`, id).Scan(&known); err != nil {
			return err
		}
		if !known {
			return incident.ErrNotFound
		}
		return errSettled
	}
}

func unlessSettled(err error) error {
	if errors.Is(err, errSettled) {
		return nil
	}
	return err
}
