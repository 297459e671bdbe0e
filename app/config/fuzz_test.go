package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"intakebot/incident"
	"intakebot/mailer"
)

// FuzzSettings: whatever stands in the environment and in the files that it
// names, a mistake is one line that begins with its variable and repeats no
// secret; what is accepted works.
func FuzzSettings(f *testing.F) {
	f.Add("TELEGRAM_BOT_TOKEN", "42:секрет\nx", "")
	f.Add("MAIL_FROM", `"a b"@example.ru`, "")
	f.Add("MAIL_FROM", "=?utf-8?q?a=0ABcc:?= <a@b.ru>", "")
	f.Add("UIT_EMAIL", `"<x>"@[127.0.0.1]`, "")
	f.Add("SUPPORT_EMAIL", "a@b.ru, c@d.ru", "")
	f.Add("REDIS_URL", "redis://:p%40ss@[::1]:6379/0?addr=%zz", "")
	f.Add("ORGANISATIONS_FILE", "file", "\xc0\xe4\xec\xe8\xed")
	f.Add("CONSENT_FILE", "file", "\ufeff\ufeff\x00 <b>")
	f.Add("QUIET_HOURS", "24:00--1:00", "")
	f.Add("MAIL_ATTACHMENTS_MAX", "9223372036854775807MB", "")
	f.Add("TIMEZONE", "../../etc/passwd", "")
	f.Fuzz(func(t *testing.T, name, value, file string) {
		if strings.HasSuffix(name, "_FILE") && value == "file" {
			value = filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(value, []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		env := map[string]string{
			"TELEGRAM_BOT_TOKEN": "42:good", "SUPPORT_CHAT_ID": "-1", "SMTP_HOST": "mail.example.ru", "MAIL_FROM": "a@example.ru", name: value,
		}
		s, mistakes := Read(fromMap(env))
		secret := strings.Contains(name, "TOKEN") || strings.Contains(name, "PASSWORD") || strings.Contains(name, "SECRET") || name == "REDIS_URL"
		for _, m := range mistakes {
			known := strings.HasPrefix(m.Text, m.Variable) && slices.ContainsFunc(variables, func(v variable) bool { return v.name == m.Variable })
			if !known || strings.Contains(m.Text, "\n") || secret && len(value) > 8 && !strings.HasSuffix(name, "_FILE") && strings.Contains(m.Text, value) {
				t.Fatalf("%s=%q: %q", name, value, m.Text)
			}
		}
		if len(mistakes) == 0 {
			checkSettings(t, s)
		}
	})
}

// checkSettings: letters can be written, and what people will read is text.
func checkSettings(t *testing.T, s Settings) {
	t.Helper()
	w := mailer.Letters{From: s.MailFrom, UIT: s.UIT, Support: s.Support, Location: s.Location}
	at := time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	i := incident.Incident{Number: incident.NewNumber(2026, 1), RegisteredAt: at}
	if _, err := w.Escalation(i, incident.Escalation{Seq: 1, At: at}); err != nil {
		t.Fatalf("%q, %q: %v", s.MailFrom, s.UIT, err)
	}
	if _, wanted, err := w.SupportCopy(i); wanted != (s.Support != "") || err != nil {
		t.Fatalf("%q: %v", s.Support, err)
	}
	for _, text := range append(s.Organisations, s.Consent) {
		if !utf8.ValidString(text) {
			t.Fatalf("%q would be shown", text)
		}
	}
	if s.DraftTTL <= 0 || s.EscalationAfter <= 0 || s.AttachmentsMax < 0 || s.AttachmentsMax > attachmentsMost || s.Desk >= 0 {
		t.Fatalf("%+v", s)
	}
}
