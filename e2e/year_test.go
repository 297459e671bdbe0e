package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/app"
	"intakebot/app/config"
	"intakebot/bot/telegram"
	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// year is one seed: the program, its outside, and who plays with it. Only the
// goroutine of the test drives it.
type year struct {
	testing.TB
	*rand.Rand
	ledger   *harness.Ledger
	telegram *simulator.Telegram
	mail     *simulator.Mail
	group    *simulator.Group
	store    *memoryDrafts
	log      *harness.Record
	// outside is the time of the world, inside that of the machine on which
	// the program runs.
	outside, inside *simulator.Clock
	settings        config.Settings
	limits          telegram.Limits

	people  []*somebody
	staff   []*simulator.Actor
	crashes int
	peace   bool // lives do not end by themselves any more

	mu   sync.Mutex
	life *life // nil while the program is down
}

// begins are when a year can begin, by the clock of its people: the last of
// them change the year within hours.
var begins = []time.Time{
	harness.Monday,
	time.Date(2026, 11, 27, 16, 40, 0, 0, harness.Monday.Location()),
	time.Date(2028, 2, 28, 22, 0, 0, 0, harness.Monday.Location()),
	time.Date(2026, 12, 31, 20, 0, 0, 0, harness.Monday.Location()),
	time.Date(2027, 12, 31, 23, 55, 0, 0, harness.Monday.Location()),
}

func beginYear(t *testing.T, seed uint64, folder string) *year {
	y := &year{TB: t, Rand: rand.New(rand.NewPCG(seed, 0)), ledger: &harness.Ledger{}, log: harness.NewRecord()}
	begin := begins[y.IntN(len(begins))]
	y.outside, y.inside = simulator.NewClock(begin), simulator.NewClock(begin)
	outside := simulator.Options{Now: y.outside.Now, InMemory: true, KeepCalls: 1e6, PrivacyMode: true, WebhookTransport: y}
	if y.IntN(3) == 0 {
		y.limits, outside.Limits = telegram.PublicLimits, simulator.TelegramLimits()
	}
	y.telegram = simulator.Start(outside)
	y.group = y.telegram.Group("Техподдержка")
	secure := simulator.MailOptions{Username: "intake", Password: "relay-secret", StartTLS: true}
	relay := simulator.MailOptions{}
	if y.IntN(2) == 0 {
		relay = secure
	}
	relay.Now, relay.InMemory = y.outside.Now, true
	y.mail = simulator.StartMail(relay)
	y.settings = y.readSettings(folder, relay)
	y.store = &memoryDrafts{ttl: y.settings.DraftTTL, now: y.inside.Now}
	y.ledger.Secrets = []string{"relay-secret", "hook-secret"}
	y.meet()
	t.Cleanup(func() { // within the bubble: all its goroutines must end
		y.ends("the seed is over")
		y.telegram.Close()
		y.mail.Close()
	})
	y.note("seed %d begins at %s; limits %v, webhook %v, relay with TLS %v", seed, begin.Format(time.DateTime), y.limits.All.Count > 0, y.settings.WebhookURL != "", relay.StartTLS)
	y.born()
	return y
}

func (y *year) readSettings(folder string, relay simulator.MailOptions) config.Settings {
	s, mistakes := config.Read(harness.Lookup(map[string]string{
		"TELEGRAM_BOT_TOKEN": y.telegram.Token(), "TELEGRAM_API_URL": y.telegram.URL(),
		"SUPPORT_CHAT_ID": strconv.FormatInt(y.group.ID(), 10), "SQLITE_PATH": filepath.Join(folder, "incidents.db"),
		"SMTP_HOST": y.mail.Host(), "SMTP_PORT": strconv.Itoa(y.mail.Port()), "SMTP_TLS": "starttls",
		"SMTP_USERNAME": relay.Username, "SMTP_PASSWORD": relay.Password,
		"MAIL_FROM": "Приём обращений <intake@example.ru>", "UIT_EMAIL": harness.UITBox, "SUPPORT_EMAIL": harness.SupportBox,
		"UIT_CLOSING_LETTER": "on", "HTTP_ADDR": "off", "LOG_LEVEL": "debug",
	}))
	if len(mistakes) > 0 {
		y.Fatalf("settings: %q", mistakes)
	}
	if s.SMTP.RootCAs = y.mail.CertPool(); !relay.StartTLS {
		s.SMTP.TLS = "none" // the network of this world leaves no machine
	}
	if y.IntN(3) == 0 {
		s.WebhookURL, s.WebhookSecret = "https://intake.example.ru/hook", "hook-secret"
	}
	return s
}

