package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// ours chooses rows of the outbox about the incidents of an erasure, and those
// to its person that are about none and older than it; itsOwn what the erasing
// itself has to say and to do (outbox.ForgetKey). Both go by indexes: a large
// register must not be read through while others wait. The keys that begin with
// «forget:» are those up to «forget;».
const (
	numbered = `SELECT id FROM outbox WHERE number <> '' AND number IN (SELECT value FROM json_each(?1))`
	personal = `SELECT id FROM outbox WHERE number = '' AND chat = ?2 AND ?2 <> 0`
	ours     = `id IN (` + numbered + ` UNION ALL ` + personal + ` AND id <= ?3) AND substr(key, 1, 7) <> '` + outbox.ForgetKey + `'`
	itsOwn   = `id IN (` + numbered + ` UNION ALL ` + personal + ` UNION ALL SELECT id FROM outbox WHERE key >= '` + outbox.ForgetKey + `'
		AND key < 'forget;' AND ?2 <> 0 AND chat = ?2) AND substr(key, 1, 7) = '` + outbox.ForgetKey + `'`
)

// sweeps empty what one erasure must not leave behind. ?1 are its numbers as
// JSON, ?2 the person's chat or 0, ?3 the last outbox row before it, ?4 now.
// Each may run again and again: something may have been on its way before. A
// key of the outbox can hold a chat, so it goes too; a private chat's id is
// positive (Bot API, Chat).
var sweeps = []string{
	`UPDATE outbox SET state = 'superseded', settled_at = ?4 WHERE state = 'pending' AND leased = 0 AND channel = 'telegram' AND ` + ours,
	`UPDATE outbox SET key = 'gone:' || id, state = iif(state = 'dead', 'superseded', state), chat = 0, source = 0, from_chat = 0, memo = '', album = '', problem = '', body = NULL
		WHERE state <> 'pending' AND substr(key, 1, 5) <> 'gone:' AND ` + ours,
	`UPDATE outbox SET key = 'gone:' || id, state = 'superseded', chat = 0, problem = '', body = NULL
		WHERE state <> 'pending' AND ?2 <> 0 AND chat = ?2 AND ` + itsOwn,
	`UPDATE messages SET stayed = 1 WHERE number IN (SELECT value FROM json_each(?1)) AND chat < 0 AND stayed = 0 AND EXISTS
		(SELECT 1 FROM outbox WHERE key = '` + outbox.ForgetKey + `' || messages.chat || ':' || messages.message_id AND state IN ('dead', 'superseded'))`,
	`UPDATE outbox SET state = 'superseded', problem = '', body = NULL WHERE state = 'dead' AND ` + itsOwn,
	`DELETE FROM messages WHERE number IN (SELECT value FROM json_each(?1)) AND chat > 0`,
	`UPDATE mail SET state = 'done', number = '', raw = NULL WHERE state = 'held' AND number IN (SELECT value FROM json_each(?1))`,
	`UPDATE messages SET source_chat = 0, source_id = 0, memo = iif(memo = '` + outbox.FromReporter + `', memo, '')
		WHERE number IN (SELECT value FROM json_each(?1)) AND (source_id <> 0 OR memo NOT IN ('', '` + outbox.FromReporter + `'))`,
	`DELETE FROM inbox WHERE ?2 <> 0 AND chat = ?2 AND state <> 'waiting'`,
	// An update in the group quotes the card that it answers.
	`DELETE FROM inbox WHERE state = 'quarantined'
		AND EXISTS (SELECT 1 FROM json_each(?1) n WHERE instr(CAST(raw AS TEXT), n.value) > 0)`,
	`DELETE FROM people WHERE ?2 <> 0 AND chat = ?2 AND consent_version = '' AND remembered = '[]'`,
}

// sweep runs the sweeps of an erasure.
func (r *Register) sweep(s *session, chat int64) error {
	var numbers string
	if err := s.row(`SELECT numbers FROM erasures WHERE chat = ?`, chat).Scan(&numbers); err != nil {
		return err
	}
	return r.sweepNumbers(s, chat, numbers)
}

// sweepNumbers runs them for some of its incidents.
func (r *Register) sweepNumbers(s *session, chat int64, numbers string) error {
	var mark, swept int64
	if err := s.row(`SELECT mark FROM erasures WHERE chat = ?`, chat).Scan(&mark); err != nil {
		return err
	}
	for _, query := range sweeps {
		n, err := s.exec(query, numbers, chat, mark, millis(r.now()))
		if err != nil {
			return err
		}
		swept += n
	}
	if swept == 0 {
		return nil
	}
	_, err := s.exec(`UPDATE erasures SET dirty = 2 WHERE chat = ?`, chat)
	return err
}

