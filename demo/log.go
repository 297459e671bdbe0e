package demo

import (
	"context"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// complaints is a slog.Handler that keeps the last warning or error, for the
// page. The program logs no personal data; of the attributes only those are
// kept that say what went wrong.
type complaints struct {
	now func() time.Time

	mu   sync.Mutex
	last *simulator.LastError
}

// telling are the attributes that are worth showing.
var telling = map[string]bool{"error": true, "problem": true, "reason": true, "stage": true, "code": true, "end": true}

// accounts are the numbers of people's chats, which say who somebody is.
var accounts = regexp.MustCompile(`-?\b\d{8,}\b`)

// Enabled implements slog.Handler.
func (c *complaints) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

// Handle implements slog.Handler.
func (c *complaints) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		if telling[a.Key] {
			text += " · " + a.Value.String()
		}
		return true
	})
	c.tell(text)
	return nil
}

func (c *complaints) tell(text string) {
	text, _ = incident.Cut(accounts.ReplaceAllString(text, "…"), 300)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = &simulator.LastError{At: c.now(), Text: text}
}

// WithAttrs implements slog.Handler: what is common to many lines tells nothing.
func (c *complaints) WithAttrs([]slog.Attr) slog.Handler { return c }

// WithGroup implements slog.Handler.
func (c *complaints) WithGroup(string) slog.Handler { return c }

func (c *complaints) lastError() *simulator.LastError {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

func (c *complaints) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = nil
}
