package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/bot/desk"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/mailer"
)

// required is the least that serve needs.
func required() map[string]string {
	return map[string]string{
		"TELEGRAM_BOT_TOKEN": "123456:S3CRET-token",
		"SUPPORT_CHAT_ID":    "-1001234567890",
		"SMTP_HOST":          "mail.example.ru",
		"MAIL_FROM":          "intake@example.ru",
	}
}

func fromMap(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := env[name]; return v, ok }
}

// read reads settings from the least with changes.
func read(changes map[string]string) (Settings, []Mistake) {
	env := required()
	maps.Copy(env, changes)
	return Read(fromMap(env))
}

// TestStandardSettings: the least is enough, and the rest is as the outer
// interface says.
func TestStandardSettings(t *testing.T) {
	t.Parallel()
	s, mistakes := read(nil)
	if len(mistakes) > 0 {
		t.Fatalf("mistakes: %q", mistakes)
	}
	got := []any{
		s.APIURL, s.Desk, s.RedisURL, s.SQLitePath, s.SMTP.Host, s.SMTP.Port, string(s.SMTP.TLS), s.UIT, s.Support, s.HTTPAddr,
		s.Location.String(), s.DraftTTL, s.EscalationAfter, s.EscalationRepeatAfter, s.Quiet, s.LogLevel.String(), s.LogJSON, s.Consent,
		s.Limits, s.SMTP.HELO, s.Calendar.WeekdaysOnly, s.SupportLine(),
	}
	want := []any{
		"https://api.telegram.org", int64(-1001234567890), "", "data/incidents.db", "mail.example.ru", 587, "starttls", "sd@kurganobl.ru",
		"155@krasnodar.pro", ":8080", "Asia/Yekaterinburg", 72 * time.Hour, 4 * time.Hour, 4 * time.Hour,
		conversation.QuietHours{From: 20 * time.Hour, To: 8 * time.Hour}, "INFO", false, conversation.BuiltInConsent(incident.RegulationLine()),
		telegram.PublicLimits, "example.ru", false, incident.RegulationLine(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wrong is a value that no variable should hold, by name.
var wrong = map[string]string{
	"TELEGRAM_BOT_TOKEN": "S3CRET", "TELEGRAM_API_URL": "api.telegram.org", "TELEGRAM_FILES_URL": "files", "SUPPORT_CHAT_ID": "100", "REDIS_URL": "S3CRET@redis", "REDIS_PASSWORD": "S3CRET",
	"SMTP_HOST": "mail:25", "SMTP_PORT": "0", "SMTP_TLS": "ssl", "MAIL_FROM": "nobody", "UIT_EMAIL": "уит@пример.рф", "SUPPORT_EMAIL": "a@",
	"HTTP_ADDR": "8080", "WEBHOOK_URL": "S3CRET", "WEBHOOK_SECRET": "S3CRET!", "TIMEZONE": "Kurgan", "DRAFT_TTL": "0s",
	"RETENTION": "36m", "TELEGRAM_LIMITS": "30/s 1/s", "SMTP_HELO": "bot example", "LINE_FILE": "/no/such/file", "WORK_DAYS": "sat", "CALENDAR_FILE": "/no/such/file", "ESCALATION_AFTER": "4", "ESCALATION_REPEAT_AFTER": "-1h", "QUIET_HOURS": "20-8", "ORGANISATIONS_FILE": "/no/such/file",
	"MAIL_ATTACHMENTS_MAX": "51MB", "UIT_CLOSING_LETTER": "yes", "BACKUP_DIR": "/no/such/folder",
	"IMAP_HOST": "https://imap", "IMAP_PORT": "0", "IMAP_TLS": "tls", "MAIL_AUTHSERV_ID": "mx; a", "ALERT_EMAIL": "admin", "METRICS_ADDR": "9090", "HTTPS_PROXY": "http:S3CRET@proxy",
	"CONSENT_FILE": "/no/such/file", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml",
}

// TestWrongSettings: every mistake is named at once, a line each that names the
// variable and what it should hold; no secret is printed.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	_, mistakes := Read(fromMap(wrong))
	var named []string
	for _, m := range mistakes {
		line := m.Text
		name, rest, _ := strings.Cut(line, " ")
		if named = append(named, m.Variable); strings.TrimSuffix(name, ":") != m.Variable {
			t.Errorf("%q is about %s", line, m.Variable)
		}
		if strings.Contains(line, "\n") || len(rest) < 10 || strings.Contains(line, "S3CRET") {
			t.Errorf("%q", line)
		}
	}
	for name := range wrong {
		if !slices.Contains(named, name) {
			t.Errorf("%s=%s is taken", name, wrong[name])
		}
	}
}

// TestMissingSettings are named all at once too; empty is missing.
func TestMissingSettings(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{{}, {"TELEGRAM_BOT_TOKEN": "", "SUPPORT_CHAT_ID": "", "SMTP_HOST": "", "MAIL_FROM": " "}} {
		_, mistakes := Read(fromMap(env))
		var named []string
		for _, m := range mistakes {
			named = append(named, m.Variable)
		}
		if diff := cmp.Diff([]string{"TELEGRAM_BOT_TOKEN", "SUPPORT_CHAT_ID", "SMTP_HOST", "MAIL_FROM"}, named); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestContradictions: settings that are right alone and wrong together.
func TestContradictions(t *testing.T) {
	t.Parallel()
	hook := map[string]string{"WEBHOOK_URL": "https://bot.example.ru/hook", "WEBHOOK_SECRET": "s-1"}
	for want, changes := range map[string]map[string]string{
		"":               hook,
		"HTTP_ADDR":      merged(hook, map[string]string{"HTTP_ADDR": "off"}),
		"WEBHOOK_SECRET": {"WEBHOOK_URL": "https://bot.example.ru/hook"},
		"WEBHOOK_URL":    merged(hook, map[string]string{"WEBHOOK_URL": "http://bot.example.ru/hook"}),
		"METRICS_ADDR":   {"METRICS_ADDR": ":8080"},
		"SMTP_USERNAME":  {"SMTP_PASSWORD": "hunter2"},
		"SMTP_TLS":       {"SMTP_TLS": "none", "SMTP_USERNAME": "bot", "SMTP_PASSWORD": "hunter2"},
	} {
		_, mistakes := read(changes)
		switch {
		case want == "" && len(mistakes) == 0:
		case want == "" || len(mistakes) != 1 || mistakes[0].Variable != want || !strings.HasPrefix(mistakes[0].Text, want) || strings.Contains(mistakes[0].Text, "hunter2"):
			t.Errorf("%v: %q, want one about %q", changes, mistakes, want)
		}
	}
}

// TestPasswordOnThisMachine: a relay on this machine may have the password in the
// clear, and any relay none.
func TestPasswordOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, changes := range []map[string]string{
		{"SMTP_TLS": "none"},
		{"SMTP_TLS": "none", "SMTP_HOST": "localhost", "SMTP_USERNAME": "bot", "SMTP_PASSWORD": "hunter2"},
		{"SMTP_TLS": "none", "SMTP_HOST": "[::1]", "SMTP_USERNAME": "bot", "SMTP_PASSWORD": "hunter2"},
	} {
		if _, mistakes := read(changes); len(mistakes) > 0 {
			t.Errorf("%v: %q", changes, mistakes)
		}
	}
}

func merged(a, b map[string]string) map[string]string {
	c := maps.Clone(a)
	maps.Copy(c, b)
	return c
}

// TestSettingsInFiles: every variable can be given as NAME_FILE; a trailing
// newline is dropped, and both at once is a mistake.
func TestSettingsInFiles(t *testing.T) {
	t.Parallel()
	for _, v := range variables {
		value := required()[v.name]
		if value == "" {
			value = map[string]string{
				"REDIS_URL": "redis://:S3CRET@redis:6379/0", "SMTP_USERNAME": "bot", "SMTP_PASSWORD": "S3CRET", "WEBHOOK_URL": "https://bot.example.ru/hook",
				"REDIS_PASSWORD": "S3CRET", "BACKUP_DIR": t.TempDir(), "HTTPS_PROXY": "socks5://bot:S3CRET@proxy:1080",
				"ALERT_EMAIL": "admin@example.ru", "METRICS_ADDR": "127.0.0.1:9090", "TELEGRAM_FILES_URL": "https://files.example.ru",
				"IMAP_HOST": "imap.example.ru", "IMAP_USERNAME": "intake", "IMAP_PASSWORD": "S3CRET", "MAIL_AUTHSERV_ID": "mx.example.ru",
				"WEBHOOK_SECRET": "s", "SUPPORT_THREAD_ID": "7", "SMTP_HELO": "bot.example.ru", "UIT_EMAIL": "uit@example.ru", "SUPPORT_EMAIL": "s@example.ru",
				"LINE_FILE": os.DevNull, "CALENDAR_FILE": os.DevNull, "ORGANISATIONS_FILE": "../../demo/organisations.example.txt", "CONSENT_FILE": "../../demo/organisations.example.txt",
			}[v.name]
		}
		if value == "" {
			value = v.standard
		}
		if v.name == "CONSENT_FILE" {
			value = write(t, "Согласен на всё.")
		}
		changes := map[string]string{v.name: "", v.name + "_FILE": write(t, value+"\n")}
		if v.name == "WEBHOOK_URL" {
			changes["WEBHOOK_SECRET"] = "s"
		}
		if strings.HasPrefix(v.name, "IMAP_") {
			for _, other := range []string{"IMAP_HOST", "IMAP_USERNAME", "IMAP_PASSWORD"} {
				if other != v.name {
					changes[other] = "imap.example.ru"
				}
			}
		}
		switch v.name {
		case "SMTP_PASSWORD":
			changes["SMTP_USERNAME"] = "bot"
		case "REDIS_PASSWORD":
			changes["REDIS_URL"] = "redis://redis:6379/0"
		}
		if _, mistakes := read(changes); len(mistakes) > 0 {
			t.Errorf("%s_FILE: %q", v.name, mistakes)
		}
		changes[v.name] = value
		_, mistakes := read(changes)
		if len(mistakes) == 0 || !strings.HasPrefix(mistakes[0].Text, v.name) || !strings.Contains(mistakes[0].Text, v.name+"_FILE") {
			t.Errorf("%s and %s_FILE at once: %q", v.name, v.name, mistakes)
		}
		if _, mistakes := read(map[string]string{v.name: "", v.name + "_FILE": "/no/such/file"}); len(mistakes) == 0 || !strings.HasPrefix(mistakes[0].Text, v.name) {
			t.Errorf("%s_FILE that is not there: %q", v.name, mistakes)
		}
	}
}

// write makes a file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRedisPassword: it comes beside the address, so that it can be a secret
// file; two of them are a mistake.
func TestRedisPassword(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"redis://redis:6379/0":                             "redis://:p%40ss%2F@redis:6379/0",
		"rediss://bot@redis:6380/1":                        "rediss://bot:p%40ss%2F@redis:6380/1",
		"redis://s1:26379/0?master_name=m&addr=s2%3A26379": "redis://:p%40ss%2F@s1:26379/0?master_name=m&addr=s2%3A26379",
		"redis://:other@redis:6379/0":                      "",
		"":                                                 "",
	} {
		s, mistakes := read(map[string]string{"REDIS_URL": address, "REDIS_PASSWORD": "p@ss/"})
		if want == "" && len(mistakes) != 1 || want != "" && (s.RedisURL != want || len(mistakes) > 0) {
			t.Errorf("%s: %s, %q", address, s.RedisURL, mistakes)
		}
		if strings.Contains(fmt.Sprint(mistakes), "p@ss") {
			t.Errorf("%s: the password is printed: %q", address, mistakes)
		}
	}
}

// TestSupportEmail: empty is a value of its own, unset is the regulation's box.
func TestSupportEmail(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "", "desk@example.ru": "desk@example.ru"} {
		if s, mistakes := read(map[string]string{"SUPPORT_EMAIL": given}); len(mistakes) > 0 || s.Support != want {
			t.Errorf("SUPPORT_EMAIL=%q: %q, %q", given, s.Support, mistakes)
		}
	}
	if s, mistakes := read(map[string]string{"SUPPORT_EMAIL_FILE": write(t, "\n")}); len(mistakes) > 0 || s.Support != "" {
		t.Errorf("an empty SUPPORT_EMAIL_FILE: %q, %q", s.Support, mistakes)
	}
}

// TestAttachmentsMax is in bytes, or with a unit of 1,024 or 1,048,576.
func TestAttachmentsMax(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]int64{"": 10485760, "10MB": 10485760, "10485760": 10485760, "3 mb": 3 << 20, "512KB": 512 << 10, "0": 0} {
		if s, mistakes := read(map[string]string{"MAIL_ATTACHMENTS_MAX": given}); len(mistakes) > 0 || s.AttachmentsMax != want {
			t.Errorf("%q: %d, %q", given, s.AttachmentsMax, mistakes)
		}
	}
	for _, given := range []string{"-1", "MB", "10GB", "1.5MB", "52428801", "99999999999999999999"} {
		if _, mistakes := read(map[string]string{"MAIL_ATTACHMENTS_MAX": given}); len(mistakes) != 1 {
			t.Errorf("%q is taken", given)
		}
	}
	if s, _ := read(map[string]string{"UIT_CLOSING_LETTER": "on"}); !s.ClosingLetter {
		t.Error("UIT_CLOSING_LETTER=on is off")
	}
}

