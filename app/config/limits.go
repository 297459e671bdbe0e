package config

import (
	"regexp"
	"strconv"
	"time"

	"intakebot/bot"
)

// limitsForm is how TELEGRAM_LIMITS is written: «30/s 1/s+3 20/m».
var limitsForm = regexp.MustCompile(`^(\d{1,4})/([sm])\s+(\d{1,4})/([sm])(?:\+(\d{1,2}))?\s+(\d{1,4})/([sm])$`)

// telegramLimits takes TELEGRAM_LIMITS; off is for a server of one's own, which
// has none.
func telegramLimits(s *Settings, v string) error {
	if v == "off" {
		s.Limits, s.ChatBurst = bot.Limits{}, 0
		return nil
	}
	parts := limitsForm.FindStringSubmatch(v)
	if parts == nil {
		return errHolds
	}
	limits := bot.Limits{All: limit(parts[1], parts[2]), Chat: limit(parts[3], parts[4]), Group: limit(parts[6], parts[7])}
	if limits.All.Count == 0 || limits.Chat.Count == 0 || limits.Group.Count == 0 {
		return errHolds
	}
	s.Limits = limits
	s.ChatBurst, _ = strconv.Atoi(parts[5]) // "" is none
	return nil
}

// limit reads a part of limitsForm.
func limit(count, unit string) bot.Limit {
	n, _ := strconv.Atoi(count) // the form lets digits through only
	return bot.Limit{Count: n, Per: map[string]time.Duration{"s": time.Second, "m": time.Minute}[unit]}
}
