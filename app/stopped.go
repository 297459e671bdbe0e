package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"strings"
	"time"

	"intakebot/app/config"
	"intakebot/mailer"
	"intakebot/storage"
)

// What ends the program usually ends it again after each restart: the same reason is
// told to ALERT_EMAIL once a day. stoppedWithin bounds the letter.
const (
	stoppedAgain  = 24 * time.Hour
	stoppedWithin = 20 * time.Second
	// stoppedMark, after the name of the register, is the file in which a told
	// reason is noted: the register may be what is broken.
	stoppedMark = ".stopped"
)

// tellStopped writes to ALERT_EMAIL that cause ended the program, past the outbox:
// nobody works on that any more.
func tellStopped(ctx context.Context, s config.Settings, letters mailer.Letters, now time.Time, cause error, log *slog.Logger) {
	if s.Alert == "" || errors.Is(cause, storage.ErrLocked) { // locked: the other one works
		return
	}
	mark := reasonMark(cause)
	file := s.SQLitePath + stoppedMark
	if told(file, mark, now) {
		return
	}
	l, err := letters.Stopped(now, cause.Error())
	if err != nil {
		log.Error("the letter that the program ended cannot be written", "error", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stoppedWithin)
	defer cancel()
	if v := s.SMTP.Deliver(ctx, l); v.Outcome != mailer.Accepted {
		log.Error("nobody could be told by mail that the program ended", "error", v.Err)
		return
	}
	if err := os.WriteFile(file, []byte(mark+" "+now.UTC().Format(time.RFC3339)), 0o600); err != nil {
		log.Error("a restart will tell once more by mail that the program ended", "error", err)
	}
}

// reasonMark tells reasons apart without keeping their words.
func reasonMark(cause error) string {
	sum := sha256.Sum256([]byte(cause.Error()))
	return hex.EncodeToString(sum[:8])
}

// told says whether file notes the same reason within the last day.
func told(file, mark string, now time.Time) bool {
	noted, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	which, when, _ := strings.Cut(string(noted), " ")
	at, err := time.Parse(time.RFC3339, when)
	return err == nil && which == mark && !at.After(now) && now.Sub(at) < stoppedAgain
}
