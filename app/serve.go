package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"intakebot/app/config"
	"intakebot/app/monitor"
	"intakebot/bot"
	"intakebot/bot/desk"
	"intakebot/bot/inbox"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/mailer"
	"intakebot/mailer/mailbox"
	"intakebot/storage"
)

// Options is what a demonstration or a test gives serve in place of the real
// one. Zero Options are the real world.
type Options struct {
	Build  monitor.Build
	Now    func() time.Time
	Limits *telegram.Limits
	// Drafts are kept here instead of in Redis; serve closes them.
	Drafts Drafts
	// Telegram carries the calls to Telegram.
	Telegram http.RoundTripper
	// ListenFirst replaces inbox.ListenFirst.
	ListenFirst *time.Duration
	// Commit stands around every commit of the register.
	Commit func(commit func() error) error
	// Running is called when everything is open, before the first update.
	Running func(Program)
}

// Program are the opened rooms.
type Program struct {
	Register *storage.Register
	Drafts   Drafts
	Bot      *bot.Bot
	Mail     *mailer.Worker
	Mailbox  *mailbox.Box     // nil when no mailbox is read
	Alerter  *monitor.Alerter // nil when nobody is to be told
	backups  *backups         // nil when nobody wants any
	// registerPath is SQLITE_PATH.
	registerPath string
	Metrics      *monitor.Metrics
	HTTPAddr     net.Addr // of HTTP_ADDR, nil when nothing is served there
	MetricsAddr  net.Addr // of METRICS_ADDR
}

// Drafts is the store of live conversations, as the whole program needs it.
type Drafts interface {
	bot.Drafts
	// Count is the number of live conversations.
	Count(ctx context.Context) (int, error)
	Ping(ctx context.Context) error
	Close() error
}

// Serve opens the rooms, wires them, waits, and closes them in reverse. It
// returns nil after a graceful stop.
func Serve(ctx context.Context, s config.Settings, log *slog.Logger, w Options) error {
	if w.Now == nil {
		w.Now = time.Now
	}
	err := serve(ctx, s, log, w)
	if err != nil && ctx.Err() == nil {
		tellStopped(ctx, s, letters(s), w.Now(), err, log)
	}
	return err
}

// letters writes the letters of these settings.
func letters(s config.Settings) mailer.Letters {
	return mailer.Letters{From: s.MailFrom, UIT: s.UIT, Support: s.Support, TellSolutions: s.ClosingLetter, AnswersHere: s.IMAP.Host != "", Alert: s.Alert, Line: s.SupportLine(), Location: s.Location, Site: s.BotID(), AttachmentsMax: s.AttachmentsMax}
}

func serve(ctx context.Context, s config.Settings, log *slog.Logger, w Options) (err error) {
	limits := s.Limits
	if w.Limits != nil {
		limits = *w.Limits
	}
	listenFirst := inbox.ListenFirst
	if w.ListenFirst != nil {
		listenFirst = *w.ListenFirst
	}
	warn(s, log)

	m := monitor.NewMetrics(monitor.Build{Version: w.Build.Version, Commit: builtFrom(w.Build)}, turnOutcomes())
	drafts, err := openDrafts(ctx, s, log, w, m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drafts.Close()) }()
	if err := registerThere(s); err != nil {
		return err
	}
	register, err := storage.Open(ctx, s.SQLitePath, storage.Options{Location: s.Location, Logger: log, Now: w.Now, Observe: m.OfSQLite, Commit: w.Commit, KeepLetters: s.IMAP.Host != ""})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, register.Close()) }()

	if err := register.ConsentText(ctx, s.ConsentVersion, s.Consent); err != nil {
		return err
	}

	writer := letters(s)
	mail := &mailer.Worker{Outbox: register, Deliver: m.Delivering(s.SMTP.Deliver), Now: w.Now, Logger: log}
	talker, err := bot.New(bot.Config{
		Token: s.Token, APIURL: s.APIURL, FilesURL: s.FilesURL, Desk: s.Desk, DeskThread: s.DeskThread, Terms: s.Duties, Dialogue: dialogue(s, writer),
		Stores: stores(register), Drafts: drafts, Letters: writer, LettersQueued: mail.Kick,
		Mailbox: readMail(s, writer), Webhook: webhook(s), Limits: limits, ListenFirst: listenFirst, Now: w.Now, NewID: rand.Text, Transport: w.Telegram,
		Proxy: s.Proxies(), Meter: meter{m}, Logger: log,
	})
	if err != nil {
		return err
	}
	mail.Messages, mail.OnLetterDone, mail.Alarm = talker.LetterMessages, talker.OnLetterDone, talker.MailOutage
	p := Program{Register: register, Drafts: drafts, Bot: talker, Mail: mail, Metrics: m, registerPath: s.SQLitePath}
	p.Mailbox = watchMail(s, register, talker.MailArrived, w.Now, log)
	if s.BackupDir != "" {
		p.backups = &backups{register: register.Reader, path: s.SQLitePath, folder: s.BackupDir, now: w.Now, log: log, began: w.Now()}
	}
	sources := p.sources(w.Now)
	m.Watch(sources)
	if s.Alert != "" {
		p.Alerter = monitor.NewAlerter(monitor.AlerterOptions{
			Probes: append(sources.Needed, p.watched()...), Letters: writer, Register: register,
			Queued: mail.Kick, Deliver: mail.Deliver, Now: w.Now, Logger: log,
		})
	}
	return p.run(ctx, s, log, w)
}

