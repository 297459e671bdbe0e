package storage

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// markFormat is how a mark is kept; markFormats are those of former releases too.
const markFormat = "2006-01-02T15:04:05.000Z07:00"

var markFormats = []string{time.RFC3339Nano, time.DateOnly}

// Mark returns the moment that SetMark kept under a name, in UTC; the zero time
// when there is none. It reads what former releases kept: a day, a time in
// another precision, milliseconds.
func (r *Reader) Mark(ctx context.Context, name string) (time.Time, error) {
	value, err := r.Meta(ctx, name)
	if err != nil || value == "" {
		return time.Time{}, err
	}
	at, err := parseMark(value)
	return at, failed(err, "read mark %s", name)
}

func parseMark(value string) (time.Time, error) {
	for _, format := range markFormats {
		if at, err := time.Parse(format, value); err == nil {
			return at.UTC(), nil
		}
	}
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil {
		return moment(ms), nil
	}
	return time.Time{}, fmt.Errorf("%q is no time", value)
}

// SetMark keeps a moment under a name, to the millisecond; the zero time forgets
// it.
func (r *Register) SetMark(ctx context.Context, name string, at time.Time) error {
	value := ""
	if !at.IsZero() {
		value = at.UTC().Format(markFormat)
	}
	return r.SetMeta(ctx, name, value)
}
