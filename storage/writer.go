package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"intakebot/incident"
	"intakebot/internal/failpoint"
)

// maxBatch bounds how many jobs one commit carries, so that the first of them
// does not wait long for the last.
const maxBatch = 128

// job is one write: a function that runs in a savepoint.
type job struct {
	ctx  context.Context
	run  func(*session) error
	done chan error // holds one, so that the writer never waits for a caller
}

// writer owns the writing connection; see the package comment.
type writer struct {
	session *session
	log     *slog.Logger
	observe Observer
	around  func(commit func() error) error // Options.Commit

	jobs     chan *job
	alone    chan *job // runs outside any transaction
	finished chan struct{}
	// trouble is why the last transaction failed; nil: it did not.
	trouble atomic.Pointer[error]
	hurried bool // see hurry
	// undone is told that what jobs did was taken back.
	undone func()
	ending ending

	mu     sync.RWMutex // held for reading while a job is put in, so that close waits
	closed bool
}

func startWriter(s *session, log *slog.Logger, opts Options, undone func()) *writer {
	around := opts.Commit
	if around == nil {
		around = func(commit func() error) error { return commit() }
	}
	w := &writer{
		session: s, log: log, observe: opts.Observe, around: around,
		jobs: make(chan *job, 2*maxBatch), alone: make(chan *job), finished: make(chan struct{}),
		undone: undone,
	}
	go w.loop()
	return w
}

// close takes no more jobs, finishes those that wait and returns when the
// connection is at rest.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.jobs)
	}
	w.mu.Unlock()
	<-w.finished
	w.ending.stop()
}

// do runs a job and returns after its commit. When ctx ends first it returns
// ctx.Err(), and the job may be committed nevertheless.
func (w *writer) do(ctx context.Context, run func(*session) error) (err error) {
	defer func(began time.Time) { w.observe.since(began, "write", err) }(time.Now())
	j := &job{ctx: ctx, run: run, done: make(chan error, 1)}
	if err := w.enqueue(j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) enqueue(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.jobs <- j:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

func (w *writer) loop() {
	defer close(w.finished)
	for {
		select {
		case j := <-w.alone:
			j.done <- w.contained(j)
		case first, ok := <-w.jobs:
			if !ok {
				if w.ending.waits() {
					w.transact([]*job{nothing()})
				}
				return
			}
			w.transact(w.gather(first))
		}
	}
}

// transact commits the jobs and tells those who wait. Updates that are to be ended
// go along.
func (w *writer) transact(batch []*job) {
	if seqs := w.ending.take(); len(seqs) > 0 {
		j := &job{ctx: context.Background(), done: make(chan error, 1), run: func(s *session) error { return remove(s, seqs) }}
		defer func() {
			if <-j.done != nil {
				w.ending.add(seqs, w.endNow)
			}
		}()
		batch = append([]*job{j}, batch...)
	}
	began := time.Now()
	errs := w.commit(batch)
	w.observe.since(began, "commit", errors.Join(errs...))
	for i, j := range batch {
		j.done <- errs[i]
	}
}

// outside runs a job between two transactions, for what SQLite does in none.
func (w *writer) outside(ctx context.Context, run func(*session) error) error {
	j := &job{ctx: ctx, run: run, done: make(chan error, 1)}
	select {
	case w.alone <- j:
	case <-w.finished:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-j.done // job.run minds ctx
}

// gather takes what waits already; it never waits for more. The commit before
// has given others the time to come.
func (w *writer) gather(first *job) []*job {
	batch := []*job{first}
	for len(batch) < maxBatch {
		select {
		case j, ok := <-w.jobs:
			if !ok {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the jobs in one transaction and returns what became of each.
func (w *writer) commit(batch []*job) []error {
	errs := make([]error, len(batch))
	failAll := func(err error) []error {
		w.trouble.Store(&err)
		w.hurry(errors.Is(err, ErrBusy))
		return failAll(errs, err)
	}
	if _, err := w.session.exec("BEGIN IMMEDIATE"); err != nil {
		return failAll(fmt.Errorf("begin: %w", classified(err)))
	}
	for i, j := range batch {
		if errs[i] = j.ctx.Err(); errs[i] != nil {
			continue // nobody waits for it any more
		}
		var lost bool
		if errs[i], lost = w.try(j); lost {
			w.rollback()
			return failAll(fmt.Errorf("the batch was taken back: %w", classified(errs[i])))
		}
	}
	failpoint.Pass(failpoint.BeforeCommit)
	err := w.around(func() error {
		_, err := w.session.exec("COMMIT")
		return err
	})
	if err != nil {
		w.rollback()
		return failAll(fmt.Errorf("commit: %w", classified(err)))
	}
	failpoint.Pass(failpoint.AfterCommit)
	w.trouble.Store(nil)
	w.hurry(false)
	return errs
}

// hurry makes the writer wait for a lock of another program briefly, once it is
// known that it is held for long: those who wait in line are told so now, not
// each after five seconds more.
func (w *writer) hurry(on bool) {
	if w.hurried == on {
		return
	}
	timeout := "PRAGMA busy_timeout = 5000"
	if on {
		timeout = "PRAGMA busy_timeout = 250"
	}
	if err := w.session.script(timeout); err == nil {
		w.hurried = on
	}
}

// try runs one job in a savepoint. lost says that the whole transaction cannot
// go on: SQLite took it back itself, or must not be asked to continue.
func (w *writer) try(j *job) (err error, lost bool) {
	if _, err := w.session.exec("SAVEPOINT job"); err != nil {
		return fmt.Errorf("savepoint: %w", err), true
	}
	if err := w.contained(j); err != nil {
		_, undo := w.session.exec("ROLLBACK TO job")
		w.undone()
		if undo == nil {
			_, undo = w.session.exec("RELEASE job")
		}
		fatal := classified(err)
		return err, undo != nil || errors.Is(fatal, ErrDiskFull) || errors.Is(fatal, incident.ErrBroken)
	}
	if _, err := w.session.exec("RELEASE job"); err != nil {
		return fmt.Errorf("release: %w", err), true
	}
	return nil, false
}

// contained runs the job's function and makes an error of a panic.
func (w *writer) contained(j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("panic inside a write", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return j.run(w.session)
}

// rollback clears what is left of a failed transaction; there may be nothing.
func (w *writer) rollback() {
	_, _ = w.session.exec("ROLLBACK")
	w.undone()
}

// failAll gives err to every job that has no error of its own.
func failAll(errs []error, err error) []error {
	for i := range errs {
		if errs[i] == nil {
			errs[i] = err
		}
	}
	return errs
}

// write runs f as a job. The result is f's only when the commit succeeded and
// ctx had not ended before.
func write[T any](ctx context.Context, w *writer, f func(*session) (T, error)) (T, error) {
	var result, none T
	err := w.do(ctx, func(s *session) (err error) {
		result, err = f(s)
		return err
	})
	if err != nil {
		return none, err // result may still be written to: it is not touched here
	}
	return result, nil
}
