package config

import (
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata"

	"intakebot/bot/desk"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/mailer"
	"intakebot/mailer/mailbox"
	"intakebot/storage"
)

// Settings are what serve runs on. They come from the environment; each
// variable NAME can be given as NAME_FILE, a file that holds the value.
type Settings struct {
	Token, APIURL             string
	FilesURL                  string // "": APIURL
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
	Duties                    desk.Terms
	Organisations             []string
	Calendar                  incident.Calendar // of working days
	Line                      incident.Line     // of LINE_FILE; SupportLine is what people read of
	Limits                    telegram.Limits   // on messages
	Consent, ConsentVersion   string
	ConsentBuiltIn            bool
	IMAP                      mailbox.Server // Host "": no mailbox is read
	AuthservID                string         // in whose Authentication-Results the bot trusts; "": in nobody's
	LogLevel                  slog.Level
	LogJSON                   bool
}

// variable is a row of the table of settings.
type variable struct {
	name     string
	standard string                     // used when the variable is unset; also when it is set and empty, unless empty has a meaning
	ofLine   func(incident.Line) string // in place of standard: what the support line says
	required bool
	empty    bool // set and empty is a value of its own
	exact    bool // white space at its ends belongs to it
	holds    string
	set      func(s *Settings, value string) error
}

// errHolds: the value is not what the variable should hold; the table says
// what that is, and the value is not repeated, it may be a secret.
var errHolds = errors.New("")

// publicAPI is Telegram's own Bot API server.
const publicAPI = "https://api.telegram.org"

