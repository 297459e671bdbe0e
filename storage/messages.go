package storage

import (
	"context"
	"database/sql"
	"errors"

	"intakebot/incident"
	"intakebot/outbox"
)

// Said remembers that a message of ours that did not go through the outbox is
// about an incident.
func (r *Register) Said(ctx context.Context, where outbox.MessageRef, n incident.Number) error {
	err := r.writer.do(ctx, func(s *session) error { return said(s, where, n) })
	return failed(err, "note that message %d in %d is about %s", where.MessageID, where.Chat, n)
}

func said(s *session, where outbox.MessageRef, n incident.Number) error {
	_, err := s.exec(`INSERT INTO messages (chat, message_id, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		where.Chat, where.MessageID, string(n))
	return err
}

// aboutWhat tells what a message is, too: what was passed on from a person's chat
// has one (ids of groups are negative), and the memo of a prompt is an object of
// JSON.
const aboutWhat = `SELECT number, memo, CASE
		WHEN source_chat > 0 OR memo = '` + outbox.FromReporter + `' THEN '` + string(outbox.ReporterMessage) + `'
		WHEN substr(memo, 1, 1) = '{' THEN '` + string(outbox.PromptMessage) + `' ELSE '' END
	FROM messages WHERE chat = ?1 AND message_id = ?2
	UNION ALL SELECT number, '', '` + string(outbox.CardMessage) + `' FROM incidents
	WHERE card_chat = ?1 AND card_message_id = ?2 AND card_message_id <> 0 LIMIT 1`

// About returns the incident that a message is about; ErrNotFound when it is
// about none, or about several.
func (r *Reader) About(ctx context.Context, where outbox.MessageRef) (outbox.MessageContext, error) {
	t, err := look(ctx, r, func(s *session) (t outbox.MessageContext, err error) {
		err = s.row(aboutWhat, where.Chat, where.MessageID).Scan(&t.Number, &t.Memo, &t.Kind)
		if errors.Is(err, sql.ErrNoRows) {
			err = incident.ErrNotFound
		}
		return t, err
	})
	return t, failed(err, "find what message %d in %d is about", where.MessageID, where.Chat)
}

// PassedOn returns the messages that a message became on the other side.
func (r *Reader) PassedOn(ctx context.Context, original outbox.MessageRef) ([]outbox.MessageRef, error) {
	all, err := readAll(ctx, r, func(rows *sql.Rows) (p outbox.MessageRef, err error) {
		err = rows.Scan(&p.Chat, &p.MessageID, &p.File)
		return p, err
	}, `SELECT chat, message_id, file FROM messages WHERE source_chat = ? AND source_id = ? AND source_id <> 0
		ORDER BY message_id`, original.Chat, original.MessageID)
	return all, failed(err, "find what message %d in %d became", original.MessageID, original.Chat)
}

// unsent are the rows that a message of the desk is to become for a person.
const unsent = ` FROM outbox WHERE state = 'pending' AND channel = 'telegram' AND source = ?1 AND from_chat = 0 `

// Unsent says what a message of the desk (its id) is to become for a person and
// has not become: waiting when it can be recalled, sending when it is on its way
// this moment. told is what it is about and for.
func (r *Reader) Unsent(ctx context.Context, source int) (told outbox.MessageContext, waiting, sending bool, err error) {
	_, err = read(ctx, r, func(s *session) (none struct{}, err error) {
		err = s.row(`SELECT number, memo`+unsent+`ORDER BY id LIMIT 1`, source).Scan(&told.Number, &told.Memo)
		if errors.Is(err, sql.ErrNoRows) {
			return none, nil
		}
		if err != nil {
			return none, err
		}
		return none, s.row(`SELECT min(leased) = 0, max(leased) = 1`+unsent, source).Scan(&waiting, &sending)
	})
	return told, waiting, sending, failed(err, "find what message %d of the desk is to become", source)
}

// Recall takes back what a message of the desk was to become for a person, as
// far as nobody has begun to send it, and puts posts in its place, in one
// transaction. ok is false when nothing was waiting; nothing is put then. When
// the first of posts is known, all this has happened already.
func (r *Register) Recall(ctx context.Context, source int, posts ...outbox.Message) (ok bool, err error) {
	ok, err = write(ctx, r.writer, func(s *session) (ok bool, err error) {
		if len(posts) > 0 {
			err := s.row(`SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ?)`, posts[0].Key).Scan(&ok)
			if err != nil || ok {
				return ok, err
			}
		}
		n, err := s.exec(`UPDATE outbox SET state = 'superseded', body = NULL, settled_at = ?2
			WHERE id IN (SELECT id`+unsent+`AND leased = 0)`, source, millis(r.now()))
		if err != nil || n == 0 {
			return false, err
		}
		return true, r.put(s, posts)
	})
	return ok, failed(err, "recall what message %d of the desk was to become", source)
}
