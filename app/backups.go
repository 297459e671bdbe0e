package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"intakebot/storage"
)

// backups are the automatic copies of the register in BACKUP_DIR: one an hour,
// of which the last day's are kept, and the last one of each of thirty days.
type backups struct {
	register *storage.Reader
	path     string // of the register
	folder   string
	now      func() time.Time
	log      *slog.Logger
	began    time.Time
}

const (
	copyEvery   = time.Hour
	copiesHours = 24 // copies that are kept whatever their day
	copiesDays  = 30 // days of which the last copy is kept
	// copyLook is how often the clock is looked at, copyPatience how long one
	// copy may take.
	copyLook     = time.Minute
	copyPatience = 30 * time.Minute
)

// copyName is how a copy is named: by its time in UTC, so that names sort by
// age and no change of the clock makes two of them the same.
const copyName = "incidents-20060102T150405Z.db"

// run makes a copy whenever the newest one is an hour old, until ctx ends. What
// fails is tried again after a minute, then ever more seldom.
func (c *backups) run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		switch err := c.keep(ctx); {
		case err == nil:
			failures = 0
		case ctx.Err() == nil:
			failures++
			c.log.Error("no copy of the register was made, or an old one was not removed", "folder", c.folder, "again", copyPause(failures), "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(copyPause(failures)):
		}
	}
}

// copyPause is how long to wait after so many failures in a row.
func copyPause(failures int) time.Duration {
	return min(copyLook<<min(max(failures-1, 0), 5), 30*time.Minute)
}

// errNoRoom: a copy would not fit.
var errNoRoom = errors.New("BACKUP_DIR has no room for another copy")

// room says no to a copy that would fill the disk before it is begun.
func (c *backups) room() error {
	info, err := os.Stat(c.path)
	if free := storage.FreeBytes(c.folder); err == nil && free >= 0 && free < info.Size() {
		return errNoRoom
	}
	return nil
}

// keep makes a copy if it is time for one, and removes those that are too old.
func (c *backups) keep(ctx context.Context) error {
	have, err := c.list()
	if err != nil {
		return err
	}
	now := c.now().UTC()
	if at, ok := latest(have, now); ok && now.Sub(at) < copyEvery {
		return nil
	}
	if err := c.room(); err != nil {
		return errors.Join(err, c.removeParts())
	}
	limited, cancel := context.WithTimeout(ctx, copyPatience)
	defer cancel()
	file := filepath.Join(c.folder, now.Format(copyName))
	if err := c.register.Backup(limited, file); err != nil {
		return errors.Join(err, c.removeParts())
	}
	c.log.Info("the register was copied", "file", file)
	have = append(have, now.Truncate(time.Second))
	slices.SortFunc(have, time.Time.Compare)
	return c.remove(have)
}

// tooOld is the age of the newest copy that shows that copies fail.
const tooOld = 2 * copyEvery

// Fresh returns why the register is not copied any more, nil when it is.
func (c *backups) Fresh(context.Context) error {
	at, err := c.newest()
	if err != nil {
		return err
	}
	if old := c.now().Sub(at); old > tooOld {
		return fmt.Errorf("the newest copy in BACKUP_DIR is of %s", at.Format(time.RFC3339))
	}
	return nil
}

// newest is the time of the newest copy; the start counts as one, so that a new
// folder is no failure.
func (c *backups) newest() (time.Time, error) {
	have, err := c.list()
	if at, ok := latest(have, c.now()); ok {
		return at, err
	}
	return c.began, err
}

// latest is the newest copy made by now. The clock may have been set back: a
// copy with a later time says nothing of when the next one is due.
func latest(have []time.Time, now time.Time) (at time.Time, ok bool) {
	for _, at := range slices.Backward(have) {
		if !at.After(now) {
			return at, true
		}
	}
	return time.Time{}, false
}

// list returns the times of the copies in the folder, the oldest first.
func (c *backups) list() (have []time.Time, err error) {
	entries, err := os.ReadDir(c.folder)
	if err != nil {
		return nil, fmt.Errorf("BACKUP_DIR: %w", err)
	}
	for _, e := range entries {
		if at, err := time.Parse(copyName, e.Name()); err == nil && e.Type().IsRegular() {
			have = append(have, at)
		}
	}
	slices.SortFunc(have, time.Time.Compare)
	return have, nil
}

// remove deletes the copies that nobody keeps, and what was left of one.
func (c *backups) remove(have []time.Time) error {
	for _, at := range outdated(have) {
		if err := os.Remove(filepath.Join(c.folder, at.Format(copyName))); err != nil {
			return err
		}
	}
	return c.removeParts()
}

// removeParts deletes what a crash or a full disk left of a copy, its journal too:
// only those of our own names, for somebody may be making a copy by hand.
func (c *backups) removeParts() error {
	parts, err := filepath.Glob(filepath.Join(c.folder, "incidents-????????T??????Z.db.*.part*"))
	for _, part := range parts {
		err = errors.Join(err, os.Remove(part))
	}
	return err
}

// outdated are the copies that are kept neither as one of the last 24 nor as
// the last one of one of the last thirty days that have any. all is sorted.
func outdated(all []time.Time) (old []time.Time) {
	hours, days, day := 0, 0, ""
	for _, at := range slices.Backward(all) {
		last := at.Format(time.DateOnly) != day
		if last {
			day = at.Format(time.DateOnly)
			days++
		}
		if hours++; hours > copiesHours && !(last && days <= copiesDays) {
			old = append(old, at)
		}
	}
	return old
}