// note adds to the story what happens to all.
func (y *year) note(format string, args ...any) { y.ledger.Note(y.outside.Now(), 0, format, args...) }

// born starts the program, again when it dies of starting.
func (y *year) born() {
	for !y.starts() {
	}
}

// starts begins a life; false when it ended before its first update.
func (y *year) starts() bool {
	l := &life{
		transport: &http.Transport{DialContext: y.telegram.DialContext, MaxIdleConnsPerHost: 32},
		relay:     y.mail.DialContext, store: y.store, ended: make(chan error, 1), fuse: fuses[y.IntN(len(fuses))],
	}
	l.fuse.left = 1 + y.IntN(l.fuse.left)
	if y.peace {
		l.fuse = fuse{}
	}
	s := y.settings
	s.SMTP.Dial = l.dial
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	y.ledger.Started(y.outside.Now())
	y.note("the program starts; it may die at %q, the time %d", l.fuse.point, l.fuse.left)
	running := make(chan app.Program, 1)
	w := app.Options{
		Now: y.inside.Now, Limits: &y.limits, Drafts: mortalDrafts{l}, Telegram: l,
		Commit:  func(commit func() error) error { return l.passes("commit", commit) },
		Running: func(p app.Program) { running <- p },
	}
	go func() { l.ended <- app.Serve(ctx, s, app.NewLogger(s, y.log), w) }()
	select {
	case l.parts = <-running:
	case err := <-l.ended:
		stop()
		l.transport.CloseIdleConnections()
		if !errors.Is(err, errDead) {
			y.Fatalf("the program does not start: %v", err)
		}
		y.note("the program died while it started")
		return false
	}
	y.mu.Lock()
	y.life = l
	y.mu.Unlock()
	return true
}

// ends kills the program if it is alive still, and clears away what is left.
func (y *year) ends(why string) {
	l := y.alive()
	if l == nil {
		return
	}
	l.die(why)
	_ = y.buried(l)
	y.note("the program died: %s", l.died())
}

func (y *year) buried(l *life) error {
	l.stop()
	err := <-l.ended
	l.transport.CloseIdleConnections()
	y.mu.Lock()
	y.life = nil
	y.mu.Unlock()
	return err
}

// alive is the present life, nil when there is none.
func (y *year) alive() *life {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.life
}

// crash ends a life and begins the next.
func (y *year) crash(why string) {
	y.ends(why)
	y.crashes++
	if y.IntN(4) == 0 {
		y.passes(time.Duration(y.IntN(600)) * time.Second)
	}
	y.born()
}

// restarts stops the program gracefully and starts it again.
func (y *year) restarts() {
	l := y.alive()
	y.note("the program is stopped gracefully")
	if err := y.buried(l); err != nil && l.died() == "" {
		y.Errorf("the program ended with %v", err)
	}
	y.born()
}

// RoundTrip brings a webhook's update to the program.
func (y *year) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	l := y.alive()
	if l == nil || l.died() != "" {
		return nil, errDead
	}
	answer := httptest.NewRecorder()
	l.parts.Bot.ServeHTTP(answer, r)
	if l.died() != "" {
		return nil, errDead
	}
	return answer.Result(), nil
}

// passes lets time go by for everybody.
func (y *year) passes(d time.Duration) {
	y.outside.Advance(d)
	y.inside.Advance(d)
	y.kick()
}

// kick: the loops of the program look at the clock.
func (y *year) kick() {
	if l := y.alive(); l != nil {
		l.parts.Bot.Kick()
		l.parts.Mail.Kick()
	}
}

// plays lets people, staff and weather have their way.
func (y *year) plays() {
	const steps = 250
	down := 0
	for range steps {
		y.step()
		switch l := y.alive(); {
		case l.died() == "":
			down = 0
			y.outlived(l)
		case down > y.IntN(4):
			down = 0
			y.crash("")
		default:
			down++
		}
	}
}

