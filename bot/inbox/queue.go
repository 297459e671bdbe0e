package inbox

import (
	"context"
	"slices"
	"sync"

	"intakebot/bot/telegram"
	"intakebot/outbox"
)

// arrival is an update that is stored.
type arrival struct {
	outbox.Received
	// update is what Raw says; nil when the row comes from the table: it may
	// have been worked on before.
	update *telegram.Update
}

// read is what Raw says, nil if it cannot be read.
func (a arrival) read() *telegram.Update {
	if a.update != nil {
		return a.update
	}
	return decoded(a.Raw)
}

// queueMost is how many updates of a chat are handed to its worker in memory.
// With a batch in hand they are fewer than a conversation remembers to have taken
// in.
const queueMost = 16

// queue is what a worker has to work on: the updates that were stored since it
// looked, or the table, when there may be others in it: at the start, after a
// failure, and when more came than are kept here.
type queue struct {
	mu    sync.Mutex
	rows  []arrival
	table bool
}

// hand adds updates in the order of arrival.
func (q *queue) hand(rows []arrival) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.table {
		q.rows = append(q.rows, rows...)
	}
	if len(q.rows) > queueMost {
		q.rows, q.table = nil, true
	}
}

// look has the table read.
func (q *queue) look() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows, q.table = nil, true
}

// take takes at most that many updates out; table says that they are to be read.
func (q *queue) take(most int) (rows []arrival, table bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.table {
		q.rows, q.table = nil, false
		return nil, true
	}
	most = min(most, len(q.rows))
	rows, q.rows = q.rows[:most:most], q.rows[most:]
	return rows, false
}

// next are at most that many updates that wait, in the order in which they
// happened, without those in hand; some says that there were some. read is the last
// that the table has given so far.
func (w *Worker) next(ctx context.Context, most int) (rows []arrival, some bool, read int64, err error) {
	rows, table := w.queue.take(most)
	if !table {
		// What was stored before the table was read, it has given.
		left := slices.DeleteFunc(rows, func(a arrival) bool { return a.Seq <= w.read })
		return inOrder(left), len(rows) > 0, w.read, nil
	}
	stored, err := w.in.cfg.Store.WaitingUpdates(ctx, w.Chat, w.read, most)
	if err != nil || len(stored) == most {
		w.queue.look() // there may be more
	}
	read = w.read
	for _, row := range stored {
		read = row.Seq
		if !slices.Contains(w.done, row.Seq) {
			rows = append(rows, arrival{Received: row})
		}
	}
	return inOrder(rows), len(stored) > 0, read, err
}

// decoded reads an update before it is stored; nil when it cannot be read, which
// is told when it is worked on.
func decoded(raw []byte) (u *telegram.Update) {
	err := contained(func() error {
		read, err := telegram.Decode(raw)
		u = &read
		return err
	})
	if err != nil {
		return nil
	}
	return u
}

// address is an update's id and the chat whose worker gets it.
func address(u *telegram.Update, raw []byte) (id, chat int64) {
	if u == nil {
		return telegram.Address(raw)
	}
	return u.ID, u.Chat()
}
