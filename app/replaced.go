package app

import (
	"context"
	"log/slog"
	"time"

	"intakebot/app/config"
	"intakebot/storage"
)

// removeReplaced deletes the databases that restorations set aside once RETENTION
// has passed, until ctx ends: they hold personal data that nobody erases there.
func removeReplaced(ctx context.Context, s config.Settings, now func() time.Time, log *slog.Logger) {
	term := s.Duties.Retention
	for ctx.Err() == nil {
		removed, err := storage.RemoveReplaced(s.SQLitePath, now().AddDate(-term.Years, -term.Months, -term.Days))
		if err != nil {
			log.Error("a former database that a restoration set aside cannot be removed", "error", err)
		}
		for _, file := range removed {
			log.Info("a former database that a restoration set aside was removed", "file", file)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Hour):
		}
	}
}