// TestFilesOfSettings: the directory is a name a line with comments, the consent
// names its version by its text.
func TestFilesOfSettings(t *testing.T) {
	t.Parallel()
	s, mistakes := read(map[string]string{
		"ORGANISATIONS_FILE": write(t, "\ufeff# список\nАдминистрация\r\n\n  Департамент  \n"), "CONSENT_FILE": write(t, "Согласны?\n"),
	})
	if diff := cmp.Diff([]string{"Администрация", "Департамент"}, s.Organisations); diff != "" || len(mistakes) > 0 {
		t.Errorf("%q\n%s", mistakes, diff)
	}
	other, _ := read(map[string]string{"CONSENT_FILE": write(t, "Согласны ли вы?")})
	if s.Consent != "Согласны?" || s.ConsentVersion == other.ConsentVersion || s.ConsentBuiltIn {
		t.Errorf("consent %q, version %s, the other's %s", s.Consent, s.ConsentVersion, other.ConsentVersion)
	}
	for _, text := range []string{"", strings.Repeat("я", 2501)} {
		if _, mistakes := read(map[string]string{"CONSENT_FILE": write(t, text)}); len(mistakes) != 1 {
			t.Errorf("a consent of %d characters: %q", len([]rune(text)), mistakes)
		}
	}
}

