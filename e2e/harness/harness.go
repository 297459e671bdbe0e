package harness

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/app"
	"intakebot/app/config"
	"intakebot/app/monitor"
	"intakebot/bot/telegram"
	"intakebot/simulator"
)

const AsProgram = "INTAKEBOT_TEST_AS_PROGRAM"

// The boxes of the letters.
const (
	UITBox     = "uit@example.ru"
	SupportBox = "support@example.ru"
)

// Harness is one running program and its outside.
type Harness struct {
	testing.TB
	Telegram *simulator.Telegram
	Mail     *simulator.Mail
	Clock    *simulator.Clock
	Group    *simulator.Group
	Engineer *simulator.Must // reads the group
	Mailbox  *Mailbox        // with WithMailbox
	Env      map[string]string
	Program  app.Program
	Logged   *Record
	end      func() error

	redisServer *os.Process // with overRedis
	Commit      func(commit func() error) error

	Outside    simulator.Options
	GroupKind  []simulator.GroupOption
	limits     telegram.Limits
	Probation  time.Duration
	closed     bool // open is left to the test
	troubled   bool // errors in the log are expected
	Refusals   bool // Refusals by Telegram are expected
	Unanswered bool // presses may stay without an answer
}

// Option makes a harness other than usual.
type Option func(*Harness)

// With sets a variable of the environment.
func With(name, value string) Option { return func(h *Harness) { h.Env[name] = value } }

// UnderLimits: Telegram counts, and the program keeps its real pace.
func UnderLimits(h *Harness) {
	h.limits, h.Outside.Limits = telegram.PublicLimits, simulator.TelegramLimits()
}

// InBasicGroup: the support group is one that can become a supergroup.
func InBasicGroup(h *Harness) { h.GroupKind = append(h.GroupKind, simulator.Basic()) }

// InRealTime: the outside has no clock of its own, for processes of their own.
func InRealTime(h *Harness) { h.Clock = simulator.NewClock(time.Time{}) }

// Closed: the outside alone.
func Closed(h *Harness) { h.closed = true }

// InMemory: no connection leaves the process, so that the harness can stand in a
// synctest bubble, where days pass in a moment.
func InMemory(h *Harness) { h.Outside.InMemory = true }

// Troubled: something is going to break, so errors in the log and refusals by
// Telegram are no fault.
func Troubled(h *Harness) { h.troubled, h.Refusals, h.Unanswered = true, true, true }

// Monday is when the tests play: support's telephone is answered.
var Monday = time.Date(2026, 11, 23, 14, 5, 0, 0, time.FixedZone("", 5*60*60))

// Start starts the outside and the program. Everything ends with the test.
func Start(t testing.TB, options ...Option) *Harness {
	t.Helper()
	h := &Harness{TB: t, Logged: NewRecord(), Clock: simulator.NewClock(Monday), Env: map[string]string{}}
	for _, o := range options {
		o(h)
	}
	h.Outside.Now, h.Outside.Patience = h.Clock.Now, cmp.Or(h.Outside.Patience, Patience)
	h.Telegram = simulator.Start(h.Outside)
	t.Cleanup(h.Telegram.Close)
	h.Mail = simulator.StartMail(simulator.MailOptions{Now: h.Clock.Now, Patience: Patience, InMemory: h.Outside.InMemory})
	t.Cleanup(h.Mail.Close)
	h.Group = h.Telegram.Group("Техподдержка", h.GroupKind...)
	h.Engineer = h.Group.Staff("Игорь", "Соколов").Must(t)
	for name, value := range map[string]string{
		"TELEGRAM_BOT_TOKEN": h.Telegram.Token(),
		"TELEGRAM_API_URL":   h.Telegram.URL(),
		"SUPPORT_CHAT_ID":    strconv.FormatInt(h.Group.ID(), 10),
		"SQLITE_PATH":        filepath.Join(t.TempDir(), "incidents.db"),
		"SMTP_HOST":          h.Mail.Host(),
		"SMTP_PORT":          strconv.Itoa(h.Mail.Port()),
		"SMTP_TLS":           "none",
		"MAIL_FROM":          "Приём обращений <intake@example.ru>",
		"UIT_EMAIL":          UITBox,
		"SUPPORT_EMAIL":      SupportBox,
		"HTTP_ADDR":          "off",
		"LOG_LEVEL":          "debug",
	} {
		h.Env[name] = cmp.Or(h.Env[name], value)
	}
	t.Cleanup(h.inspect)
	if !h.closed {
		h.Open()
	}
	return h
}

