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
	mu       sync.Mutex
	rows     []*row
	finished []string // «ID state problem: what Messages returned»
	wakes    int
	broken   bool // every call fails
	// careless forgets its claims, as a register whose leases ran out.
	careless bool
}

type row struct {
	outbox.Claimed
	due, claimed time.Time
}

var errBroken = errors.New("disk full")

func (m *memory) put(ids ...int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		letter := outbox.Letter{Kind: outbox.EscalationLetter, Seq: 1, From: "bot@rosint.example", To: "sd@kurganobl.example",
			MessageID: fmt.Sprint(id), Text: "тайна"}
		m.rows = append(m.rows, &row{due: time.Now(), Claimed: outbox.Claimed{ID: id, FirstAt: time.Now(), Message: outbox.Message{
			Key: fmt.Sprint("letter:", id), Channel: outbox.Mail, Number: incident.NewNumber(2026, int(id)), Body: letter.Encode(),
		}}})
	}
}

func (m *memory) Claim(_ context.Context, ch outbox.Channel, now time.Time, lease time.Duration, _ []int64, limit int) ([]outbox.Claimed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken || ch != outbox.Mail {
		return nil, errBroken
	}
	var claimed []outbox.Claimed
	for _, r := range m.rows {
		if len(claimed) < limit && !now.Before(r.due) && (m.careless || !now.Before(r.claimed)) {
			r.claimed = now.Add(lease)
			r.Attempts++
			claimed = append(claimed, r.Claimed)
		}
	}
	return claimed, nil
}

func (m *memory) Postpone(_ context.Context, id int64, until time.Time, _ string, counts bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	for _, r := range m.rows {
		if r.ID == id {
			r.due, r.claimed = until, time.Time{}
			if !counts {
				r.Attempts--
			}
		}
	}
	return nil
}

func (m *memory) FinishLetter(_ context.Context, id int64, _ outbox.Letter, _ incident.Number, state incident.LetterState,
	_ time.Time, problem string, compose Compose) error {
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
	m.end(id, line)
	return nil
}

func (m *memory) MarkDead(_ context.Context, id int64, why outbox.Failure, _ string, _ []outbox.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	m.end(id, fmt.Sprint(id, " ", why))
	return nil
}

// end takes a row away and notes what became of it.
func (m *memory) end(id int64, line string) {
	m.finished = append(m.finished, line)
	m.rows = slices.DeleteFunc(m.rows, func(r *row) bool { return r.ID == id })
}

func (m *memory) Wake(_ context.Context, ch outbox.Channel, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken || ch != outbox.Mail {
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
	return slices.Clone(m.finished)
}

func (m *memory) woken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wakes
}
