package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a scratch image has no zones of its own
	"unicode/utf16"
	"unicode/utf8"

	"intakebot/bot"
	"intakebot/conversation"
	"intakebot/mailer"
	"intakebot/storage"
)

// Settings are what serve runs on. They come from the environment; each
// variable NAME can be given as NAME_FILE, a file that holds the value.
type Settings struct {
	Token, APIURL             string
	Desk                      int64
	RedisURL, SQLitePath      string
	BackupDir                 string // "": no automatic copies
	SMTP                      mailer.SMTP
	MailFrom, UIT, Support    string // Support "": no copies
	AttachmentsMax            int64  // encoded bytes in one letter; 0: no files
	ClosingLetter             bool
	Alert                     string // receives alarms; "": nobody does
	HTTPAddr                  string // "": no HTTP
	HTTPOff                   bool   // and that was asked for
	MetricsAddr               string // "": metrics and health are served on HTTPAddr
	Proxy                     string // of HTTPS_PROXY
	WebhookURL, WebhookSecret string
	Location                  *time.Location
	DraftTTL                  time.Duration
	EscalationAfter           time.Duration
	EscalationRepeatAfter     time.Duration
	Quiet                     conversation.QuietHours
	DeskThread                int
	Duties                    bot.Duties
	Organisations             []string
	Consent, ConsentVersion   string
	ConsentBuiltIn            bool
	LogLevel                  slog.Level
	LogJSON                   bool
}

// variable is a row of the table of settings.
type variable struct {
	name     string
	standard string // used when the variable is unset; also when it is set and empty, unless empty has a meaning
	required bool
	empty    bool // set and empty is a value of its own
	exact    bool // white space at its ends belongs to it
	holds    string
	set      func(s *Settings, value string) error
}

// errHolds: the value is not what the variable should hold; the table says
// what that is, and the value is not repeated, it may be a secret.
var errHolds = errors.New("")