// openDrafts opens Redis, or takes the store that Options give.
func openDrafts(ctx context.Context, s config.Settings, log *slog.Logger, w Options, m *monitor.Metrics) (Drafts, error) {
	if w.Drafts != nil {
		return w.Drafts, nil
	}
	d, err := storage.OpenDrafts(ctx, storage.DraftsOptions{
		URL: s.RedisURL, Prefix: s.BotID() + ":", TTL: s.DraftTTL, Logger: log, Now: w.Now, Observe: m.OfRedis,
	})
	if err != nil {
		return nil, err
	}
	warnEviction(ctx, d, log)
	return d, nil
}

// mailLinger is how long the mail worker waits for the bot's last letters when
// the program stops; then it has some seconds for those under way. Later ones
// go after the next start.
const mailLinger = 2 * time.Second

// run keeps the rooms going until ctx ends or one of them cannot go on. The
// mail worker stops last: the bot may still have letters for it.
func (p Program) run(ctx context.Context, s config.Settings, log *slog.Logger, w Options) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	defer all.Wait()
	for _, l := range listeners(s, monitor.Handler(p.sources(w.Now), p.Metrics, log), p.Metrics.CountingWebhook(p.Bot)) {
		shut, err := l.open(log, stop)
		if err != nil {
			return err
		}
		if l.variable == "METRICS_ADDR" {
			p.MetricsAddr = l.at
		} else {
			p.HTTPAddr = l.at
		}
		defer func() {
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			shut(grace)
		}()
	}
	mail, stopMail := context.WithCancel(context.WithoutCancel(ctx))
	defer stopMail()
	// Both may take their time to stop, but not one after the other.
	defer context.AfterFunc(ctx, func() { time.AfterFunc(mailLinger, stopMail) })()
	all.Go(func() { _ = p.Mail.Run(mail) })
	// These end before the rooms that they look at, however the bot ends.
	aside, stopAside := context.WithCancel(ctx)
	defer stopAside()
	all.Go(func() { verifying(aside, p.Register.Verify, stop) })
	if s.Duties.Retention != (desk.Retention{}) {
		all.Go(func() { removeReplaced(aside, s, w.Now, log) })
	}
	if p.backups != nil {
		all.Go(func() { p.backups.run(aside) })
	}
	if p.Mailbox != nil {
		all.Go(func() { _ = p.Mailbox.Run(aside) })
	}
	if p.Alerter != nil {
		all.Go(func() { p.Alerter.Run(aside) })
	}
	if w.Running != nil {
		w.Running(p)
	}
	log.Info("running", "version", w.Build.Version, "http", s.HTTPAddr)
	err := p.Bot.Run(ctx)
	stopMail()
	log.Info("stopped")
	if err == nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
	}
	return err
}

// warn says at the start what an administrator should know.
func warn(s config.Settings, log *slog.Logger) {
	support := s.Support
	if support == "" {
		support = "nobody"
	}
	log.Info("letters go to real boxes: confirm them before going live", "uit", s.UIT, "support", support)
	if s.ConsentBuiltIn {
		log.Warn("the consent text is the built-in draft: set CONSENT_FILE to the customer's own")
	}
	if s.BackupDir == "" {
		log.Warn("no BACKUP_DIR: nobody copies the register")
	}
	if s.RedisURL == "" {
		log.Warn("no REDIS_URL: unfinished drafts are lost at a restart, registered incidents never")
	}
}

// warnEviction: a Redis that may drop keys when it is short of memory drops
// drafts. One that does not answer now is asked no more.
func warnEviction(ctx context.Context, drafts *storage.Drafts, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if policy, err := drafts.Policy(ctx); err == nil && policy != "noeviction" {
		log.Warn("redis may drop drafts when memory is short: set maxmemory-policy to noeviction", "policy", policy)
	}
}

// webhook is how Telegram delivers, nil for polling.
func webhook(s config.Settings) *telegram.Webhook {
	if s.WebhookURL == "" {
		return nil
	}
	return &telegram.Webhook{URL: s.WebhookURL, Secret: s.WebhookSecret}
}

func dialogue(s config.Settings, w mailer.Letters) *conversation.Dialogue {
	return &conversation.Dialogue{
		Line: s.SupportLine(), Calendar: s.Calendar, Location: s.Location, Quiet: s.Quiet, DraftTTL: s.DraftTTL,
		Consent: s.Consent, ConsentVersion: s.ConsentVersion,
		EscalationAfter: s.EscalationAfter, EscalationPause: s.EscalationRepeatAfter,
		Organisations: s.Organisations, Preview: w.EscalationPreview, AnswersHere: w.AnswersHere,
	}
}
