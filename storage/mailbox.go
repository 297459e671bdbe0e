package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// The times of letters that came back: one that nobody has linked, or that could
// not be read, is kept for a month; that it came is known for longer than it can
// lie in its folder by mistake. A letter that was sent keeps its bytes for as long
// as mail servers try (RFC 5321, 4.5.4.1), so that it can be sent again when it
// comes back.
const (
	mailHeld    = 30 * 24 * time.Hour
	mailKnown   = 400 * 24 * time.Hour
	lettersKept = 7 * 24 * time.Hour
)

// KnowsMail says whether the letter at that place was received.
func (r *Reader) KnowsMail(ctx context.Context, at outbox.MailPlace) (bool, error) {
	known, err := read(ctx, r, func(s *session) (known bool, err error) {
		err = s.row(`SELECT EXISTS (SELECT 1 FROM mail_places WHERE folder = ? AND uidvalidity = ? AND uid = ?)`,
			at.Folder, at.UIDValidity, at.UID).Scan(&known)
		return known, err
	})
	return known, failed(err, "read whether letter %d of %s is known", at.UID, at.Folder)
}

// ReceiveMail stores a letter that came; once it returns the letter may leave its
// folder. One whose Message-ID and hash are known is not stored again (fresh is
// false): only its place is noted.
func (r *Register) ReceiveMail(ctx context.Context, m outbox.ReceivedMail, hash [sha256.Size]byte) (fresh bool, err error) {
	fresh, err = write(ctx, r.writer, func(s *session) (bool, error) {
		n, err := s.exec(`INSERT INTO mail (message_id, hash, size, received_at, raw) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (message_id, hash) DO NOTHING`, m.MessageID, hash[:], m.Size, millis(m.ReceivedAt), m.Raw)
		if err != nil {
			return false, err
		}
		_, err = s.exec(`INSERT INTO mail_places (folder, uidvalidity, uid, mail)
			SELECT ?, ?, ?, id FROM mail WHERE message_id = ? AND hash = ? ON CONFLICT DO NOTHING`,
			m.Place.Folder, m.Place.UIDValidity, m.Place.UID, m.MessageID, hash[:])
		return n == 1, err
	})
	return fresh, failed(err, "store letter %d of %s", m.Place.UID, m.Place.Folder)
}

const selectMail = `SELECT id, message_id, size, received_at, attempts, raw FROM mail `

// NextMail returns the letter that waits longest to be worked on and is due at
// now; ok is false when there is none.
func (r *Reader) NextMail(ctx context.Context, now time.Time) (m outbox.ReceivedMail, ok bool, err error) {
	return r.mail(ctx, selectMail+`WHERE state = 'waiting' AND next_at <= ? ORDER BY id LIMIT 1`, millis(now))
}

// HeldMail returns a letter that is held; ok is false when it is no more.
func (r *Reader) HeldMail(ctx context.Context, id int64) (m outbox.ReceivedMail, ok bool, err error) {
	return r.mail(ctx, selectMail+`WHERE state = 'held' AND id = ?`, id)
}

