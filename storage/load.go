package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"

	"intakebot/incident"
)

// record is an incident with what only the register knows of it.
type record struct {
	id int64
	incident.Incident
	cardVersion int
	cardChat    int64
	cardMessage int
}

// The columns of an incident, for a query of load.
const (
	selectColumns = `SELECT i.id, i.number, i.draft_id, i.reporter, i.status, i.status_at, i.assignee, i.assignee_id,
	i.registered_at, i.version, i.answers, i.erased_at, i.card_version, i.card_chat, i.card_message_id, i.theirs`
	selectIncidents = selectColumns + ` FROM incidents i `
)

// load is the one way in which incidents are read: those that the query, a
// selectIncidents with its end, finds, in its order, whole. It takes four
// queries however many they are.
func load(s *session, text string, args ...any) ([]record, error) {
	records, err := query(s, scanIncident, text, args...)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	ids := make([]int64, len(records))
	byID := make(map[int64]*incident.Incident, len(records))
	for i := range records {
		ids[i] = records[i].id
		byID[ids[i]] = &records[i].Incident
	}
	list := asList(ids)
	if err := loadAttachments(s, list, byID); err != nil {
		return nil, fmt.Errorf("attachments: %w", err)
	}
	if err := loadHistory(s, list, byID); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	if err := loadEscalations(s, list, byID); err != nil {
		return nil, fmt.Errorf("escalations: %w", err)
	}
	return records, nil
}

func scanIncident(rows *sql.Rows) (record, error) {
	var (
		r                      record
		statusAt, registeredAt int64
		erasedAt               int64
		answers                []byte
	)
	err := rows.Scan(&r.id, &r.Number, &r.DraftID, &r.Reporter, &r.Status, &statusAt, &r.Assignee, &r.AssigneeID,
		&registeredAt, &r.Version, &answers, &erasedAt, &r.cardVersion, &r.cardChat, &r.cardMessage, &r.Theirs)
	if err != nil {
		return r, err
	}
	r.StatusAt, r.RegisteredAt, r.ErasedAt = moment(statusAt), moment(registeredAt), moment(erasedAt)
	if err := json.Unmarshal(answers, &r.Answers); err != nil {
		return r, fmt.Errorf("answers of %s: %w", r.Number, err)
	}
	return r, nil
}

func loadAttachments(s *session, ids string, byID map[int64]*incident.Incident) error {
	return s.each(func(rows *sql.Rows) error {
		var id int64
		var a incident.Attachment
		if err := rows.Scan(&id, &a.Kind, &a.FileID, &a.Name, &a.Size); err != nil {
			return err
		}
		byID[id].Attachments = append(byID[id].Attachments, a)
		return nil
	}, `SELECT incident, kind, file_id, name, size FROM attachments
		WHERE incident IN (SELECT value FROM json_each(?)) ORDER BY incident, pos`, ids)
}

func loadHistory(s *session, ids string, byID map[int64]*incident.Incident) error {
	return s.each(func(rows *sql.Rows) error {
		var id, at int64
		var attachments []byte
		var e incident.Entry
		if err := rows.Scan(&id, &at, &e.Kind, &e.By, &e.Name, &e.Text, &attachments); err != nil {
			return err
		}
		e.At = moment(at)
		if err := json.Unmarshal(attachments, &e.Attachments); err != nil {
			return err
		}
		if len(e.Attachments) == 0 {
			e.Attachments = nil
		}
		byID[id].History = append(byID[id].History, e)
		return nil
	}, `SELECT incident, at, kind, side, name, text, attachments FROM history
		WHERE incident IN (SELECT value FROM json_each(?)) ORDER BY incident, id`, ids)
}

