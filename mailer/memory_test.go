package mailer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// memory is an outbox in memory.
type memory struct {
	mu      sync.Mutex
	rows    []*row
	settled []string // «ID state problem: what Compose returned»
	wakes   int
	broken  bool // every call fails
	// careless forgets its claims, as a register whose leases ran out.
	careless bool
}

type row struct {
	QueuedLetter
	due, claimed time.Time
}

var errBroken = errors.New("disk full")

func (m *memory) put(ids ...int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		m.rows = append(m.rows, &row{due: time.Now(), QueuedLetter: QueuedLetter{
			ID: id, Number: incident.NewNumber(2026, int(id)), FirstAt: time.Now(),
			Letter: outbox.Letter{Kind: outbox.EscalationLetter, Seq: 1, From: "bot@rosint.example", To: "sd@kurganobl.example",
				MessageID: fmt.Sprint(id), Text: "тайна"},
		}})
	}
}

func (m *memory) ClaimLetters(_ context.Context, now time.Time, lease time.Duration, limit int) ([]QueuedLetter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return nil, errBroken
	}
	var claimed []QueuedLetter
	for _, r := range m.rows {
		if len(claimed) < limit && !now.Before(r.due) && (m.careless || !now.Before(r.claimed)) {
			r.claimed = now.Add(lease)
			claimed = append(claimed, r.QueuedLetter)
		}
	}
	return claimed, nil
}

func (m *memory) PostponeLetter(_ context.Context, id int64, until time.Time, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	for _, r := range m.rows {
		if r.ID == id {
			r.due, r.claimed = until, time.Time{}
			r.Attempts++
		}
	}
	return nil
}

func (m *memory) SettleLetter(_ context.Context, id int64, _ outbox.Letter, _ incident.Number, state incident.LetterState,
	_ time.Time, problem string, compose func(incident.Incident) ([]outbox.Message, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	line := strings.TrimSpace(fmt.Sprint(id, " ", state, " ", problem))
	if compose != nil {
		told, err := compose(incident.Incident{})
		if err != nil {
			return err
		}
		line += ": " + told[0].Key
	}
	m.settled = append(m.settled, line)
	m.rows = slices.DeleteFunc(m.rows, func(r *row) bool { return r.ID == id })
	return nil
}

func (m *memory) WakeLetters(_ context.Context, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	m.wakes++
	for _, r := range m.rows {
		if !now.Before(r.claimed) {
			r.due = now
		}
	}
	return nil
}

func (m *memory) breakDown(broken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = broken
}

// ends returns what became of letters so far.
func (m *memory) ends() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.settled)
}

func (m *memory) woken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wakes
}