func (r *Reader) mail(ctx context.Context, text string, arg any) (m outbox.ReceivedMail, ok bool, err error) {
	m, err = read(ctx, r, func(s *session) (m outbox.ReceivedMail, err error) {
		var at int64
		err = s.row(text, arg).Scan(&m.ID, &m.MessageID, &m.Size, &at, &m.Attempts, &m.Raw)
		m.ReceivedAt = moment(at)
		return m, err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	return m, err == nil, failed(err, "read a letter that came")
}

// FinishMail ends the work on a letter: its bytes are wiped, and posts are put
// into the outbox. Nothing happens to one that is finished.
func (r *Register) FinishMail(ctx context.Context, id int64, posts []outbox.Message) error {
	err := r.writer.do(ctx, func(s *session) error {
		if open, err := finishMail(s, id); err != nil || !open {
			return err
		}
		return r.put(s, posts)
	})
	return failed(err, "finish letter %d", id)
}

// HoldMail keeps a letter until somebody says what is to become of it. n is the
// incident that it seems to be about, "" when nobody knows.
func (r *Register) HoldMail(ctx context.Context, id int64, n incident.Number, posts []outbox.Message) error {
	err := r.writer.do(ctx, func(s *session) error {
		changed, err := s.exec(`UPDATE mail SET state = 'held', number = ?, reason = '' WHERE id = ? AND state = 'waiting'`, string(n), id)
		if err != nil || changed == 0 {
			return err
		}
		return r.put(s, posts)
	})
	return failed(err, "hold letter %d", id)
}

// FailMail counts a failed attempt at a letter; with the limit-th it is
// quarantined, and posts are put into the outbox. reason is for the operator and
// holds no personal data.
func (r *Register) FailMail(ctx context.Context, id int64, reason string, limit int, until time.Time, posts []outbox.Message) (quarantined bool, err error) {
	quarantined, err = write(ctx, r.writer, func(s *session) (quarantined bool, err error) {
		err = s.row(`UPDATE mail SET attempts = attempts + 1, reason = ?, next_at = ?,
			state = iif(attempts + 1 >= ?, 'quarantined', state)
			WHERE id = ? AND state = 'waiting' RETURNING state = 'quarantined'`, reason, millis(until), limit, id).Scan(&quarantined)
		if errors.Is(err, sql.ErrNoRows) {
			return false, nil
		}
		if err != nil || !quarantined {
			return quarantined, err
		}
		return true, r.put(s, posts)
	})
	return quarantined, failed(err, "note the failure of letter %d", id)
}

// IncidentOfTheirs finds the incident that letters from that domain have named by
// a number of their own.
func (r *Reader) IncidentOfTheirs(ctx context.Context, theirs, domain string) (n incident.Number, ok bool, err error) {
	n, err = read(ctx, r, func(s *session) (n incident.Number, err error) {
		err = s.row(`SELECT number FROM incidents WHERE theirs = ? AND theirs_domain = ? AND theirs <> '' ORDER BY id DESC LIMIT 1`,
			theirs, domain).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return "", nil
		}
		return n, err
	})
	return n, n != "", failed(err, "find an incident by the number of the second line")
}

// AnswerMail enters an answer into its incident and finishes the letter; compose
// makes what is told of it. An answer that the history has already (a.Key) is
// finished and not told, and so is one about somebody who is forgotten.
// ErrNotFound when the incident is unknown.
func (r *Register) AnswerMail(ctx context.Context, a outbox.MailAnswer, compose Compose) error {
	_, err := write(ctx, r.writer, func(s *session) (o outcome, err error) {
		i, err := loadOne(s, a.Number)
		if err != nil {
			return o, err
		}
		open, err := finishMail(s, a.Mail)
		if err != nil || !open || i.Erased() {
			return o, err
		}
		if err := noteAnswer(s, i, a); err != nil {
			return o, err
		}
		fresh, err := enterOnce(s, i.id, a.Key, a.Entry)
		if err != nil || !fresh {
			return o, err
		}
		if err := touch(s, i.id); err != nil {
			return o, err
		}
		return r.told(s, i.id, compose)
	})
	return failed(err, "enter letter %d into incident %s", a.Mail, a.Number)
}

// noteAnswer takes down the other side's number, and that the escalation is
// answered.
func noteAnswer(s *session, i record, a outbox.MailAnswer) error {
	if a.Theirs != "" && a.Theirs != i.Theirs {
		_, err := s.exec(`UPDATE incidents SET theirs = ?, theirs_domain = ?, version = version + 1 WHERE id = ?`, a.Theirs, a.Domain, i.id)
		if err != nil {
			return err
		}
	}
	if a.Automatic {
		return nil
	}
	_, err := s.exec(`UPDATE escalations SET answered_at = ?1 WHERE incident = ?2 AND answered_at = 0 AND at <= ?1
		AND seq = iif(?3 > 0, ?3, (SELECT max(seq) FROM escalations WHERE incident = ?2))`, millis(a.Entry.At), i.id, a.Seq)
	return err
}

// ReportMail enters what a mail server tells of a letter of ours into its incident
// and finishes the report. A letter that came back can be tried again like one
// that was refused. compose makes what is told of it, from the incident as it is
// then and the letter, nil when its bytes are not kept any more; it is not called
// for what is known already.
func (r *Register) ReportMail(ctx context.Context, m outbox.MailReport,
	compose func(incident.Incident, *outbox.Letter) ([]outbox.Message, error)) error {
	_, err := write(ctx, r.writer, func(s *session) (o outcome, err error) {
		i, err := loadOne(s, m.Number)
		if err != nil {
			return o, err
		}
		open, err := finishMail(s, m.Mail)
		if err != nil || !open || i.Erased() {
			return o, err
		}
		row, err := letterRow(s, m.LetterKey)
		if err != nil {
			return o, err
		}
		if row.state == string(outbox.Pending) {
			return o, incident.ErrLetterOnItsWay
		}
		fresh, err := r.reported(s, i, m, row)
		if err != nil || !fresh {
			return o, err
		}
		return r.told(s, i.id, func(i incident.Incident) ([]outbox.Message, error) {
			if compose == nil {
				return nil, nil
			}
			return compose(i, row.letter)
		})
	})
	return failed(err, "enter report %d into incident %s", m.Mail, m.Number)
}

// sentRow is the row of a letter that was sent.
type sentRow struct {
	id     int64
	state  string
	round  int
	letter *outbox.Letter
}

func letterRow(s *session, key string) (row sentRow, err error) {
	var body []byte
	err = s.row(`SELECT id, state, round, body FROM outbox WHERE key = ?`, key).Scan(&row.id, &row.state, &row.round, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return sentRow{}, nil // pruned long ago
	}
	var l outbox.Letter
	if err == nil && body != nil && json.Unmarshal(body, &l) == nil {
		row.letter = &l
	}
	return row, err
}

var fateKinds = map[outbox.MailFate]incident.Kind{
	outbox.MailReturned: incident.KindLetterReturned,
	outbox.MailDelayed:  incident.KindLetterDelayed,
	outbox.MailReceived: incident.KindLetterReceived,
}

// reported notes a report; fresh is false when it says nothing new.
func (r *Register) reported(s *session, i record, m outbox.MailReport, row sentRow) (fresh bool, err error) {
	entry := incident.Entry{At: m.At, Kind: fateKinds[m.Fate], By: incident.BySystem, Text: recipients[m.Kind]}
	if m.Problem != "" {
		entry.Text += ": " + m.Problem
	}
	if m.Fate != outbox.MailReturned && cameBack(i, m) {
		return false, nil // what is said of it later is about another recipient
	}
	key := fmt.Sprintf("letter:%s:%s:%s:%d:%d", m.Fate, i.Number, m.Kind, m.Seq, row.round)
	fresh, err = enterOnce(s, i.id, key, entry)
	if err != nil || !fresh {
		return false, err
	}
	if m.Kind == outbox.EscalationLetter {
		switch m.Fate {
		case outbox.MailReturned:
			_, err = s.exec(`UPDATE escalations SET letter = ?, settled_at = ?, problem = ?, received_at = 0 WHERE incident = ? AND seq = ?`,
				string(incident.LetterReturned), millis(m.At), m.Problem, i.id, m.Seq)
		case outbox.MailReceived:
			_, err = s.exec(`UPDATE escalations SET received_at = ? WHERE incident = ? AND seq = ? AND received_at = 0`, millis(m.At), i.id, m.Seq)
		}
	}
	if err == nil && m.Fate == outbox.MailReturned {
		_, err = s.exec(`UPDATE outbox SET state = 'dead', ending = ?, problem = ?, settled_at = ?, told_at = ?3
			WHERE id = ? AND state = 'sent' AND body IS NOT NULL`, string(outbox.Rejected), m.Problem, millis(m.At), row.id)
	}
	if err == nil {
		err = touch(s, i.id)
	}
	return true, err
}

// cameBack says that the escalation's letter is known to have come back.
func cameBack(i record, m outbox.MailReport) bool {
	for _, e := range i.Escalations {
		if m.Kind == outbox.EscalationLetter && e.Seq == m.Seq {
			return e.Letter.Failed()
		}
	}
	return false
}

// enterOnce adds a line to an incident's history unless its key is known.
func enterOnce(s *session, id int64, key string, e incident.Entry) (fresh bool, err error) {
	known, err := entered(s, key)
	if err != nil || known != 0 {
		return false, err
	}
	return true, enter(s, id, key, e)
}

// finishMail wipes a letter; open is false when that was done before.
func finishMail(s *session, id int64) (open bool, err error) {
	n, err := s.exec(`UPDATE mail SET state = 'done', number = '', raw = NULL WHERE id = ? AND state IN ('waiting', 'held')`, id)
	return n == 1, err
}

// MailCounts are the letters that came back, by state.
func (r *Reader) MailCounts(ctx context.Context) (counts map[string]int, err error) {
	counts, err = read(ctx, r, func(s *session) (map[string]int, error) {
		counts := map[string]int{}
		err := s.each(func(rows *sql.Rows) error {
			var state string
			var n int
			err := rows.Scan(&state, &n)
			counts[state] = n
			return err
		}, `SELECT state, count(*) FROM mail WHERE state <> 'done' GROUP BY state`)
		return counts, err
	})
	return counts, failed(err, "count the letters that came back")
}