// TestRetentionSetting: years, months and days of the calendar, never less than
// a closed incident can be opened again.
func TestRetentionSetting(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]desk.Retention{
		"": {Years: 3}, "off": {}, "5y": {Years: 5}, "36mo": {Months: 36}, "30d": {Days: 30}, "1095d": {Days: 1095},
	} {
		s, mistakes := read(map[string]string{"RETENTION": value})
		if len(mistakes) > 0 || s.Duties.Retention != want {
			t.Errorf("%q: %+v, %q", value, s.Duties.Retention, mistakes)
		}
	}
	for _, value := range []string{"0y", "29d", "3", "3Y", "-1y", "26280h", "36m", "99999d", "101y", "y"} {
		if _, mistakes := read(map[string]string{"RETENTION": value}); len(mistakes) != 1 {
			t.Errorf("%q is taken: %q", value, mistakes)
		}
	}
}

// TestWebhookHosts: what Telegram would refuse is refused at once, at the public
// server alone.
func TestWebhookHosts(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://bot.example.ru:8443/hook": "", "https://95.213.1.1/hook": "", "https://bot.example.ru:88": "",
		"https://bot.example.ru:8080/hook": "ports", "https://[2a00::1]/hook": "host", "https://10.0.0.1/hook": "host", "https://192.168.1.5/": "host",
		"https://localhost/hook": "host", "https://127.0.0.1/hook": "host", "https://169.254.1.1/": "host", "https://100.64.0.1/": "host", "https://203.0.113.7/": "host",
	} {
		changes := map[string]string{"WEBHOOK_URL": address, "WEBHOOK_SECRET": "s"}
		_, mistakes := read(changes)
		if want == "" && len(mistakes) > 0 || want != "" && (len(mistakes) != 1 || !strings.Contains(mistakes[0].Text, want) || mistakes[0].Variable != "WEBHOOK_URL") {
			t.Errorf("%s: %q, want one about %q", address, mistakes, want)
		}
		changes["TELEGRAM_API_URL"] = "http://127.0.0.1:8081"
		if _, mistakes := read(changes); len(mistakes) > 0 {
			t.Errorf("%s with a server of one's own: %q", address, mistakes)
		}
	}
}