// Erasures returns the chats of those under way, the oldest first.
func (r *Reader) Erasures(ctx context.Context) ([]int64, error) {
	chats, err := readAll(ctx, r, single[int64], `SELECT chat FROM erasures ORDER BY asked_at`)
	return chats, failed(err, "read the erasures")
}

// ResumeErasure empties what has come to an end since, and says what is left to do.
// ErrNotFound when nothing is.
func (r *Register) ResumeErasure(ctx context.Context, chat int64) (outbox.Erasure, error) {
	e, err := write(ctx, r.writer, func(s *session) (outbox.Erasure, error) {
		if _, err := loadErasure(s, chat); err != nil {
			return outbox.Erasure{}, err
		}
		if err := r.sweep(s, chat); err != nil {
			return outbox.Erasure{}, err
		}
		return loadErasure(s, chat)
	})
	return e, failed(err, "sweep after %d", chat)
}

// loadErasure reads an erasure with all that it waits for.
func loadErasure(s *session, chat int64) (outbox.Erasure, error) {
	e := outbox.Erasure{Chat: chat}
	var askedAt, mark int64
	var numbers, staff string
	err := s.row(`SELECT asked_at, numbers, staff, mark, draft, dirty > 0, told FROM erasures WHERE chat = ?`, chat).
		Scan(&askedAt, &numbers, &staff, &mark, &e.Draft, &e.Dirty, &e.Told)
	if errors.Is(err, sql.ErrNoRows) {
		return e, incident.ErrNotFound
	}
	if err == nil {
		err = errors.Join(json.Unmarshal([]byte(numbers), &e.Numbers), json.Unmarshal([]byte(staff), &e.Staff))
	}
	if err != nil {
		return e, err
	}
	e.AskedAt = moment(askedAt)
	err = s.row(`SELECT
		(SELECT count(*) FROM outbox WHERE state = 'pending' AND channel = 'mail' AND id IN (`+numbered+`)),
		(SELECT count(*) FROM outbox WHERE state = 'pending' AND channel = 'telegram' AND (`+ours+` OR `+itsOwn+`)),
		(SELECT count(*) FROM incidents WHERE version <> card_version AND number IN (SELECT value FROM json_each(?1)))`, numbers, chat, mark).
		Scan(&e.Letters, &e.Sending, &e.Cards)
	if err != nil {
		return e, err
	}
	return e, s.each(func(rows *sql.Rows) error {
		var one outbox.Trace
		var stayed bool
		if err := rows.Scan(&one.Chat, &one.MessageID, &one.File, &one.Number, &stayed); err != nil {
			return err
		}
		if stayed {
			e.Stayed = append(e.Stayed, one.MessageRef)
		} else {
			e.Group = append(e.Group, one)
		}
		return nil
	}, `SELECT chat, message_id, file, number, stayed FROM messages
		WHERE number IN (SELECT value FROM json_each(?)) AND chat < 0 ORDER BY chat, message_id`, numbers)
}

// Emptied settles the outbox row that was to take a message out of the group;
// stayed says that Telegram did not let us.
func (r *Register) Emptied(ctx context.Context, id int64, at time.Time, where outbox.MessageRef, stayed bool) error {
	err := r.writer.do(ctx, func(s *session) error {
		if err := unlessSettled(sent(s, id, at)); err != nil {
			return err
		}
		query := `DELETE FROM messages WHERE chat = ? AND message_id = ?`
		if stayed {
			query = `UPDATE messages SET stayed = 1 WHERE chat = ? AND message_id = ?`
		}
		_, err := s.exec(query, where.Chat, where.MessageID)
		return err
	})
	return failed(err, "note that message %d in %d is emptied", where.MessageID, where.Chat)
}

// DraftErased notes that Redis keeps nothing of the person any more.
func (r *Register) DraftErased(ctx context.Context, chat int64) error {
	return failed(r.change(ctx, `UPDATE erasures SET draft = 0 WHERE chat = ?`, chat), "note that the draft of %d is erased", chat)
}

// ErasureTold puts out what is told of the end of an erasure. What was said to
// the person meanwhile is swept away too, unless the person has begun anew.
func (r *Register) ErasureTold(ctx context.Context, chat int64, posts []outbox.Message) error {
	err := r.writer.do(ctx, func(s *session) error {
		n, err := s.exec(`UPDATE erasures SET told = 1, mark = iif(EXISTS (SELECT 1 FROM people p WHERE p.chat = erasures.chat), mark,
			(SELECT coalesce(max(id), 0) FROM outbox)) WHERE chat = ? AND told = 0`, chat)
		if err != nil || n == 0 {
			return err
		}
		return r.put(s, posts)
	})
	return failed(err, "tell that %d is forgotten", chat)
}

// ErasureDone forgets that there was something to erase.
func (r *Register) ErasureDone(ctx context.Context, chat int64) error {
	return failed(r.change(ctx, `DELETE FROM erasures WHERE chat = ?`, chat), "end the erasure of %d", chat)
}