// variables are all settings. caarlos0/env was tried for this: it names Go's
// fields instead of variables, and quotes wrong values.
var variables = []variable{
	{name: "TELEGRAM_BOT_TOKEN", required: true, holds: "the bot's token as BotFather gave it, 123456:ABC…",
		set: matching(`^\d+:\S+$`, func(s *Settings, v string) { s.Token = v })},
	{name: "TELEGRAM_API_URL", standard: "https://api.telegram.org", holds: "the address of a Bot API server, http:// or https://",
		set: webAddress(func(s *Settings, v string) { s.APIURL = strings.TrimSuffix(v, "/") }, "http", "https")},
	{name: "HTTPS_PROXY", holds: "http://, https:// or socks5:// with [USER:PASSWORD@]HOST:PORT", set: proxyAddress},
	{name: "SUPPORT_CHAT_ID", required: true, holds: "the support group's chat id, a negative number",
		set: func(s *Settings, v string) error {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil || n >= 0 {
				return errHolds
			}
			s.Desk = n
			return nil
		}},
	{name: "SUPPORT_THREAD_ID", holds: "the id of the forum topic in which the desk works, a positive number",
		set: func(s *Settings, v string) (err error) {
			if s.DeskThread, err = strconv.Atoi(v); err != nil || s.DeskThread <= 0 {
				return errHolds
			}
			return nil
		}},
	{name: "REDIS_URL", holds: "redis://[USER:PASSWORD@]HOST:PORT/DB, rediss:// with TLS, ?master_name=NAME&addr=HOST:PORT for Sentinel, or nothing for an embedded one",
		set: func(s *Settings, v string) error {
			if storage.CheckURL(v) != nil {
				return errHolds
			}
			s.RedisURL = v
			return nil
		}},
	{name: "REDIS_PASSWORD", exact: true, holds: "the password for Redis, when REDIS_URL holds none", set: redisPassword},
	{name: "SQLITE_PATH", standard: "data/incidents.db", holds: "the path of the database file",
		set: text(func(s *Settings, v string) { s.SQLitePath = v })},
	{name: "BACKUP_DIR", holds: "the path of a folder that exists and can be written to, best on another disk", set: backupFolder},
	{name: "SMTP_HOST", required: true, holds: "the mail relay's host name",
		set: matching(`^[^\s/:]+$|^\[?[0-9a-fA-F:]+\]?$`, func(s *Settings, v string) { s.SMTP.Host = strings.Trim(v, "[]") })},
	{name: "SMTP_PORT", standard: "587", holds: "a port, 1 to 65535",
		set: func(s *Settings, v string) error {
			n, err := strconv.ParseUint(v, 10, 16)
			if err != nil || n == 0 {
				return errHolds
			}
			s.SMTP.Port = int(n)
			return nil
		}},
	{name: "SMTP_USERNAME", holds: "the user for the mail relay", set: text(func(s *Settings, v string) { s.SMTP.Username = v })},
	{name: "SMTP_PASSWORD", exact: true, holds: "the password for the mail relay", set: text(func(s *Settings, v string) { s.SMTP.Password = v })},
	{name: "SMTP_TLS", standard: "starttls", holds: "starttls, implicit or none",
		set: matching(`^(starttls|implicit|none)$`, func(s *Settings, v string) { s.SMTP.TLS = mailer.TLSMode(v) })},
	{name: "MAIL_FROM", required: true, holds: "the sender, «Name <box@host>» or «box@host»",
		set: mailbox(func(s *Settings, v string) { s.MailFrom = v })},
	{name: "UIT_EMAIL", standard: "sd@kurganobl.ru", holds: "the address that receives escalations",
		set: mailbox(func(s *Settings, v string) { s.UIT = v })},
	{name: "SUPPORT_EMAIL", standard: conversation.SupportBox, empty: true, holds: "the address that receives copies, or nothing for no copies",
		set: func(s *Settings, v string) error {
			if v == "" {
				return nil
			}
			return mailbox(func(s *Settings, v string) { s.Support = v })(s, v)
		}},
	{name: "ALERT_EMAIL", holds: "the address of whoever looks after the bot, to be told when it cannot work",
		set: mailbox(func(s *Settings, v string) { s.Alert = v })},
	{name: "MAIL_ATTACHMENTS_MAX", standard: "10MB", holds: "a size in bytes or with KB or MB, such as 10MB, at most 50MB; 0 for no attachments",
		set: byteSize(func(s *Settings, n int64) { s.AttachmentsMax = n })},
	{name: "UIT_CLOSING_LETTER", standard: "off", holds: "on or off",
		set: matching(`^(on|off)$`, func(s *Settings, v string) { s.ClosingLetter = v == "on" })},
	{name: "HTTP_ADDR", standard: ":8080", holds: "host:port to listen on, or off", set: listenAddress},
	{name: "METRICS_ADDR", holds: "host:port for metrics and health, when HTTP_ADDR is to serve the webhook only",
		set: func(s *Settings, v string) error { return listenOn(&s.MetricsAddr, v) }},
	{name: "WEBHOOK_URL", holds: "the public https address for Telegram's webhook",
		set: webAddress(func(s *Settings, v string) { s.WebhookURL = v }, "http", "https")},
	{name: "WEBHOOK_SECRET", holds: "1 to 256 of A–Z a–z 0–9 _ -",
		set: matching(`^[A-Za-z0-9_-]{1,256}$`, func(s *Settings, v string) { s.WebhookSecret = v })},
	{name: "TIMEZONE", standard: "Asia/Yekaterinburg", holds: "a zone of the tz database, such as Asia/Yekaterinburg",
		set: func(s *Settings, v string) (err error) {
			if s.Location, err = time.LoadLocation(v); err != nil {
				return errHolds
			}
			return nil
		}},
	{name: "DRAFT_TTL", standard: "72h", holds: "a positive duration, such as 72h", set: positive(func(s *Settings, d time.Duration) { s.DraftTTL = d })},
	{name: "ESCALATION_AFTER", standard: "4h", holds: "a positive duration, such as 4h",
		set: positive(func(s *Settings, d time.Duration) { s.EscalationAfter = d })},
	{name: "ESCALATION_REPEAT_AFTER", standard: "4h", holds: "a positive duration, such as 4h",
		set: positive(func(s *Settings, d time.Duration) { s.EscalationRepeatAfter = d })},
	{name: "REMIND_UNTAKEN_AFTER", standard: "15m", holds: "a positive duration, such as 15m",
		set: positive(func(s *Settings, d time.Duration) { s.Duties.RemindUntakenAfter = d })},
	{name: "REMIND_UNANSWERED_AFTER", standard: "1h", holds: "a positive duration, such as 1h",
		set: positive(func(s *Settings, d time.Duration) { s.Duties.RemindUnansweredAfter = d })},
	{name: "RETENTION", standard: "3y", holds: "a number of years, months or days, such as 3y, 36mo or 1095d, at least 30d, or off", set: retention},
	{name: "QUIET_HOURS", standard: "20:00-08:00", holds: "HH:MM-HH:MM, or off", set: quietHours},
	{name: "ORGANISATIONS_FILE", holds: "the path of a readable text file, a name a line", set: organisations},
	{name: "CONSENT_FILE", holds: "the path of a readable text file of 1 to 2,500 characters", set: consentText},
	{name: "LOG_LEVEL", standard: "info", holds: "debug, info, warn or error",
		set: matching(`^(debug|info|warn|error)$`, func(s *Settings, v string) { _ = s.LogLevel.UnmarshalText([]byte(v)) })},
	{name: "LOG_FORMAT", standard: "text", holds: "text or json",
		set: matching(`^(text|json)$`, func(s *Settings, v string) { s.LogJSON = v == "json" })},
}

