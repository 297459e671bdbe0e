package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"intakebot/incident"
	"intakebot/outbox"
)

// Compose makes what must be told of a change: it is called inside the
// transaction with the incident as it will be after it, and its result goes
// into the outbox with the change. It must be pure and quick, other writes wait
// for it; its error takes the change back. A nil Compose tells nothing.
type Compose = func(incident.Incident) ([]outbox.Message, error)

// outcome is an incident and whether this call changed it.
type outcome struct {
	incident incident.Incident
	changed  bool
}

// Register makes an incident of a finished draft: the next number of the year
// (of rep.At in Options.Location), the first entry of its history, the person's
// remembered answers and what compose tells, in one transaction. A draft that
// is registered already gives its incident and created false, and compose is
// not called. An attempt that fails uses up no number.
func (r *Register) Register(ctx context.Context, rep incident.Report, compose Compose) (i incident.Incident, created bool, err error) {
	if rep.DraftID == "" || rep.At.IsZero() {
		return i, false, fmt.Errorf("register a draft of %d: it has no id or no time", rep.Reporter)
	}
	o, err := write(ctx, r.writer, func(s *session) (outcome, error) {
		known, err := only(load(s, selectIncidents+`WHERE i.draft_id = ?`, rep.DraftID))
		if err == nil && known.Reporter != rep.Reporter {
			return outcome{}, fmt.Errorf("the draft belongs to %d", known.Reporter)
		}
		if !errors.Is(err, incident.ErrNotFound) {
			return outcome{incident: known.Incident}, err
		}
		if err := r.Verify(); err != nil { // else the number would be given to somebody else too
			return outcome{}, err
		}
		id, err := r.insert(s, rep)
		if err != nil {
			return outcome{}, err
		}
		return r.told(s, id, compose)
	})
	return o.incident, o.changed, failed(err, "register draft %s of %d", rep.DraftID, rep.Reporter)
}

// insert makes the rows of a new incident and returns its row id.
func (r *Register) insert(s *session, rep incident.Report) (id int64, err error) {
	year, seq := rep.At.In(r.loc).Year(), 0
	err = s.row(`INSERT INTO counters (year, last) VALUES (?, 1)
		ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last`, year).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("next number of %d: %w", year, err)
	}
	answers, err := json.Marshal(slices.Concat(incident.Answers{}, rep.Answers))
	if err != nil {
		return 0, err
	}
	at := millis(rep.At)
	err = s.row(`INSERT INTO incidents
		(number, year, seq, draft_id, reporter, status, status_at, registered_at, version, answers)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) RETURNING id`,
		string(incident.NewNumber(year, seq)), year, seq, rep.DraftID, rep.Reporter,
		string(incident.Registered), at, at, string(answers)).Scan(&id)
	if err != nil {
		return 0, err
	}
	if err := attach(s, id, rep.Attachments); err != nil {
		return 0, err
	}
	if err := enter(s, id, "", incident.Entry{At: rep.At, Kind: incident.KindRegistered, By: incident.ByReporter}); err != nil {
		return 0, err
	}
	return id, remember(s, rep)
}

// remember keeps the answers for the person's next report.
func remember(s *session, rep incident.Report) error {
	lasting := slices.DeleteFunc(slices.Concat(incident.Answers{}, rep.Answers),
		func(a incident.Answer) bool { return a.Key == incident.Description })
	remembered, err := json.Marshal(lasting)
	if err != nil {
		return err
	}
	_, err = s.exec(`INSERT INTO people (chat, remembered) VALUES (?1, ?2)
		ON CONFLICT (chat) DO UPDATE SET remembered = ?2`, rep.Reporter, string(remembered))
	return err
}

