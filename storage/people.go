package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"intakebot/incident"
)

// recent is how many of a person's incidents are read, besides the open ones.
const recent = 100

// openStatuses are the states in which support still has work to do.
var openStatuses = func() string {
	var open []incident.Status
	for _, s := range []incident.Status{incident.Registered, incident.InProgress, incident.Waiting,
		incident.Resolved, incident.Closed, incident.Cancelled} {
		if s.Open() {
			open = append(open, s)
		}
	}
	return asList(open)
}()

const reporterEnd = `WHERE i.reporter = ?1 AND (i.status IN (SELECT value FROM json_each(?2))
	OR i.id IN (SELECT id FROM incidents WHERE reporter = ?1 ORDER BY id DESC LIMIT ?3)) ORDER BY i.id DESC`

// Reporter returns what is known of the person with that private chat: consent,
// remembered answers, how much is stored, and their incidents newest first,
// whole: all open ones and the latest hundred. Of a person never seen it returns the chat alone.
func (r *Reader) Reporter(ctx context.Context, chat int64) (incident.Reporter, error) {
	person, more, err := r.profile(ctx, chat)
	if err == nil && more {
		person, err = read(ctx, r, func(s *session) (incident.Reporter, error) { return loadReporter(s, chat) })
	}
	return person, failed(err, "read reporter %d", chat)
}

// Profile is Reporter without incidents and what is stored, for a fraction of its
// price.
func (r *Reader) Profile(ctx context.Context, chat int64) (incident.Reporter, error) {
	person, _, err := r.profile(ctx, chat)
	return person, failed(err, "read the profile of %d", chat)
}

// profile is what one statement tells of a person; more says that there are
// incidents, or an erasure.
func (r *Reader) profile(ctx context.Context, chat int64) (person incident.Reporter, more bool, err error) {
	person, err = look(ctx, r, func(s *session) (p incident.Reporter, err error) {
		p, more, err = loadProfile(s, chat)
		return p, err
	})
	return person, more, err
}

func loadProfile(s *session, chat int64) (person incident.Reporter, more bool, err error) {
	person.Chat = chat
	var consentAt int64
	var remembered []byte
	err = s.row(`SELECT coalesce(p.consent_version, ''), coalesce(p.consent_at, 0), coalesce(p.remembered, '[]'),
		EXISTS (SELECT 1 FROM incidents WHERE reporter = ?1) OR EXISTS (SELECT 1 FROM erasures WHERE chat = ?1)
		FROM (SELECT ?1 AS chat) asked LEFT JOIN people p ON p.chat = asked.chat`, chat).
		Scan(&person.Consent.Version, &consentAt, &remembered, &more)
	if err != nil {
		return person, false, err
	}
	person.Consent.At = moment(consentAt)
	if len(remembered) > len("[]") {
		err = json.Unmarshal(remembered, &person.Remembered)
	}
	return person, more, err
}

func loadReporter(s *session, chat int64) (incident.Reporter, error) {
	person, _, err := loadProfile(s, chat)
	if err != nil {
		return person, err
	}
	if person.Stored, err = loadStored(s, chat); err != nil {
		return person, err
	}
	person.Incidents, err = loadAll(s, reporterEnd, chat, openStatuses, recent)
	return person, err
}

// GiveConsent stores which text the person agreed to, and when; those given
// before stay on record.
func (r *Register) GiveConsent(ctx context.Context, chat int64, c incident.Consent) error {
	err := r.writer.do(ctx, func(s *session) error {
		_, err := s.exec(`INSERT INTO people (chat, consent_version, consent_at) VALUES (?1, ?2, ?3)
			ON CONFLICT (chat) DO UPDATE SET consent_version = ?2, consent_at = ?3`, chat, c.Version, millis(c.At))
		if err != nil {
			return err
		}
		_, err = s.exec(`INSERT INTO consents (chat, version, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, chat, c.Version, millis(c.At))
		return err
	})
	return failed(err, "store the consent of %d", chat)
}

// ConsentText keeps the text of the consent under its version, so that what
// somebody agreed to can be read years later.
func (r *Register) ConsentText(ctx context.Context, version, text string) error {
	return failed(r.change(ctx, `INSERT INTO consent_texts (version, text, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		version, text, millis(r.now())), "keep the text of consent %s", version)
}

// Consents returns what the person agreed to, oldest first.
func (r *Reader) Consents(ctx context.Context, chat int64) ([]incident.Consent, error) {
	given, err := readAll(ctx, r, func(rows *sql.Rows) (c incident.Consent, err error) {
		var at int64
		err = rows.Scan(&c.Version, &at)
		c.At = moment(at)
		return c, err
	}, `SELECT version, at FROM consents WHERE chat = ? ORDER BY at`, chat)
	return given, failed(err, "read the consents of %d", chat)
}

// ConsentTextOf returns the text that ConsentText kept; ErrNotFound.
func (r *Reader) ConsentTextOf(ctx context.Context, version string) (string, error) {
	text, err := look(ctx, r, func(s *session) (text string, err error) {
		err = s.row(`SELECT text FROM consent_texts WHERE version = ?`, version).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			err = incident.ErrNotFound
		}
		return text, err
	})
	return text, failed(err, "read the text of consent %s", version)
}

// Unreachable notes that messages to the chat are refused (the bot was
// blocked) since at; an earlier time that is noted already stays. Of somebody
// of whom nothing is kept, this is not kept either.
func (r *Register) Unreachable(ctx context.Context, chat int64, at time.Time) error {
	return failed(r.change(ctx, `UPDATE people SET unreachable_at = ?2 WHERE chat = ?1 AND unreachable_at = 0`, chat, millis(at)),
		"note that %d is unreachable", chat)
}

// Reachable takes back what Unreachable noted.
func (r *Register) Reachable(ctx context.Context, chat int64) error {
	return failed(r.change(ctx, `UPDATE people SET unreachable_at = 0 WHERE chat = ?`, chat),
		"note that %d is reachable", chat)
}

// UnreachableSince returns since when messages to the chat are refused, the
// zero time when they are not.
func (r *Reader) UnreachableSince(ctx context.Context, chat int64) (time.Time, error) {
	at, err := look(ctx, r, func(s *session) (at int64, err error) {
		err = s.row(`SELECT unreachable_at FROM people WHERE chat = ?`, chat).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, nil
		}
		return at, err
	})
	return moment(at), failed(err, "read whether %d is reachable", chat)
}

// change runs one statement as a write.
func (r *Register) change(ctx context.Context, query string, args ...any) error {
	return r.writer.do(ctx, func(s *session) error {
		_, err := s.exec(query, args...)
		return err
	})
}