// readSettings reads every variable by lookup (os.LookupEnv), or those named
// only, and returns all mistakes at once, a line each.
func readSettings(lookup func(string) (string, bool), only ...string) (Settings, []string) {
	var s Settings
	var mistakes []string
	for _, v := range variables {
		if len(only) > 0 && !slices.Contains(only, v.name) {
			continue
		}
		if mistake := v.read(&s, lookup); mistake != "" {
			mistakes = append(mistakes, mistake)
		}
	}
	if len(only) > 0 {
		return s, mistakes
	}
	if s.ConsentVersion == "" {
		s.setConsent(conversation.BuiltInConsent)
		s.ConsentBuiltIn = true
	}
	return s, append(mistakes, s.contradictions(lookup)...)
}

// read sets one variable; the mistake is "" when there is none.
func (v variable) read(s *Settings, lookup func(string) (string, bool)) (mistake string) {
	value, given, err := v.value(lookup)
	switch {
	case err != nil:
		return fmt.Sprintf("%s: %v", v.name, err)
	case value == "" && v.required:
		return fmt.Sprintf("%s is required: %s", v.name, v.holds)
	case value == "" && given && v.empty:
	case value == "":
		value = v.standard
	}
	if value == "" && !v.empty {
		return ""
	}
	if err := v.set(s, value); err != nil {
		mistake = fmt.Sprintf("%s should hold %s", v.name, v.holds)
		if err != errHolds {
			mistake += ": " + err.Error()
		}
	}
	return mistake
}

// value finds a variable in the environment or in the file that NAME_FILE
// names (its trailing newline is dropped).
func (v variable) value(lookup func(string) (string, bool)) (value string, given bool, err error) {
	value, given = lookup(v.name)
	path, fromFile := lookup(v.name + "_FILE")
	if !fromFile || path == "" {
		return v.trimmed(value), given, nil
	}
	if given && value != "" {
		return "", true, fmt.Errorf("%s and %s_FILE are both set: keep one", v.name, v.name)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", true, fmt.Errorf("the file of %s_FILE cannot be read: %w", v.name, errors.Unwrap(err))
	}
	return v.trimmed(strings.TrimRight(string(data), "\r\n")), true, nil
}

func (v variable) trimmed(value string) string {
	if v.exact {
		return value
	}
	return strings.TrimSpace(value)
}

// contradictions are mistakes between variables, each of which is right for
// itself.
func (s *Settings) contradictions(lookup func(string) (string, bool)) []string {
	given := func(name string) bool {
		value, _ := lookup(name)
		file, _ := lookup(name + "_FILE")
		return value != "" || file != ""
	}
	var wrong []string
	if s.WebhookURL != "" {
		if s.HTTPOff {
			wrong = append(wrong, "HTTP_ADDR is off and WEBHOOK_URL is set: the webhook needs an address to listen on")
		}
		if s.WebhookSecret == "" && !given("WEBHOOK_SECRET") {
			wrong = append(wrong, "WEBHOOK_SECRET is required with WEBHOOK_URL: 1 to 256 of A–Z a–z 0–9 _ -")
		}
		// Telegram itself delivers to https only; a Bot API server of one's
		// own may be told a plain address.
		if strings.HasPrefix(s.WebhookURL, "http:") && s.APIURL == "https://api.telegram.org" {
			wrong = append(wrong, "WEBHOOK_URL should hold an https address")
		}
	}
	if s.MetricsAddr != "" && s.MetricsAddr == s.HTTPAddr && !strings.HasSuffix(s.HTTPAddr, ":0") {
		wrong = append(wrong, "METRICS_ADDR is the same as HTTP_ADDR: it should hold another address, or nothing")
	}
	if s.SMTP.Password != "" && !given("SMTP_USERNAME") {
		wrong = append(wrong, "SMTP_USERNAME is required with SMTP_PASSWORD: the user for the mail relay")
	}
	return wrong
}

func (s *Settings) setConsent(text string) {
	sum := sha256.Sum256([]byte(text))
	s.Consent, s.ConsentVersion = text, hex.EncodeToString(sum[:4])
}

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

func mailbox(set func(*Settings, string)) setter {
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
	var term bot.Retention
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
