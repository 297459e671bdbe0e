package config

import "intakebot/bot/telegram"

// telegramLimits takes TELEGRAM_LIMITS.
func telegramLimits(s *Settings, v string) (err error) {
	if s.Limits, err = telegram.ParseLimits(v); err != nil {
		return errHolds
	}
	return nil
}