func loadEscalations(s *session, ids string, byID map[int64]*incident.Incident) error {
	return s.each(func(rows *sql.Rows) error {
		var incidentID, at, settledAt, receivedAt, answeredAt int64
		var e incident.Escalation
		err := rows.Scan(&incidentID, &e.ID, &e.Seq, &e.State, &at, &e.MessageID, &e.Letter, &settledAt, &e.Problem, &receivedAt, &answeredAt)
		if err != nil {
			return err
		}
		i := byID[incidentID]
		e.Number, e.At, e.SettledAt = i.Number, moment(at), moment(settledAt)
		e.ReceivedAt, e.AnsweredAt = moment(receivedAt), moment(answeredAt)
		i.Escalations = append(i.Escalations, e)
		return nil
	}, `SELECT incident, id, seq, state, at, message_id, letter, settled_at, problem, received_at, answered_at FROM escalations
		WHERE incident IN (SELECT value FROM json_each(?)) ORDER BY incident, seq`, ids)
}

// loadAll returns the incidents that the end of a selectIncidents finds.
func loadAll(s *session, end string, args ...any) ([]incident.Incident, error) {
	records, err := load(s, selectIncidents+end, args...)
	return incidents(records), err
}

// incidents are the records without what only the register knows.
func incidents(records []record) (all []incident.Incident) {
	for _, r := range records {
		all = append(all, r.Incident)
	}
	return all
}

// loadOne returns the incident with that number or ErrNotFound.
func loadOne(s *session, n incident.Number) (record, error) {
	return only(load(s, selectIncidents+`WHERE i.number = ?`, string(n)))
}

// loadID returns the incident with that row id or ErrNotFound.
func loadID(s *session, id int64) (record, error) {
	return only(load(s, selectIncidents+`WHERE i.id = ?`, id))
}

func only(records []record, err error) (record, error) {
	if err != nil {
		return record{}, err
	}
	if len(records) == 0 {
		return record{}, incident.ErrNotFound
	}
	return records[0], nil
}

// Incident returns the incident with that number, whole; ErrNotFound.
func (r *Reader) Incident(ctx context.Context, n incident.Number) (incident.Incident, error) {
	i, err := read(ctx, r, func(s *session) (record, error) { return loadOne(s, n) })
	return i.Incident, failed(err, "read incident %s", n)
}

// page is how many incidents Each holds in memory at once.
const page = 200

// Each calls yield for every incident that the filter lets pass, whole, in the
// order of their numbers, all from one snapshot. An error of yield ends it and
// is returned. yield should not take long: while a snapshot is held the
// write-ahead log cannot be shortened.
func (r *Reader) Each(ctx context.Context, f incident.Period, yield func(incident.Incident) error) error {
	_, err := read(ctx, r, func(s *session) (none struct{}, err error) {
		from, to := bounds(f)
		var year, seq int64 // of the last one read
		for {
			if err := ctx.Err(); err != nil {
				return none, err
			}
			records, err := load(s, selectIncidents+`WHERE (i.year, i.seq) > (?, ?)
				AND i.registered_at >= ? AND i.registered_at < ? ORDER BY i.year, i.seq LIMIT ?`, year, seq, from, to, page)
			if err != nil {
				return none, err
			}
			for _, i := range records {
				if err := yield(i.Incident); err != nil {
					return none, err
				}
			}
			if len(records) < page {
				return none, nil
			}
			err = s.row(`SELECT year, seq FROM incidents WHERE id = ?`, records[page-1].id).Scan(&year, &seq)
			if err != nil {
				return none, err
			}
		}
	})
	return failed(err, "read the incidents")
}

// bounds are the first moment of a period and the one after its last.
func bounds(p incident.Period) (from, to int64) {
	if from, to = millis(p.From), math.MaxInt64; !p.To.IsZero() {
		to = millis(p.To)
	}
	return from, to
}

// OpenIncidents returns the incidents that support has to work on, and those
// solved and not yet closed, the oldest first.
func (r *Reader) OpenIncidents(ctx context.Context) ([]incident.Incident, error) {
	all, err := read(ctx, r, func(s *session) ([]incident.Incident, error) {
		return loadAll(s, `WHERE i.status IN ('registered', 'in_progress', 'waiting', 'resolved') ORDER BY i.id`)
	})
	return all, failed(err, "read the open incidents")
}

// asList is how a list is given to a statement: as JSON, for json_each. Only
// numbers and this package's own strings are marshalled, which cannot fail.
func asList[T int64 | incident.Status | incident.Number](values []T) string {
	list, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	if values == nil {
		return "[]"
	}
	return string(list)
}
