package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Farewell makes what is told of incidents whose person is forgotten, from what
// they were before.
type Farewell = func(before []incident.Incident) []outbox.Message

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
		return r.put(s, compose(incidents(records)))
	})
	return failed(err, "forget %d", chat)
}

const (
	// expireAtOnce is how many incidents one call of Expire erases.
	expireAtOnce = 2000
	// expireWaiting is how many may wait for the end of their erasure: each portion
	// would make its list longer.
	expireWaiting = 5000
)

// Expire erases in the same way incidents that ended before the given time, some
// thousands at most in portions of limit, between which others write; and the
// people who have no others and agreed before it. done says that there are no
// more, or that too many wait for the end of their erasure: for the next day.
func (r *Register) Expire(ctx context.Context, before time.Time, limit int) (done bool, err error) {
	for erased := 0; erased < expireAtOnce && !done && err == nil; erased += limit {
		done, err = write(ctx, r.writer, func(s *session) (bool, error) { return r.expire(s, before, limit) })
	}
	return done, failed(err, "erase what ended before %s", before.Format(time.DateOnly))
}

func (r *Register) expire(s *session, before time.Time, limit int) (done bool, err error) {
	var waiting int
	err = s.row(`SELECT coalesce((SELECT json_array_length(numbers) FROM erasures WHERE chat = 0), 0)`).Scan(&waiting)
	if err != nil || waiting >= expireWaiting {
		return err == nil, err
	}
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
	if err == nil && n > 0 && len(records) == 0 {
		err = r.begin(s, 0, r.now(), nil, incident.KindExpired) // the file is to be cleaned
	}
	return len(records) < limit && n < int64(limit), err
}

// eraseAgain makes the incidents of these drafts anonymous that are not, and
// forgets their people, who were forgotten after a copy was made. What is left to
// do is done when the register is in use.
func (r *Register) eraseAgain(ctx context.Context, drafts []string) (erased int, err error) {
	return write(ctx, r.writer, func(s *session) (int, error) {
		records, err := load(s, selectIncidents+`WHERE i.erased_at = 0 AND i.draft_id IN (SELECT value FROM json_each(?))`, asJSON(drafts))
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
		e, err = outbox.Erasure{Chat: chat, AskedAt: at}, nil
	}
	if err != nil {
		return err
	}
	var added []incident.Number
	for _, one := range records {
		if err := anonymise(s, one, at, why); err != nil {
			return err
		}
		e.Numbers, added = append(e.Numbers, one.Number), append(added, one.Number)
	}
	numbers := asJSON(e.Numbers)
	staff, err := wordsOfStaff(s, asJSON(added))
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
	r.wakeIndex()
	return r.sweepNumbers(s, chat, asJSON(added)) // those of before were swept then
}

// anonymise writes what incident.Forgotten leaves of an incident. A card that
// is not there is not posted any more.
func anonymise(s *session, before record, at time.Time, why incident.Kind) error {
	after := before.Forgotten(at, why)
	_, err := s.exec(`UPDATE incidents SET status = ?, status_at = ?, answers = ?, reporter = 0, theirs = '', theirs_domain = '', erased_at = ?, version = ?5, announced = 1,
		card_version = iif(card_message_id = 0, ?5, card_version) WHERE id = ?6`,
		string(after.Status), millis(after.StatusAt), asJSON(after.Answers), millis(at), after.Version, before.id)
	if err != nil {
		return err
	}
	if err := unindex(s, before.id); err != nil {
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
func wordsOfStaff(s *session, numbers string) ([]outbox.MessageRef, error) {
	return query(s, func(rows *sql.Rows) (p outbox.MessageRef, err error) {
		err = rows.Scan(&p.Chat, &p.MessageID)
		return p, err
	}, `SELECT DISTINCT source_chat, source_id FROM messages
		WHERE number IN (SELECT value FROM json_each(?)) AND chat > 0 AND source_id <> 0 ORDER BY 1, 2`, numbers)
}

// loadStored counts what is kept of a person.
func loadStored(s *session, chat int64) (v incident.Stored, err error) {
	err = s.row(`SELECT count(*), count(*) FILTER (WHERE status IN (SELECT value FROM json_each(?2))),
		coalesce(sum((SELECT count(*) FROM attachments a WHERE a.incident = i.id)), 0),
		coalesce(sum((SELECT count(*) FROM outbox o WHERE o.number = i.number AND o.number <> '' AND o.state = 'pending' AND o.channel = 'mail')), 0),
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
