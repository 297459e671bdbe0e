package storage

import (
	"context"
	"database/sql"
	"errors"

	"intakebot/incident"
)

// Said remembers that a message is about an incident: one that did not go
// through the outbox, or one of the reporter's own.
func (r *Register) Said(ctx context.Context, where incident.Place, n incident.Number) error {
	err := r.change(ctx, `INSERT INTO messages (chat, message_id, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		where.Chat, where.MessageID, string(n))
	return failed(err, "note that message %d in %d is about %s", where.MessageID, where.Chat, n)
}

// About returns the incident that a message is about; ErrNotFound when it is
// about none, or about several.
func (r *Reader) About(ctx context.Context, where incident.Place) (incident.Told, error) {
	t, err := read(ctx, r, func(s *session) (t incident.Told, err error) {
		err = s.row(`SELECT number, memo FROM messages WHERE chat = ? AND message_id = ?`, where.Chat, where.MessageID).
			Scan(&t.Number, &t.Memo)
		if !errors.Is(err, sql.ErrNoRows) {
			return t, err
		}
		err = s.row(`SELECT number FROM incidents WHERE card_chat = ? AND card_message_id = ?`, where.Chat, where.MessageID).
			Scan(&t.Number)
		if errors.Is(err, sql.ErrNoRows) {
			err = incident.ErrNotFound
		}
		return t, err
	})
	return t, failed(err, "find what message %d in %d is about", where.MessageID, where.Chat)
}

// PassedOn returns the messages that a message became on the other side.
func (r *Reader) PassedOn(ctx context.Context, original incident.Place) ([]incident.Place, error) {
	all, err := read(ctx, r, func(s *session) (all []incident.Place, err error) {
		err = s.each(func(rows *sql.Rows) error {
			var p incident.Place
			err := rows.Scan(&p.Chat, &p.MessageID, &p.File)
			all = append(all, p)
			return err
		}, `SELECT chat, message_id, file FROM messages WHERE source_chat = ? AND source_id = ? AND source_id <> 0
			ORDER BY message_id`, original.Chat, original.MessageID)
		return all, err
	})
	return all, failed(err, "find what message %d in %d became", original.MessageID, original.Chat)
}

// Recall takes back what a message of the desk (its id) was to become for a
// person, as far as nobody has begun to send it. told is what it was about and
// for; ok is false when nothing was waiting.
func (r *Register) Recall(ctx context.Context, source int) (told incident.Told, ok bool, err error) {
	type found struct {
		told incident.Told
		ok   bool
	}
	f, err := write(ctx, r.writer, func(s *session) (f found, err error) {
		err = s.row(`SELECT number, memo FROM outbox WHERE state = 'pending' AND leased = 0 AND channel = 'telegram'
			AND source = ? AND from_chat = 0 ORDER BY id LIMIT 1`, source).Scan(&f.told.Number, &f.told.Memo)
		if errors.Is(err, sql.ErrNoRows) {
			return f, nil
		}
		if err != nil {
			return f, err
		}
		f.ok = true
		_, err = s.exec(`UPDATE outbox SET state = 'superseded', body = NULL, settled_at = ?
			WHERE state = 'pending' AND leased = 0 AND channel = 'telegram' AND source = ? AND from_chat = 0`, millis(r.now()), source)
		return f, err
	})
	return f.told, f.ok, failed(err, "recall what message %d of the desk was to become", source)
}
