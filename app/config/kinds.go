package config

import (
	"errors"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"intakebot/bot/desk"
	"intakebot/conversation"
)

// setter takes the value of a variable; its error is errHolds or says more, never
// the value.
type setter = func(s *Settings, value string) error

func text(set func(*Settings, string)) setter {
	return func(s *Settings, v string) error { set(s, v); return nil }
}

func matching(pattern string, set func(*Settings, string)) setter {
	re := regexp.MustCompile(pattern)
	return func(s *Settings, v string) error {
		if !re.MatchString(v) {
			return errHolds
		}
		set(s, v)
		return nil
	}
}

func webAddress(set func(*Settings, string), schemes ...string) setter {
	return func(s *Settings, v string) error {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" {
			return errHolds
		}
		for _, scheme := range schemes {
			if u.Scheme == scheme {
				set(s, v)
				return nil
			}
		}
		return errHolds
	}
}

func port(set func(*Settings, int)) setter {
	return func(s *Settings, v string) error {
		n, err := strconv.ParseUint(v, 10, 16)
		if err != nil || n == 0 {
			return errHolds
		}
		set(s, int(n))
		return nil
	}
}

func address(set func(*Settings, string)) setter {
	return func(s *Settings, v string) error {
		a, err := mail.ParseAddress(v)
		if err != nil {
			return errHolds
		}
		// A quoted local part can hold blanks and more that SMTP commands and
		// mail servers stumble over: the bare address must be one by itself.
		bare, err := mail.ParseAddress(a.Address)
		if err != nil || bare.Address != a.Address || strings.ContainsFunc(a.Address, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return errHolds
		}
		set(s, v)
		return nil
	}
}

func positive(set func(*Settings, time.Duration)) setter {
	return func(s *Settings, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d <= 0 {
			return errHolds
		}
		set(s, d)
		return nil
	}
}

// attachmentsMost is the most that MAIL_ATTACHMENTS_MAX takes: a letter is held
// in memory and in the database, and few relays take that much.
const attachmentsMost = 50 << 20

func byteSize(set func(*Settings, int64)) setter {
	return func(s *Settings, v string) error {
		unit := int64(1)
		digits := strings.ToUpper(v)
		for suffix, size := range map[string]int64{"KB": 1 << 10, "MB": 1 << 20} {
			if number, ok := strings.CutSuffix(digits, suffix); ok {
				digits, unit = strings.TrimSpace(number), size
			}
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || int64(n)*unit > attachmentsMost {
			return errHolds
		}
		set(s, int64(n)*unit)
		return nil
	}
}

func listenAddress(s *Settings, v string) error {
	if s.HTTPOff = v == "off"; s.HTTPOff {
		return nil
	}
	return listenOn(&s.HTTPAddr, v)
}

func listenOn(addr *string, v string) error {
	_, port, err := net.SplitHostPort(v)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n > 65535 {
		return errHolds
	}
	*addr = v
	return nil
}

// retention reads a term of the calendar. It is at least thirty days: an
// incident can be opened again for a fortnight after its end. Months are not
// «m», which means minutes elsewhere.
func retention(s *Settings, v string) error {
	if v == "off" {
		return nil
	}
	var term desk.Retention
	units := regexp.MustCompile(`^(\d{1,4})(y|mo|d)$`).FindStringSubmatch(v)
	if units == nil {
		return errHolds
	}
	n, err := strconv.Atoi(units[1])
	switch units[2] {
	case "y":
		term.Years = n
	case "mo":
		term.Months = n
	case "d":
		term.Days = n
	}
	if err != nil || n == 0 || units[2] == "d" && n < 30 || n > 100 && units[2] == "y" {
		return errHolds
	}
	s.Duties.Retention = term
	return nil
}

func quietHours(s *Settings, v string) error {
	if v == "off" {
		return nil
	}
	from, to, ok := strings.Cut(v, "-")
	var at [2]time.Duration
	for i, clock := range []string{from, to} {
		t, err := time.Parse("15:04", strings.TrimSpace(clock))
		if err != nil || !ok {
			return errHolds
		}
		at[i] = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	s.Quiet = conversation.QuietHours{From: at[0], To: at[1]}
	return nil
}

// redisPassword puts the password into the address, which stands above it in the
// table.
func redisPassword(s *Settings, password string) error {
	u, err := url.Parse(s.RedisURL)
	if err != nil || s.RedisURL == "" {
		return errors.New("REDIS_URL says for which server")
	}
	if _, has := u.User.Password(); has {
		return errors.New("REDIS_URL holds one too: keep one")
	}
	u.User = url.UserPassword(u.User.Username(), password)
	s.RedisURL = u.String()
	return nil
}
