package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"intakebot/incident"
)

// textFile reads a text that people will read. Telegram takes no other encoding
// than UTF-8: a file in Windows-1251 would keep the bot from saying anything.
func textFile(path string) (string, error) {
	data, err := os.ReadFile(path)
	switch {
	case err != nil:
		return "", errors.Unwrap(err)
	case !utf8.Valid(data):
		return "", errors.New("the file is not in UTF-8")
	}
	return string(data), nil
}

func organisations(s *Settings, path string) error {
	data, err := textFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(data) {
		if line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")); line != "" && !strings.HasPrefix(line, "#") {
			s.Organisations = append(s.Organisations, line)
		}
	}
	return nil
}

// calendarFile reads the dates; those of WORK_DAYS stand above it in the table.
func calendarFile(s *Settings, path string) error {
	data, err := textFile(path)
	if err != nil {
		return err
	}
	s.Calendar.Except, err = incident.ParseDates(data)
	return err
}

// backupFolder is not made: a disk that is not mounted must not go unnoticed.
func backupFolder(s *Settings, path string) error {
	probe, err := os.CreateTemp(path, "probe-*")
	if err != nil {
		return errors.Unwrap(err)
	}
	s.BackupDir = path
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func consentText(s *Settings, path string) error {
	data, err := textFile(path)
	if err != nil {
		return err
	}
	consent := strings.TrimSpace(strings.TrimPrefix(data, "\ufeff"))
	// Telegram counts UTF-16 units.
	if n := len(utf16.Encode([]rune(consent))); n == 0 || n > 2500 {
		return errHolds
	}
	s.setConsent(consent)
	return nil
}

func (s *Settings) setConsent(text string) {
	sum := sha256.Sum256([]byte(text))
	s.Consent, s.ConsentVersion = text, hex.EncodeToString(sum[:4])
}
