package loop

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"intakebot/incident"
)

// Supervisor hears of what fails. It logs an error whose cause lasts once a
// minute, for a log that fills a full disk helps nobody, and ends the program
// when the register cannot be trusted any more. It is safe for many goroutines.
type Supervisor struct {
	*slog.Logger

	mu   sync.Mutex
	last map[string]time.Time // by message
	stop func(error)
}

// NewSupervisor makes a Supervisor that logs to log.
func NewSupervisor(log *slog.Logger) *Supervisor {
	return &Supervisor{Logger: log, last: map[string]time.Time{}, stop: func(error) {}}
}

// Stops sets what ends the program.
func (s *Supervisor) Stops(stop func(error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop = stop
}

// Check ends the program when err says that the register is broken.
func (s *Supervisor) Check(err error) {
	if errors.Is(err, incident.ErrBroken) {
		s.Stop(err)
	}
}

// Stop ends the program: going on would do harm.
func (s *Supervisor) Stop(err error) {
	s.mu.Lock()
	stop := s.stop
	s.mu.Unlock()
	stop(err)
}

// Complain logs an error whose cause may last: the same message once a minute.
func (s *Supervisor) Complain(message string, args ...any) {
	s.mu.Lock()
	at, known := s.last[message]
	silent := known && time.Since(at) < time.Minute
	if !silent {
		s.last[message] = time.Now()
	}
	s.mu.Unlock()
	if !silent {
		s.Error(message, args...)
	}
}

// Every does something at once and then every interval, or when it is woken,
// until ctx ends. An error is complained of in the words of failing.
func (s *Supervisor) Every(ctx context.Context, failing string, interval time.Duration, wake Signal, do func(context.Context) error) {
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.Check(err)
			s.Complain(failing, "error", err)
		}
		if !Pause(ctx, interval, wake) {
			return
		}
	}
}

// Fault is a failure of our own that a repetition does not mend: an update that
// cannot be read, a panic, a letter that cannot be written.
type Fault struct{ Err error }

// Error implements error.
func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap returns what the failure was.
func (f *Fault) Unwrap() error { return f.Err }
