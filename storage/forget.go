package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"intakebot/incident"
)

// Farewell makes what is told of incidents whose person is forgotten, from what
// they were before.
type Farewell = func(before []incident.Incident) []incident.Outgoing

// Forget erases, in one transaction, what the register keeps of the person with
// that private chat: consent and remembered answers, and of every incident all
// but the anonymous row that incident.Forgotten leaves; what is not yet sent
// goes with it, except letters. Those go first, and so does what is on its way
// this moment: Erasures has what is left to do. Whoever asks twice is forgotten
// once; compose is called when there were incidents.
func (r *Register) Forget(ctx context.Context, chat int64, at time.Time, compose Farewell) error {
	err := r.writer.do(ctx, func(s *session) error {
		records, err := load(s, selectIncidents+`WHERE i.reporter = ? ORDER BY i.id`, chat)
		if err != nil {
			return err
		}
		if err := r.begin(s, chat, at, records, incident.KindForgotten); err != nil {
			return err
		}
		for _, query := range []string{`DELETE FROM people WHERE chat = ?`, `DELETE FROM consents WHERE chat = ?`} {
			if _, err := s.exec(query, chat); err != nil {
				return err
			}
		}
		if len(records) == 0 || compose == nil {
			return nil
		}
		before := make([]incident.Incident, len(records))
		for k := range records {
			before[k] = records[k].Incident
		}
		return r.put(s, compose(before))
	})
	return failed(err, "forget %d", chat)
}

// Expire erases in the same way at most limit incidents that ended before the
// given time, and the people who have no others and agreed before it. done
// says that there are no more.
func (r *Register) Expire(ctx context.Context, before time.Time, limit int) (done bool, err error) {
	done, err = write(ctx, r.writer, func(s *session) (bool, error) {
		records, err := load(s, selectIncidents+`WHERE i.erased_at = 0 AND i.status IN ('closed', 'cancelled')
			AND i.status_at < ? ORDER BY i.status_at LIMIT ?`, millis(before), limit)
		if err != nil {
			return false, err
		}
		if len(records) > 0 {
			if err := r.begin(s, 0, r.now(), records, incident.KindExpired); err != nil {
				return false, err
			}
		}
		_, err = s.exec(`DELETE FROM consents WHERE chat IN (`+strangers+`)`, millis(before), limit)
		if err != nil {
			return false, err
		}
		n, err := s.exec(`DELETE FROM people WHERE chat IN (`+strangers+`)`, millis(before), limit)
		if n > 0 && len(records) == 0 {
			err = r.begin(s, 0, r.now(), nil, incident.KindExpired) // the file is to be cleaned
		}
		return len(records) < limit && n < int64(limit), err
	})
	return done, failed(err, "erase what ended before %s", before.Format(time.DateOnly))
}

// eraseAgain makes those of the incidents anonymous that are not, and forgets
// their people, who were forgotten after a copy was made. What is left to do
// is done when the register is in use.
func (r *Register) eraseAgain(ctx context.Context, numbers []incident.Number) (erased int, err error) {
	return write(ctx, r.writer, func(s *session) (int, error) {
		records, err := load(s, selectIncidents+`WHERE i.erased_at = 0 AND i.number IN (SELECT value FROM json_each(?))`, asJSON(numbers))
		if err != nil || len(records) == 0 {
			return 0, err
		}
		for _, one := range records {
			for _, query := range []string{`DELETE FROM people WHERE chat = ?`, `DELETE FROM consents WHERE chat = ?`} {
				if _, err := s.exec(query, one.Reporter); err != nil {
					return 0, err
				}
			}
		}
		return len(records), r.begin(s, 0, r.now(), records, incident.KindForgotten)
	})
}

// strangers are people of long ago of whom no incident is left.
const strangers = `SELECT p.chat FROM people p WHERE p.consent_at < ?1 AND p.unreachable_at < ?1
	AND NOT EXISTS (SELECT 1 FROM incidents i WHERE i.reporter = p.chat) ORDER BY p.chat LIMIT ?2`

// begin makes the incidents anonymous and notes what is left to do.
func (r *Register) begin(s *session, chat int64, at time.Time, records []record, why incident.Kind) error {
	e, err := loadErasure(s, chat)
	if errors.Is(err, incident.ErrNotFound) {
		e, err = incident.Erasure{Chat: chat, AskedAt: at}, nil
	}
	if err != nil {
		return err
	}
	for _, one := range records {
		if err := anonymise(s, one, at, why); err != nil {
			return err
		}
		e.Numbers = append(e.Numbers, one.Number)
	}
	numbers := asJSON(e.Numbers)
	staff, err := wordsOfStaff(s, numbers)
	if err != nil {
		return err
	}
	_, err = s.exec(`INSERT INTO erasures (chat, asked_at, numbers, staff, mark, draft)
		VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(id), 0) FROM outbox), ?1 <> 0)
		ON CONFLICT (chat) DO UPDATE SET numbers = ?3, staff = ?4, mark = excluded.mark, draft = ?1 <> 0, dirty = 2, told = 0`,
		chat, millis(e.AskedAt), numbers, asJSON(slices.Concat(e.Staff, staff)))
	if err != nil {
		return err
	}
	return r.sweep(s, chat)
}

