package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"intakebot/outbox"
)

// Meta returns the value that SetMeta stored under key, "" when there is none.
func (r *Reader) Meta(ctx context.Context, key string) (string, error) {
	value, err := look(ctx, r, func(s *session) (string, error) { return meta(s, key) })
	return value, failed(err, "read meta %s", key)
}

// SetMeta stores a single value. Keys with a colon are the package's own.
func (r *Register) SetMeta(ctx context.Context, key, value string) error {
	return failed(r.writer.do(ctx, func(s *session) error { return setMeta(s, key, value) }), "set meta %s", key)
}

func meta(s *session, key string) (value string, err error) {
	err = s.row(`SELECT value FROM meta WHERE key = ?`, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func setMeta(s *session, key, value string) error {
	_, err := s.exec(`INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2`, key, value)
	return err
}

// movedKey is where it is noted to which id the group with that id moved.
func movedKey(chat int64) string { return "desk_moved:" + strconv.FormatInt(chat, 10) }

// Desk returns where the support group with the configured id is now, after
// any number of migrations.
func (r *Reader) Desk(ctx context.Context, configured int64) (int64, error) {
	now, err := read(ctx, r, func(s *session) (int64, error) {
		chat := configured
		for range 16 { // a chain is one or two long; a ring must not hang us
			value, err := meta(s, movedKey(chat))
			if err != nil || value == "" {
				return chat, err
			}
			if chat, err = strconv.ParseInt(value, 10, 64); err != nil {
				return configured, err
			}
		}
		return chat, nil
	})
	return now, failed(err, "read where the group %d is", configured)
}

// deskKey is where the group is noted in which the desk works.
const deskKey = "desk:chat"

// EnterDesk notes in which group the desk works from now on. When it is not that
// of the last time, what is open is to have its cards there: nobody looks at
// those of the former group any more, and their ids are others' here.
func (r *Register) EnterDesk(ctx context.Context, chat int64) error {
	err := r.writer.do(ctx, func(s *session) error {
		here := strconv.FormatInt(chat, 10)
		last, err := meta(s, deskKey)
		if err != nil || last == here {
			return err
		}
		if err := setMeta(s, deskKey, here); err != nil || last == "" {
			return err
		}
		_, err = s.exec(`UPDATE incidents SET card_chat = 0, card_message_id = 0, card_version = 0
			WHERE card_chat <> ? AND status IN ('registered', 'in_progress', 'waiting', 'resolved')`, chat)
		if err != nil {
			return err
		}
		return forgetSources(s)
	})
	return failed(err, "note that the desk works in the group %d", chat)
}

// forgetSources: what waits to be passed on from a former group has no original
// in this one.
func forgetSources(s *session) error {
	_, err := s.exec(`UPDATE outbox SET source = 0 WHERE state = 'pending' AND from_chat = 0`)
	return err
}

// DeskMoved notes that the support group got another id (its migration to a
// supergroup). Message ids of the old group are void: its cards are forgotten.
// They are posted anew at their next change, or as soon as a reply to one
// waits.
func (r *Register) DeskMoved(ctx context.Context, from, to int64) error {
	err := r.writer.do(ctx, func(s *session) error {
		if err := setMeta(s, movedKey(from), strconv.FormatInt(to, 10)); err != nil {
			return err
		}
		if _, err := s.exec(`DELETE FROM meta WHERE key = ?`, movedKey(to)); err != nil {
			return err
		}
		if err := setMeta(s, deskKey, strconv.FormatInt(to, 10)); err != nil {
			return err
		}
		_, err := s.exec(`UPDATE incidents SET card_chat = 0, card_message_id = 0
			WHERE card_message_id <> 0 AND card_chat <> ?`, to)
		if err != nil {
			return err
		}
		if _, err := s.exec(`DELETE FROM messages WHERE chat = ?1 OR source_chat = ?1`, from); err != nil {
			return err
		}
		if err := forgetSources(s); err != nil {
			return err
		}
		// Nor has what was to be emptied there: its id is somebody else's now.
		_, err = s.exec(`UPDATE outbox SET state = 'superseded', body = NULL, settled_at = ?2
			WHERE state = 'pending' AND substr(key, 1, length(?1)) = ?1`, fmt.Sprintf("%s%d:", outbox.ForgetKey, from), millis(r.now()))
		if err != nil {
			return err
		}
		_, err = s.exec(`UPDATE incidents SET card_version = 0 WHERE card_message_id = 0 AND number IN
			(SELECT number FROM outbox WHERE state = 'pending' AND reply_to_card = 1)`)
		return err
	})
	return failed(err, "note the move of the group %d to %d", from, to)
}