// Patience is how long a test waits for what must happen; nothing is asserted
// about time by it.
const Patience = 30 * time.Second

// Open starts the program.
func (h *Harness) Open() {
	h.Helper()
	s, mistakes := config.Read(Lookup(h.Env))
	if len(mistakes) > 0 {
		h.Fatalf("settings: %q", mistakes)
	}
	if h.Mailbox != nil {
		// The server in memory forgets to tell of what comes just before IDLE.
		s.IMAP.Timeouts.Check = 50 * time.Millisecond
	}
	ctx, stop := context.WithCancel(context.Background())
	running, ended := make(chan app.Program, 1), make(chan error, 1)
	w := app.Options{Build: monitor.Build{Version: "dev"}, Now: h.Clock.Now, Limits: &h.limits, ListenFirst: &h.Probation, Commit: h.Commit, Running: func(p app.Program) { running <- p }}
	if h.Outside.InMemory {
		transport := &http.Transport{DialContext: h.Telegram.DialContext, MaxIdleConnsPerHost: 32}
		h.Cleanup(transport.CloseIdleConnections)
		w.Telegram, s.SMTP.Dial = transport, h.Mail.DialContext
	}
	go func() { ended <- app.Serve(ctx, s, app.NewLogger(s, h.Logged), w) }()
	h.end = sync.OnceValue(func() error { stop(); return <-ended })
	h.Cleanup(h.Close)
	select {
	case h.Program = <-running:
	case err := <-ended:
		stop()
		h.end = func() error { return err }
		h.Fatalf("serve: %v", err)
	}
}

// Close stops the program gracefully.
func (h *Harness) Close() {
	if err := h.end(); err != nil {
		h.Errorf("serve: %v", err)
	}
}

// Restart stops the program and starts it on the same data.
func (h *Harness) Restart() {
	h.Helper()
	h.Close()
	h.Open()
}

// Pass lets time go by.
func (h *Harness) Pass(d time.Duration) {
	h.Clock.Advance(d)
	h.Program.Bot.Kick()
	h.Program.Mail.Kick()
	h.Program.Alerter.Kick()
}

// inspect holds what must be true of every run: no secret and nothing of a
// person in the log, no error and no refusal that was not arranged for, no
// press left spinning.
func (h *Harness) inspect() {
	log := h.Logged.String()
	for _, leak := range h.Canaries().Found(log) {
		h.Error(leak)
	}
	if strings.Contains(log, "panic") || !h.troubled && strings.Contains(log, "level=ERROR") {
		h.Errorf("errors in the log")
	}
	for _, c := range h.Telegram.Calls() {
		// An edit that changes nothing that can be seen is harmless.
		if !h.Refusals && c.Status >= 400 && !bytes.Contains(c.Response, []byte("message is not modified")) {
			h.Errorf("Telegram refused %s %v: %s", c.Method, c.Params, c.Response)
		}
	}
	for _, m := range h.Telegram.Mistakes() {
		h.Errorf("a call that the Bot API does not know: %s", m)
	}
	if n := h.Telegram.Counters().Unanswered; !h.Unanswered && n > 0 {
		h.Errorf("%d presses were not answered", n)
	}
	if h.Failed() {
		h.Logf("the program's log:\n%s", log)
	}
}

// Within bounds a wait for something that must happen.
func (h *Harness) Within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	h.Cleanup(cancel)
	return ctx
}

func Lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := env[name]; return v, ok }
}