// anonymise writes what incident.Forgotten leaves of an incident. A card that
// is not there is not posted any more.
func anonymise(s *session, before record, at time.Time, why incident.Kind) error {
	after := before.Forgotten(at, why)
	_, err := s.exec(`UPDATE incidents SET status = ?, status_at = ?, answers = ?, reporter = 0, erased_at = ?, version = ?5,
		card_version = iif(card_message_id = 0, ?5, card_version) WHERE id = ?6`,
		string(after.Status), millis(after.StatusAt), asJSON(after.Answers), millis(at), after.Version, before.id)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM attachments WHERE incident = ?`, `DELETE FROM history WHERE incident = ?`,
		`UPDATE escalations SET state = '', problem = '' WHERE incident = ?`,
	} {
		if _, err := s.exec(query, before.id); err != nil {
			return err
		}
	}
	for _, e := range after.History {
		if err := enter(s, before.id, "", e); err != nil {
			return err
		}
	}
	return nil
}

// wordsOfStaff are the messages of members that went to the person.
func wordsOfStaff(s *session, numbers string) (all []incident.Place, err error) {
	err = s.each(func(rows *sql.Rows) error {
		var p incident.Place
		err := rows.Scan(&p.Chat, &p.MessageID)
		all = append(all, p)
		return err
	}, `SELECT DISTINCT source_chat, source_id FROM messages
		WHERE number IN (SELECT value FROM json_each(?)) AND chat > 0 AND source_id <> 0 ORDER BY 1, 2`, numbers)
	return all, err
}

// ours chooses rows of the outbox about the incidents of an erasure, and those
// to its person that are about none and older than it. What the erasing itself
// has to say (incident.ForgetKey) is apart.
const (
	ours = `(number IN (SELECT value FROM json_each(?1)) OR ?2 <> 0 AND chat = ?2 AND number = '' AND id <= ?3)
		AND substr(key, 1, 7) <> '` + incident.ForgetKey + `'`
	theirs = `substr(key, 1, 7) = '` + incident.ForgetKey + `' AND (?2 <> 0 AND chat = ?2 OR number IN (SELECT value FROM json_each(?1)))`
)

// sweeps empty what one erasure must not leave behind. ?1 are its numbers as
// JSON, ?2 the person's chat or 0, ?3 the last outbox row before it, ?4 now.
// Each may run again and again: something may have been on its way before. A
// key of the outbox can hold a chat, so it goes too; a private chat's id is
// positive (Bot API, Chat).
var sweeps = []string{
	`UPDATE outbox SET state = 'superseded', settled_at = ?4 WHERE state = 'pending' AND leased = 0 AND channel = 'telegram' AND ` + ours,
	`UPDATE outbox SET key = 'gone:' || id, state = 'superseded', chat = 0, source = 0, from_chat = 0, memo = '', album = '', problem = '', body = NULL
		WHERE state <> 'pending' AND substr(key, 1, 5) <> 'gone:' AND ` + ours,
	`UPDATE outbox SET key = 'gone:' || id, state = 'superseded', chat = 0, problem = '', body = NULL
		WHERE state <> 'pending' AND ?2 <> 0 AND chat = ?2 AND ` + theirs,
	`UPDATE messages SET stayed = 1 WHERE number IN (SELECT value FROM json_each(?1)) AND chat < 0 AND stayed = 0 AND EXISTS
		(SELECT 1 FROM outbox WHERE key = '` + incident.ForgetKey + `' || messages.chat || ':' || messages.message_id AND state IN ('dead', 'superseded'))`,
	`UPDATE outbox SET state = 'superseded', problem = '', body = NULL WHERE state = 'dead' AND ` + theirs,
	`DELETE FROM messages WHERE number IN (SELECT value FROM json_each(?1)) AND chat > 0`,
	`UPDATE messages SET source_chat = 0, source_id = 0, memo = '' WHERE number IN (SELECT value FROM json_each(?1)) AND (source_id <> 0 OR memo <> '')`,
	`UPDATE inbox SET chat = 0, state = 'done', raw = NULL, reason = '' WHERE ?2 <> 0 AND chat = ?2 AND state <> 'waiting'`,
	// An update in the group quotes the card that it answers.
	`UPDATE inbox SET state = 'done', raw = NULL, reason = '' WHERE state = 'quarantined'
		AND EXISTS (SELECT 1 FROM json_each(?1) n WHERE instr(CAST(raw AS TEXT), n.value) > 0)`,
	`DELETE FROM people WHERE ?2 <> 0 AND chat = ?2 AND consent_version = '' AND remembered = '[]'`,
}

// sweep runs the sweeps of an erasure.
func (r *Register) sweep(s *session, chat int64) error {
	var numbers string
	var mark, swept int64
	err := s.row(`SELECT numbers, mark FROM erasures WHERE chat = ?`, chat).Scan(&numbers, &mark)
	if err != nil {
		return err
	}
	for _, query := range sweeps {
		n, err := s.exec(query, numbers, chat, mark, millis(r.now()))
		if err != nil {
			return err
		}
		swept += n
	}
	if swept > 0 {
		_, err = s.exec(`UPDATE erasures SET dirty = 2 WHERE chat = ?`, chat)
	}
	return err
}

// Erasures returns the chats of those under way, the oldest first.
func (r *Reader) Erasures(ctx context.Context) ([]int64, error) {
	chats, err := read(ctx, r, func(s *session) (chats []int64, err error) {
		err = s.each(func(rows *sql.Rows) error {
			var chat int64
			err := rows.Scan(&chat)
			chats = append(chats, chat)
			return err
		}, `SELECT chat FROM erasures ORDER BY asked_at`)
		return chats, err
	})
	return chats, failed(err, "read the erasures")
}

// Sweep empties what has come to an end since, and says what is left to do.
// ErrNotFound when nothing is.
func (r *Register) Sweep(ctx context.Context, chat int64) (incident.Erasure, error) {
	e, err := write(ctx, r.writer, func(s *session) (incident.Erasure, error) {
		if _, err := loadErasure(s, chat); err != nil {
			return incident.Erasure{}, err
		}
		if err := r.sweep(s, chat); err != nil {
			return incident.Erasure{}, err
		}
		return loadErasure(s, chat)
	})
	return e, failed(err, "sweep after %d", chat)
}

// loadErasure reads an erasure with all that it waits for.
func loadErasure(s *session, chat int64) (incident.Erasure, error) {
	e := incident.Erasure{Chat: chat}
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
		(SELECT count(*) FROM outbox WHERE state = 'pending' AND channel = 'mail' AND number IN (SELECT value FROM json_each(?1))),
		(SELECT count(*) FROM outbox WHERE state = 'pending' AND channel = 'telegram' AND (`+ours+` OR `+theirs+`)),
		(SELECT count(*) FROM incidents WHERE version <> card_version AND number IN (SELECT value FROM json_each(?1)))`, numbers, chat, mark).
		Scan(&e.Letters, &e.Sending, &e.Cards)
	if err != nil {
		return e, err
	}
	return e, s.each(func(rows *sql.Rows) error {
		var one incident.Trace
		var stayed bool
		if err := rows.Scan(&one.Chat, &one.MessageID, &one.File, &one.Number, &stayed); err != nil {
			return err
		}
		if stayed {
			e.Stayed = append(e.Stayed, one.Place)
		} else {
			e.Group = append(e.Group, one)
		}
		return nil
	}, `SELECT chat, message_id, file, number, stayed FROM messages
		WHERE number IN (SELECT value FROM json_each(?)) AND chat < 0 ORDER BY chat, message_id`, numbers)
}

