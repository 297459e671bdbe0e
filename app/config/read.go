package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"intakebot/conversation"
	"intakebot/mailer"
)

// Mistake is what is wrong with a variable, in one line that names it.
type Mistake struct{ Variable, Text string }

// Read reads every variable by lookup (os.LookupEnv), or those named
// only, and returns all mistakes at once, a line each.
func Read(lookup func(string) (string, bool), only ...string) (Settings, []Mistake) {
	var s Settings
	var mistakes []Mistake
	for _, v := range variables {
		if len(only) > 0 && !slices.Contains(only, v.name) {
			continue
		}
		for _, text := range v.read(&s, lookup) {
			mistakes = append(mistakes, Mistake{v.name, text})
		}
	}
	if len(only) > 0 {
		return s, mistakes
	}
	if s.ConsentVersion == "" {
		s.setConsent(conversation.BuiltInConsent(s.SupportLine()))
		s.ConsentBuiltIn = true
	}
	if s.SMTP.HELO == "" {
		s.SMTP.HELO = mailer.HELOName(s.MailFrom)
	}
	return s, append(mistakes, s.contradictions(lookup)...)
}

// read sets one variable and returns what is wrong with it, a line a mistake.
func (v variable) read(s *Settings, lookup func(string) (string, bool)) (mistakes []string) {
	value, given, err := v.value(lookup)
	switch {
	case err != nil:
		return []string{fmt.Sprintf("%s: %v", v.name, err)}
	case value == "" && v.required:
		return []string{fmt.Sprintf("%s is required: %s", v.name, v.holds)}
	case value == "" && given && v.empty:
	case value == "" && v.ofLine != nil:
		value = v.ofLine(s.line())
	case value == "":
		value = v.standard
	}
	if value == "" && !v.empty {
		return nil
	}
	for _, err := range each(v.set(s, value)) {
		mistake := fmt.Sprintf("%s should hold %s", v.name, v.holds)
		if err != errHolds {
			mistake += ": " + err.Error()
		}
		mistakes = append(mistakes, mistake)
	}
	return mistakes
}

// each parts an error that was joined of several.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
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
func (s *Settings) contradictions(lookup func(string) (string, bool)) []Mistake {
	given := func(name string) bool {
		value, _ := lookup(name)
		file, _ := lookup(name + "_FILE")
		return value != "" || file != ""
	}
	var wrong []Mistake
	if s.WebhookURL != "" {
		if s.HTTPOff {
			wrong = append(wrong, Mistake{"HTTP_ADDR", "HTTP_ADDR is off and WEBHOOK_URL is set: the webhook needs an address to listen on"})
		}
		if s.WebhookSecret == "" && !given("WEBHOOK_SECRET") {
			wrong = append(wrong, Mistake{"WEBHOOK_SECRET", "WEBHOOK_SECRET is required with WEBHOOK_URL: 1 to 256 of A–Z a–z 0–9 _ -"})
		}
		// Telegram itself delivers to https only; a Bot API server of one's
		// own may be told a plain address.
		if strings.HasPrefix(s.WebhookURL, "http:") && s.APIURL == publicAPI {
			wrong = append(wrong, Mistake{"WEBHOOK_URL", "WEBHOOK_URL should hold an https address"})
		}
		if s.APIURL == publicAPI {
			wrong = append(wrong, webhookRefused(s.WebhookURL)...)
		}
	}
	if s.MetricsAddr != "" && s.MetricsAddr == s.HTTPAddr && !strings.HasSuffix(s.HTTPAddr, ":0") {
		wrong = append(wrong, Mistake{"METRICS_ADDR", "METRICS_ADDR is the same as HTTP_ADDR: it should hold another address, or nothing"})
	}
	if s.SMTP.Password != "" && !given("SMTP_USERNAME") {
		wrong = append(wrong, Mistake{"SMTP_USERNAME", "SMTP_USERNAME is required with SMTP_PASSWORD: the user for the mail relay"})
	}
	if s.SMTP.PasswordInClear() {
		wrong = append(wrong, Mistake{"SMTP_TLS", "SMTP_TLS should hold starttls or implicit with SMTP_USERNAME: the password would go unencrypted to another machine"})
	}
	return append(wrong, s.mailboxContradictions(given)...)
}

// mailboxContradictions are mistakes between the settings of the mailbox.
func (s *Settings) mailboxContradictions(given func(string) bool) (wrong []Mistake) {
	if !given("IMAP_HOST") {
		if s.IMAP.Username != "" || s.IMAP.Password != "" {
			wrong = append(wrong, Mistake{"IMAP_HOST", "IMAP_HOST is required with IMAP_USERNAME and IMAP_PASSWORD: the host name of the IMAP server"})
		}
		return wrong
	}
	for _, one := range []struct{ name, holds string }{
		{"IMAP_USERNAME", "the user for the mailbox"}, {"IMAP_PASSWORD", "the password for the mailbox"},
	} {
		if !given(one.name) {
			wrong = append(wrong, Mistake{one.name, one.name + " is required with IMAP_HOST: " + one.holds})
		}
	}
	if strings.EqualFold(s.IMAP.Folder, s.IMAP.Done) {
		wrong = append(wrong, Mistake{"IMAP_DONE_FOLDER", "IMAP_DONE_FOLDER is the same as IMAP_FOLDER: it should hold another folder"})
	}
	return wrong
}
