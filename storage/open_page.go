package storage

import (
	"context"

	"intakebot/incident"
)

// unansweredSince is when the first of a person's messages came that the desk has
// not answered, null when it has; as incident.Incident.Unanswered.
const unansweredSince = `(SELECT min(h.at) FROM history h
	WHERE h.incident = i.id AND h.kind IN ('added', 'rejected') AND h.id > coalesce((SELECT max(a.id) FROM history a
		WHERE a.incident = i.id AND a.kind IN ('asked', 'solved', 'relayed')), 0))`

// OpenPage returns a page of the incidents that support has to work on and how
// many there are: those with unanswered messages first, the longest waiting
// before the others, then by age. Past the end it is the last page.
func (r *Reader) OpenPage(ctx context.Context, page, size int) (incident.Found, error) {
	found, err := read(ctx, r, func(s *session) (found incident.Found, err error) {
		const open = ` i.status IN ('registered', 'in_progress', 'waiting') `
		if err := s.row(`SELECT count(*) FROM incidents i WHERE` + open).Scan(&found.Total); err != nil {
			return found, err
		}
		page = min(max(page, 0), max(found.Total-1, 0)/size)
		found.Incidents, err = loadAll(s, `WHERE`+open+`ORDER BY `+unansweredSince+` NULLS LAST, i.id LIMIT ? OFFSET ?`, size, page*size)
		return found, err
	})
	return found, failed(err, "read a page of the open incidents")
}