// Emptied settles the outbox row that was to take a message out of the group;
// stayed says that Telegram did not let us.
func (r *Register) Emptied(ctx context.Context, id int64, at time.Time, where incident.Place, stayed bool) error {
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
func (r *Register) ErasureTold(ctx context.Context, chat int64, posts []incident.Outgoing) error {
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

// loadStored counts what is kept of a person.
func loadStored(s *session, chat int64) (v incident.Stored, err error) {
	err = s.row(`SELECT count(*), count(*) FILTER (WHERE status IN (SELECT value FROM json_each(?2))),
		coalesce(sum((SELECT count(*) FROM attachments a WHERE a.incident = i.id)), 0),
		coalesce(sum((SELECT count(*) FROM outbox o WHERE o.number = i.number AND o.state = 'pending' AND o.channel = 'mail')), 0),
		EXISTS (SELECT 1 FROM erasures WHERE chat = ?1)
		FROM incidents i WHERE reporter = ?1`, chat, openStatuses).
		Scan(&v.Incidents, &v.Open, &v.Files, &v.Letters, &v.Erasing)
	return v, err
}

// asJSON is how lists of ours are stored; they hold strings and numbers only,
// which can always be marshalled. An empty list is [].
func asJSON[T any](values []T) string {
	data, err := json.Marshal(slices.Concat([]T{}, values))
	if err != nil {
		panic(err)
	}
	return string(data)
}