// TestLimits are read whole, and off is none.
func TestLimits(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]telegram.Limits{
		"off":            {},
		"10/s 2/m 5/m":   {All: telegram.Limit{Count: 10, Per: time.Second}, Chat: telegram.Limit{Count: 2, Per: time.Minute}, Group: telegram.Limit{Count: 5, Per: time.Minute}, Reserve: 1},
		"1/s  1/s+0 1/s": {All: telegram.Limit{Count: 1, Per: time.Second}, Chat: telegram.Limit{Count: 1, Per: time.Second}, Group: telegram.Limit{Count: 1, Per: time.Second}},
	} {
		if s, mistakes := read(map[string]string{"TELEGRAM_LIMITS": given}); len(mistakes) > 0 || s.Limits != want {
			t.Errorf("%q: %+v, %q", given, s.Limits, mistakes)
		}
	}
	for _, given := range []string{"0/s 1/s 20/m", "30/d 1/s 20/m", "30/s 1/s 20/m+3", "none"} {
		if s, mistakes := read(map[string]string{"TELEGRAM_LIMITS": given}); len(mistakes) != 1 {
			t.Errorf("%q is taken: %+v", given, s.Limits)
		}
	}
}

// TestCalendar: days off by the week and by the file; a wrong line is named.
func TestCalendar(t *testing.T) {
	t.Parallel()
	s, mistakes := read(map[string]string{"WORK_DAYS": "mon-fri", "CALENDAR_FILE": write(t, "# праздники\n2027-01-04 off\n2027-02-20 work\n")})
	for day, works := range map[string]bool{"2027-01-04": false, "2027-02-20": true, "2027-02-21": false, "2027-02-24": true} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil || s.Calendar.Works(at) != works || len(mistakes) > 0 {
			t.Errorf("%s: %v, %v, %q", day, s.Calendar.Works(at), err, mistakes)
		}
	}
	if _, mistakes := read(map[string]string{"CALENDAR_FILE": write(t, "2027-01-04 off\n4 января\n")}); len(mistakes) != 1 || !strings.Contains(mistakes[0].Text, "line 2") {
		t.Errorf("%q", mistakes)
	}
}

// TestThread: the topic «General» has an id that Telegram does not take.
func TestThread(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]int{"1": 0, "7": 7} {
		if s, mistakes := read(map[string]string{"SUPPORT_THREAD_ID": given}); len(mistakes) > 0 || s.DeskThread != want {
			t.Errorf("%s: %d, %q", given, s.DeskThread, mistakes)
		}
	}
}

// TestHELO is the host of the sender unless it is said.
func TestHELO(t *testing.T) {
	t.Parallel()
	for want, changes := range map[string]map[string]string{
		"mail.kurgan.ru": {"MAIL_FROM": "Приём <intake@mail.kurgan.ru>"}, "bot-1.example.ru": {"SMTP_HELO": "bot-1.example.ru"}, "[10.0.0.7]": {"SMTP_HELO": "[10.0.0.7]"},
		mailer.HELOName(""): {"MAIL_FROM": "intake@[10.0.0.7]"}, // no address that nobody asked for
	} {
		if s, mistakes := read(changes); len(mistakes) > 0 || s.SMTP.HELO != want {
			t.Errorf("%v: %s, %q", changes, s.SMTP.HELO, mistakes)
		}
	}
}