// variables are all settings. caarlos0/env was tried for this: it names Go's
// fields instead of variables, and quotes wrong values.
var variables = []variable{
	{name: "TELEGRAM_BOT_TOKEN", required: true, holds: "the bot's token as BotFather gave it, 123456:ABC…",
		set: matching(`^\d+:\S+$`, func(s *Settings, v string) { s.Token = v })},
	{name: "TELEGRAM_API_URL", standard: publicAPI, holds: "the address of a Bot API server, http:// or https://",
		set: webAddress(func(s *Settings, v string) { s.APIURL = strings.TrimSuffix(v, "/") }, "http", "https")},
	{name: "TELEGRAM_FILES_URL", holds: "the address of a web server with the files of a Bot API server of one's own, http:// or https://",
		set: webAddress(func(s *Settings, v string) { s.FilesURL = strings.TrimSuffix(v, "/") }, "http", "https")},
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
			if s.DeskThread == 1 { // «General»: Telegram takes no message with its id
				s.DeskThread = 0
			}
			return nil
		}},
	{name: "TELEGRAM_LIMITS", standard: "30/s 1/s+3 20/m", holds: "three limits on messages: overall, to one person (with a burst), in a group, such as 30/s 1/s+3 20/m; or off", set: telegramLimits},
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
		set: port(func(s *Settings, n int) { s.SMTP.Port = n })},
	{name: "SMTP_USERNAME", holds: "the user for the mail relay", set: text(func(s *Settings, v string) { s.SMTP.Username = v })},
	{name: "SMTP_PASSWORD", exact: true, holds: "the password for the mail relay", set: text(func(s *Settings, v string) { s.SMTP.Password = v })},
	{name: "SMTP_TLS", standard: "starttls", holds: "starttls, implicit or none",
		set: matching(`^(starttls|implicit|none)$`, func(s *Settings, v string) { s.SMTP.TLS = mailer.TLSMode(v) })},
	{name: "SMTP_HELO", holds: "the name that the bot gives in EHLO: a host name, or an address in brackets",
		set: matching(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^\[[0-9A-Za-z:.]+\]$`, func(s *Settings, v string) { s.SMTP.HELO = v })},
	{name: "MAIL_FROM", required: true, holds: "the sender, «Name <box@host>» or «box@host»",
		set: address(func(s *Settings, v string) { s.MailFrom = v })},
	{name: "LINE_FILE", holds: "the path of a support line in TOML, as intakebot line prints one", set: supportLine},
	{name: "UIT_EMAIL", ofLine: func(l incident.Line) string { return l.Second.Email }, holds: "the address that receives escalations",
		set: address(func(s *Settings, v string) { s.UIT = v })},
	{name: "SUPPORT_EMAIL", ofLine: func(l incident.Line) string { return l.Support.Email }, empty: true, holds: "the address that receives copies, or nothing for no copies",
		set: func(s *Settings, v string) error {
			if v == "" {
				return nil
			}
			return address(func(s *Settings, v string) { s.Support = v })(s, v)
		}},
	{name: "IMAP_HOST", holds: "the host name of the IMAP server of the box of MAIL_FROM, or nothing when the bot reads no mail",
		set: matching(`^[^\s/:]+$|^\[?[0-9a-fA-F:]+\]?$`, func(s *Settings, v string) { s.IMAP.Host = strings.Trim(v, "[]") })},
	{name: "IMAP_PORT", standard: "993", holds: "a port, 1 to 65535", set: port(func(s *Settings, n int) { s.IMAP.Port = n })},
	{name: "IMAP_USERNAME", holds: "the user for the mailbox", set: text(func(s *Settings, v string) { s.IMAP.Username = v })},
	{name: "IMAP_PASSWORD", exact: true, holds: "the password for the mailbox", set: text(func(s *Settings, v string) { s.IMAP.Password = v })},
	{name: "IMAP_TLS", standard: "implicit", holds: "implicit, starttls or none",
		set: matching(`^(starttls|implicit|none)$`, func(s *Settings, v string) { s.IMAP.TLS = mailbox.TLS(v) })},
	{name: "IMAP_FOLDER", standard: "INBOX", holds: "the folder to which letters come", set: text(func(s *Settings, v string) { s.IMAP.Folder = v })},
	{name: "IMAP_DONE_FOLDER", standard: "Intakebot", holds: "the folder to which letters are moved, another one than IMAP_FOLDER",
		set: text(func(s *Settings, v string) { s.IMAP.Done = v })},
	{name: "MAIL_AUTHSERV_ID", holds: "the name under which your own mail server writes Authentication-Results, as it stands first in them",
		set: matching(`^[^\s;]{1,255}$`, func(s *Settings, v string) { s.AuthservID = v })},
	{name: "ALERT_EMAIL", holds: "the address of whoever looks after the bot, to be told when it cannot work",
		set: address(func(s *Settings, v string) { s.Alert = v })},
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
	{name: "WORK_DAYS", standard: "all", holds: "all or mon-fri",
		set: matching(`^(all|mon-fri)$`, func(s *Settings, v string) { s.Calendar.WeekdaysOnly = v == "mon-fri" })},
	{name: "CALENDAR_FILE", holds: "the path of a readable text file of dates that differ from WORK_DAYS, a line each, such as 2027-01-04 off", set: calendarFile},
	{name: "ORGANISATIONS_FILE", holds: "the path of a readable text file, a name a line", set: organisations},
	{name: "CONSENT_FILE", holds: "the path of a readable text file of 1 to 2,500 characters", set: consentText},
	{name: "LOG_LEVEL", standard: "info", holds: "debug, info, warn or error",
		set: matching(`^(debug|info|warn|error)$`, func(s *Settings, v string) { _ = s.LogLevel.UnmarshalText([]byte(v)) })},
	{name: "LOG_FORMAT", standard: "text", holds: "text or json",
		set: matching(`^(text|json)$`, func(s *Settings, v string) { s.LogJSON = v == "json" })},
}

// BotID is the bot's own id, the part of the token that is no secret.
func (s Settings) BotID() string {
	id, _, _ := strings.Cut(s.Token, ":")
	return id
}

// WebhookPath is where the webhook is served, as its address says.
func (s Settings) WebhookPath() string {
	u, err := url.Parse(s.WebhookURL)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// Variables are the names of all variables of the environment.
func Variables() (names []string) {
	for _, v := range variables {
		names = append(names, v.name)
	}
	return names
}