// Act does something to an incident by the rules of incident.Incident.Done. The
// same a.ID again gives the incident and false, and compose is not called.
// ErrNotFound when the number is unknown or, for an act of the reporter,
// another person's; *incident.Refused when the rules say no.
func (r *Register) Act(ctx context.Context, a incident.Act, compose Compose) (incident.Incident, bool, error) {
	if a.ID == "" {
		return incident.Incident{}, false, fmt.Errorf("%s incident %s: the act has no id", a.Action, a.Number)
	}
	o, err := write(ctx, r.writer, func(s *session) (outcome, error) {
		before, err := loadOne(s, a.Number)
		if err == nil && a.By == incident.ByReporter && before.Reporter != a.Reporter {
			err = incident.ErrNotFound
		}
		if err != nil {
			return outcome{}, err
		}
		key := "act:" + a.ID
		if known, err := entered(s, key); err != nil || known != 0 {
			return outcome{incident: before.Incident}, err
		}
		after, err := before.Done(a)
		if err != nil {
			return outcome{}, err
		}
		if err := acted(s, before, after, key); err != nil {
			return outcome{}, err
		}
		if a.MessageID != 0 {
			if err := said(s, outbox.MessageRef{Chat: a.Reporter, MessageID: a.MessageID}, a.Number); err != nil {
				return outcome{}, err
			}
		}
		return r.told(s, before.id, compose)
	})
	return o.incident, o.changed, failed(err, "%s incident %s (%s)", a.Action, a.Number, a.ID)
}

// acted writes what an act changed.
func acted(s *session, before record, after incident.Incident, key string) error {
	_, err := s.exec(`UPDATE incidents SET status = ?, status_at = ?, assignee = ?, assignee_id = ?, version = ? WHERE id = ?`,
		string(after.Status), millis(after.StatusAt), after.Assignee, after.AssigneeID, after.Version, before.id)
	if err != nil {
		return err
	}
	if err := enter(s, before.id, key, after.History[len(after.History)-1]); err != nil {
		return err
	}
	return attach(s, before.id, after.Attachments[len(before.Attachments):])
}

// told ends a change: the incident is read as it is now, and what compose tells
// of it is put into the outbox.
func (r *Register) told(s *session, id int64, compose Compose) (outcome, error) {
	i, err := loadID(s, id)
	if err != nil {
		return outcome{}, err
	}
	if compose != nil {
		posts, err := compose(i.Incident)
		if err != nil {
			return outcome{}, fmt.Errorf("compose what is told of %s: %w", i.Number, err)
		}
		if err := r.put(s, posts); err != nil {
			return outcome{}, err
		}
	}
	r.wakeIndex()
	return outcome{incident: i.Incident, changed: true}, nil
}

// own returns the person's own incident with that number, else ErrNotFound.
func own(s *session, n incident.Number, reporter int64) (record, error) {
	i, err := loadOne(s, n)
	if err == nil && i.Reporter != reporter {
		return record{}, incident.ErrNotFound
	}
	return i, err
}

// enter adds a line to an incident's history. key makes it unique, "" does not.
func enter(s *session, id int64, key string, e incident.Entry) error {
	attachments, err := json.Marshal(slices.Concat([]incident.Attachment{}, e.Attachments))
	if err != nil {
		return err
	}
	_, err = s.exec(`INSERT INTO history (incident, at, kind, side, name, text, attachments, key)
		VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`,
		id, millis(e.At), string(e.Kind), string(e.By), e.Name, e.Text, string(attachments), key)
	return err
}

// entered returns the incident's row id of the history entry with that key, 0
// when there is none.
func entered(s *session, key string) (id int64, err error) {
	err = s.row(`SELECT incident FROM history WHERE key = ?`, key).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// attach adds files to an incident, after those that it has.
func attach(s *session, id int64, files []incident.Attachment) error {
	for _, a := range files {
		_, err := s.exec(`INSERT INTO attachments (incident, pos, kind, file_id, name, size)
			VALUES (?1, 1 + (SELECT count(*) FROM attachments WHERE incident = ?1), ?2, ?3, ?4, ?5)`,
			id, string(a.Kind), a.FileID, a.Name, a.Size)
		if err != nil {
			return err
		}
	}
	return nil
}

// touch makes the next version of an incident: its card is stale then.
func touch(s *session, id int64) error {
	_, err := s.exec(`UPDATE incidents SET version = version + 1 WHERE id = ?`, id)
	return err
}