// outlived: a program that is not dead must not have ended.
func (y *year) outlived(l *life) {
	select {
	case err := <-l.ended:
		y.Fatalf("the program ended by itself: %v\n%s", err, y.log)
	default:
	}
}

func (y *year) step() {
	switch n := y.IntN(100); {
	case n < 45:
		y.people[y.IntN(len(y.people))].acts()
	case n < 65:
		y.deskActs()
	case n < 80:
		y.weather()
	case n < 90:
		y.timePasses()
	case n < 95:
		y.alive().die("at rest")
	case n < 97:
		if y.alive().died() == "" {
			y.restarts()
		}
	}
	switch n := y.IntN(10); {
	case n < 6:
		synctest.Wait()
	case n < 8:
		time.Sleep(time.Duration(y.IntN(6000)) * time.Millisecond)
	}
}

// timePasses: minutes most of the time, hours often, now and then days. While
// updates wait at Telegram it must not be a day in all: they are forgotten by
// then.
func (y *year) timePasses() {
	d := time.Duration(1+y.IntN(20)) * time.Minute
	long := []time.Duration{time.Duration(1+y.IntN(6)) * time.Hour, time.Duration(10+y.IntN(50)) * time.Hour}
	if k := y.IntN(6); k < len(long) && y.alive().died() == "" {
		synctest.Wait() // what is on its way is confirmed first
		if y.telegram.Counters().Pending == 0 {
			d = long[k]
		}
	}
	y.note("%v go by", d)
	y.passes(d)
}

// calms ends all that fails and lets the program finish; then everybody does
// once more what the program is for.
func (y *year) calms() {
	y.note("all is well from here")
	y.clears()
	y.peace = true
	y.alive().light(fuse{})
	if y.alive().died() != "" {
		y.crash("")
	}
	y.drains()
	for _, p := range y.people {
		p.finishes()
	}
	y.deskFinishes()
	y.drains()
}

// drains waits until nothing is left to do. The longest pause between two
// attempts is half an hour by the clock, the longest wait for an answer a
// quarter of an hour by the timers.
func (y *year) drains() {
	const rounds = 40
	left := ""
	for round := range rounds {
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if left = y.left(); left == "" {
			return
		}
		if round >= 2 {
			time.Sleep(30 * time.Second)
			y.passes(2 * time.Minute)
		}
	}
	y.Errorf("long after the last fault something is left: %s\n%s", left, y.ledger.About("", 0))
}

// left is what waits still, "" for nothing.
func (y *year) left() string {
	ctx := context.Background()
	l := y.alive()
	y.outlived(l)
	var left []string
	if n := y.telegram.Counters().Pending; n > 0 {
		left = append(left, fmt.Sprintf("%d updates at Telegram", n))
	}
	counts, err := l.parts.Register.Counts(ctx)
	if err != nil {
		y.Fatal(err)
	}
	if counts.Waiting > 0 {
		left = append(left, fmt.Sprintf("%d updates in the inbox", counts.Waiting))
	}
	for ch, o := range counts.Outbox {
		if o.Pending > 0 {
			left = append(left, fmt.Sprintf("%d rows in the outbox of %s", o.Pending, ch))
		}
	}
	stale, err := l.parts.Register.StaleCards(ctx, false, 1)
	if err != nil {
		y.Fatal(err)
	}
	if len(stale) > 0 {
		left = append(left, "a stale card of "+string(stale[0].Incident.Number))
	}
	return strings.Join(left, ", ")
}

// judged asks the oracle.
func (y *year) judged() {
	o := harness.Oracle{
		Telegram: y.telegram, Mail: y.mail, Group: y.staff[0], Database: y.settings.SQLitePath, Log: y.log.String(),
		Ledger: y.ledger, Uit: harness.UITBox, Support: harness.SupportBox, Location: y.settings.Location, Now: y.inside.Now(),
	}
	found, err := o.Judge(context.Background())
	if err != nil {
		y.Fatal(err)
	}
	for _, violation := range found {
		y.Error(violation)
	}
	for _, m := range y.telegram.Mistakes() {
		y.Errorf("a call that the Bot API does not know: %s", m)
	}
	if y.Failed() {
		const most = 20_000
		log := y.log.String()
		y.Logf("the end of the program's log:\n%s", log[max(0, len(log)-most):])
	}
}
