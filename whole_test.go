package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intakebot/bot"
	"intakebot/simulator"
)

// The tests in files whole_… start the program as production does, by serve or
// as a process of its own, between a simulated Telegram and a simulated mail
// relay, and look at nothing but what people, servers and operators see.

// TestMain is also the program itself: a test that needs a process to kill
// starts its own binary with asProgram in the environment.
func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
	case unpaced:
		os.Exit(runUnpaced())
	default:
		os.Exit(Main(Build{Version: "dev"}, demoCommand))
	}
	// These tests wait far more than they work.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		removeKillable()
		os.Exit(code)
	}))
}

const asProgram = "INTAKEBOT_TEST_AS_PROGRAM"

// The boxes of the letters.
const (
	uitBox     = "uit@example.ru"
	supportBox = "support@example.ru"
)

// house is one running program and its outside.
type house struct {
	testing.TB
	telegram *simulator.Telegram
	mail     *simulator.Mail
	clock    *simulator.Clock
	group    *simulator.Group
	engineer *simulator.Must // reads the group
	env      map[string]string
	parts    parts
	log      *record
	end      func() error

	redisServer *os.Process // with overRedis
	commit      func(commit func() error) error

	outside    simulator.Options
	groupKind  []simulator.GroupOption
	limits     bot.Limits
	probation  time.Duration
	closed     bool // open is left to the test
	troubled   bool // errors in the log are expected
	refusals   bool // refusals by Telegram are expected
	unanswered bool // presses may stay without an answer
}

// option makes a house other than usual.
type option func(*house)

// with sets a variable of the environment.
func with(name, value string) option { return func(h *house) { h.env[name] = value } }

// underLimits: Telegram counts, and the program keeps its real pace.
func underLimits(h *house) {
	h.limits, h.outside.Limits = bot.TelegramLimits, simulator.TelegramLimits()
}

// inBasicGroup: the support group is one that can become a supergroup.
func inBasicGroup(h *house) { h.groupKind = append(h.groupKind, simulator.Basic()) }

// inRealTime: the outside has no clock of its own, for processes of their own.
func inRealTime(h *house) { h.clock = simulator.NewClock(time.Time{}) }

// closed: the outside alone.
func closed(h *house) { h.closed = true }

// inMemory: no connection leaves the process, so that the house can stand in a
// synctest bubble, where days pass in a moment.
func inMemory(h *house) { h.outside.InMemory = true }

// troubled: something is going to break, so errors in the log and refusals by
// Telegram are no fault.
func troubled(h *house) { h.troubled, h.refusals, h.unanswered = true, true, true }

// aMonday is when the tests play: support's telephone is answered.
var aMonday = time.Date(2026, 11, 23, 14, 5, 0, 0, time.FixedZone("", 5*60*60))

// startHouse starts the outside and the program. Everything ends with the test.
func startHouse(t testing.TB, options ...option) *house {
	t.Helper()
	h := &house{TB: t, log: newRecord(), clock: simulator.NewClock(aMonday), env: map[string]string{}}
	for _, o := range options {
		o(h)
	}
	h.outside.Now, h.outside.Patience = h.clock.Now, cmp.Or(h.outside.Patience, patience)
	h.telegram = simulator.Start(h.outside)
	t.Cleanup(h.telegram.Close)
	h.mail = simulator.StartMail(simulator.MailOptions{Now: h.clock.Now, Patience: patience, InMemory: h.outside.InMemory})
	t.Cleanup(h.mail.Close)
	h.group = h.telegram.Group("Техподдержка", h.groupKind...)
	h.engineer = h.group.Staff("Игорь", "Соколов").Must(t)
	for name, value := range map[string]string{
		"TELEGRAM_BOT_TOKEN": h.telegram.Token(),
		"TELEGRAM_API_URL":   h.telegram.URL(),
		"SUPPORT_CHAT_ID":    strconv.FormatInt(h.group.ID(), 10),
		"SQLITE_PATH":        filepath.Join(t.TempDir(), "incidents.db"),
		"SMTP_HOST":          h.mail.Host(),
		"SMTP_PORT":          strconv.Itoa(h.mail.Port()),
		"SMTP_TLS":           "none",
		"MAIL_FROM":          "Приём обращений <intake@example.ru>",
		"UIT_EMAIL":          uitBox,
		"SUPPORT_EMAIL":      supportBox,
		"HTTP_ADDR":          "off",
		"LOG_LEVEL":          "debug",
	} {
		h.env[name] = cmp.Or(h.env[name], value)
	}
	t.Cleanup(h.inspect)
	if !h.closed {
		h.open()
	}
	return h
}

// patience is how long a test waits for what must happen; nothing is asserted
// about time by it.
const patience = 30 * time.Second

// open starts the program.
func (h *house) open() {
	h.Helper()
	s, mistakes := readSettings(lookup(h.env))
	if len(mistakes) > 0 {
		h.Fatalf("settings: %q", mistakes)
	}
	ctx, stop := context.WithCancel(context.Background())
	running, ended := make(chan parts, 1), make(chan error, 1)
	w := world{build: Build{Version: "dev"}, now: h.clock.Now, limits: &h.limits, probation: &h.probation, commit: h.commit, running: func(p parts) { running <- p }}
	if h.outside.InMemory {
		transport := &http.Transport{DialContext: h.telegram.DialContext, MaxIdleConnsPerHost: 32}
		h.Cleanup(transport.CloseIdleConnections)
		w.telegram, s.SMTP.Dial = transport, h.mail.DialContext
	}
	go func() { ended <- serve(ctx, s, logger(s, h.log), w) }()
	h.end = sync.OnceValue(func() error { stop(); return <-ended })
	h.Cleanup(h.close)
	select {
	case h.parts = <-running:
	case err := <-ended:
		stop()
		h.end = func() error { return err }
		h.Fatalf("serve: %v", err)
	}
}

// close stops the program gracefully.
func (h *house) close() {
	if err := h.end(); err != nil {
		h.Errorf("serve: %v", err)
	}
}

// restart stops the program and starts it on the same data.
func (h *house) restart() {
	h.Helper()
	h.close()
	h.open()
}

// pass lets time go by.
func (h *house) pass(d time.Duration) {
	h.clock.Advance(d)
	h.parts.bot.Kick()
	h.parts.mail.Kick()
	h.parts.watchman.Kick()
}

// inspect holds what must be true of every run: no secret and nothing of a
// person in the log, no error and no refusal that was not arranged for, no
// press left spinning.
func (h *house) inspect() {
	log := h.log.String()
	for _, leak := range h.canaries().found(log) {
		h.Error(leak)
	}
	if strings.Contains(log, "panic") || !h.troubled && strings.Contains(log, "level=ERROR") {
		h.Errorf("errors in the log")
	}
	for _, c := range h.telegram.Calls() {
		// An edit that changes nothing that can be seen is harmless.
		if !h.refusals && c.Status >= 400 && !bytes.Contains(c.Response, []byte("message is not modified")) {
			h.Errorf("Telegram refused %s %v: %s", c.Method, c.Params, c.Response)
		}
	}
	if n := h.telegram.Counters().Unanswered; !h.unanswered && n > 0 {
		h.Errorf("%d presses were not answered", n)
	}
	if h.Failed() {
		h.Logf("the program's log:\n%s", log)
	}
}

// within bounds a wait for something that must happen.
func (h *house) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	h.Cleanup(cancel)
	return ctx
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := env[name]; return v, ok }
}
