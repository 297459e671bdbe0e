package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"intakebot/app/config"
)

// verifyEvery is how often the program looks whether its register still stands
// under its name. Besides, each registration looks.
const verifyEvery = 3 * time.Second

// verifying ends the program by stop when verify fails, until ctx ends.
func verifying(ctx context.Context, verify func() error, stop func(error)) {
	tick := time.NewTicker(verifyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := verify(); err != nil {
			stop(err)
			return
		}
	}
}

// registerThere says no to a new register where copies of a former one are: it
// would give out the numbers of that one again.
func registerThere(s config.Settings) error {
	if _, err := os.Stat(s.SQLitePath); s.BackupDir == "" || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	copies, err := (&backups{folder: s.BackupDir}).list()
	if err != nil || len(copies) == 0 {
		return err
	}
	return UsageError("SQLITE_PATH: there is no register at " + s.SQLitePath + ", but BACKUP_DIR holds copies of one: a new one would give its numbers " +
		"to other people. Put the newest copy in its place (intakebot restore), or, to begin a new register, move the copies away")
}
