package selfcheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"intakebot/app/config"
)

// mark is how a finding stands.
type mark int

const (
	good mark = iota
	warning
	fault
)

// String is the mark as the administrator sees it.
func (m mark) String() string { return [...]string{"✅", "⚠️", "❌"}[m] }

// finding is a line of the self-check: what was found, and what to do about it.
type finding struct {
	mark       mark
	text, todo string
}

// findings are what a check says; the three methods add to them.
type findings []finding

func (f *findings) ok(format string, args ...any) {
	*f = append(*f, finding{good, fmt.Sprintf(format, args...), ""})
}

func (f *findings) warn(todo, format string, args ...any) {
	*f = append(*f, finding{warning, fmt.Sprintf(format, args...), todo})
}

func (f *findings) fail(todo, format string, args ...any) {
	*f = append(*f, finding{fault, fmt.Sprintf(format, args...), todo})
}

// check is a row of the table of checks.
type check struct {
	title string
	needs []string // variables without which it cannot be made
	run   func(ctx context.Context, c *Checkup, f *findings)
}

// checks run side by side and are printed in this order.
var checks = []check{
	{"Telegram", []string{"TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL", "HTTPS_PROXY"}, checkTelegram},
	{"Redis", []string{"TELEGRAM_BOT_TOKEN", "REDIS_URL", "REDIS_PASSWORD"}, checkRedis},
	{"База обращений", []string{"SQLITE_PATH", "BACKUP_DIR"}, checkDatabase},
	{"Почта", []string{"SMTP_HOST", "SMTP_PORT", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_TLS", "SMTP_HELO", "MAIL_FROM", "TIMEZONE"}, checkMail},
	{"Почтовый ящик", []string{"IMAP_HOST", "IMAP_PORT", "IMAP_USERNAME", "IMAP_PASSWORD", "IMAP_TLS", "IMAP_FOLDER", "IMAP_DONE_FOLDER"}, checkMailbox},
	{"Тексты и адреса", []string{"MAIL_FROM", "UIT_EMAIL", "SUPPORT_EMAIL", "ALERT_EMAIL", "ORGANISATIONS_FILE", "CONSENT_FILE", "TIMEZONE", "WORK_DAYS", "CALENDAR_FILE"}, checkRest},
}

// Checkup is what the checks look at.
type Checkup struct {
	config.Settings
	mistakes []config.Mistake
	send     string // the trial letter's recipient, "" for none
	Within   time.Duration
	Now      func() time.Time
}

// The most that the self-check may take, without and with a letter: a mail
// server may think about one for a long time.
const (
	checkWithin = 20 * time.Second
	sendWithin  = 90 * time.Second
)

func New(lookup func(string) (string, bool), send string) *Checkup {
	c := &Checkup{send: send, Within: checkWithin, Now: time.Now}
	if send != "" {
		c.Within = sendWithin
	}
	c.Settings, c.mistakes = config.Read(lookup)
	return c
}

// Report runs the checks and prints what they found.
func (c *Checkup) Report(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	sections := make([]findings, len(checks))
	var all sync.WaitGroup
	for i, one := range checks {
		all.Go(func() { c.make(ctx, one, &sections[i]) })
	}
	all.Wait()
	var count [fault + 1]int
	c.print(out, "Настройки", c.settings(), &count)
	for i, one := range checks {
		c.print(out, one.title, sections[i], &count)
	}
	return c.verdict(out, count)
}

// make runs one check, unless settings that it needs are wrong.
func (c *Checkup) make(ctx context.Context, one check, f *findings) {
	for _, name := range one.needs {
		if c.wrong(name) {
			f.warn("Исправьте "+name+" и повторите.", "не проверено")
			return
		}
	}
	one.run(ctx, c, f)
}

// wrong says whether there is a mistake in a variable.
func (c *Checkup) wrong(variable string) bool {
	return slices.ContainsFunc(c.mistakes, func(m config.Mistake) bool { return m.Variable == variable })
}

func (c *Checkup) settings() (f findings) {
	for _, m := range c.mistakes {
		f.fail(settingTodo[m.Variable], "%s", m.Text)
	}
	if len(f) == 0 {
		f.ok("читаются")
	}
	return f
}

func (c *Checkup) print(out io.Writer, title string, found findings, count *[fault + 1]int) {
	fmt.Fprintf(out, "%s\n", title)
	for _, f := range found {
		count[f.mark]++
		fmt.Fprintf(out, "  %s %s\n", f.mark, f.text)
		if f.todo != "" {
			fmt.Fprintf(out, "     → %s\n", f.todo)
		}
	}
}

// ErrSettings is for exit code 2, errFound for 1; what was found is printed.
var ErrSettings = errors.New("intakebot: settings are wrong, see above")

var errFound = fmt.Errorf("the self-check found problems, see above")

func (c *Checkup) verdict(out io.Writer, count [fault + 1]int) error {
	fmt.Fprintf(out, "\nВ порядке: %d, предупреждений: %d, ошибок: %d.\n", count[good], count[warning], count[fault])
	switch {
	case len(c.mistakes) > 0:
		return ErrSettings
	case count[fault] > 0:
		return errFound
	}
	return nil
}

// location is the zone of the times shown, also while TIMEZONE is wrong.
func (c *Checkup) location() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

// discard is for what speaks by its findings.
var discard = slog.New(slog.DiscardHandler)
