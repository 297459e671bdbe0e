package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"intakebot/bot"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/mailer"
	"intakebot/storage"
)

// world is what a demonstration or a test gives serve in place of the real
// one. The zero world is the real one.
type world struct {
	build  Build
	now    func() time.Time
	limits *bot.Limits
	// drafts are kept here instead of in Redis; serve closes them.
	drafts drafts
	// telegram carries the calls to Telegram.
	telegram http.RoundTripper
	// probation replaces bot.Probation.
	probation *time.Duration
	// commit stands around every commit of the register.
	commit func(commit func() error) error
	// running is called when everything is open, before the first update.
	running func(parts)
}

// parts are the opened rooms.
type parts struct {
	register *storage.Register
	drafts   drafts
	bot      *bot.Bot
	mail     *mailer.Worker
	watchman *watchman // nil when nobody is to be told
	copies   *copies   // nil when nobody wants any
	metrics  *metrics
	http     net.Addr // of HTTP_ADDR, nil when nothing is served there
	looks    net.Addr // of METRICS_ADDR
}

// drafts is the store of live conversations, as the whole program needs it.
type drafts interface {
	bot.Drafts
	// Count is the number of live conversations.
	Count(ctx context.Context) (int, error)
	Ping(ctx context.Context) error
	Close() error
}

// serve opens the rooms, wires them, waits, and closes them in reverse. It
// returns nil after a graceful stop.
func serve(ctx context.Context, s Settings, log *slog.Logger, w world) (err error) {
	if w.now == nil {
		w.now = time.Now
	}
	limits := bot.TelegramLimits
	if w.limits != nil {
		limits = *w.limits
	}
	probation := bot.Probation
	if w.probation != nil {
		probation = *w.probation
	}
	warn(s, log)

	m := NewMetrics(Build{w.build.Version, builtFrom(w.build)}, turnOutcomes())
	drafts, err := openDrafts(ctx, s, log, w, m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drafts.Close()) }()
	register, err := storage.Open(ctx, s.SQLitePath, storage.Options{Location: s.Location, Logger: log, Now: w.now, Observe: m.OfSQLite, Commit: w.commit})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, register.Close()) }()

	if err := register.ConsentText(ctx, s.ConsentVersion, s.Consent); err != nil {
		return err
	}

	writer := mailer.Letters{From: s.MailFrom, UIT: s.UIT, Support: s.Support, TellSolutions: s.ClosingLetter, Alert: s.Alert, Location: s.Location, Site: s.botID(), AttachmentsMax: s.AttachmentsMax}
	mail := &mailer.Worker{Outbox: register, Deliver: m.Delivering(s.SMTP.Deliver), Now: w.now, Logger: log}
	telegram, err := bot.New(bot.Config{
		Token: s.Token, APIURL: s.APIURL, Desk: s.Desk, DeskThread: s.DeskThread, Duties: s.Duties, Dialogue: dialogueOf(s, writer),
		Register: register, Drafts: drafts, Letters: writer, LettersQueued: mail.Kick,
		Webhook: webhook(s), Limits: limits, Probation: probation, Now: w.now, NewID: rand.Text, Transport: w.telegram,
		Proxy: s.proxies(), Meter: meter{m}, Logger: log,
	})
	if err != nil {
		return err
	}
	mail.Messages, mail.OnLetterDone, mail.Alarm = telegram.LetterMessages, telegram.OnLetterDone, telegram.MailOutage
	p := parts{register: register, drafts: drafts, bot: telegram, mail: mail, metrics: m}
	if s.BackupDir != "" {
		p.copies = &copies{register: register.Reader, folder: s.BackupDir, now: w.now, log: log, began: w.now()}
	}
	sources := p.sources(w.now)
	m.Watch(sources)
	if s.Alert != "" {
		p.watchman = NewAlerter(AlerterOptions{
			Probes: append(sources.Needed, p.watched()...), Letters: writer, Register: register,
			Queued: mail.Kick, Deliver: mail.Deliver, Now: w.now, Logger: log,
		})
	}
	return p.run(ctx, s, log, w)
}

// openDrafts opens Redis, or takes the world's own store.
func openDrafts(ctx context.Context, s Settings, log *slog.Logger, w world, m *metrics) (drafts, error) {
	if w.drafts != nil {
		return w.drafts, nil
	}
	d, err := storage.OpenDrafts(ctx, storage.DraftsOptions{
		URL: s.RedisURL, Prefix: s.botID() + ":", TTL: s.DraftTTL, Logger: log, Now: w.now, Observe: m.OfRedis,
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
func (p parts) run(ctx context.Context, s Settings, log *slog.Logger, w world) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	defer all.Wait()
	for _, site := range sites(s, Handler(p.sources(w.now), p.metrics, log), p.bot) {
		shut, err := site.open(log, stop)
		if err != nil {
			return err
		}
		if site.variable == "METRICS_ADDR" {
			p.looks = site.at
		} else {
			p.http = site.at
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
	all.Go(func() { _ = p.mail.Run(mail) })
	// These end before the rooms that they look at, however the bot ends.
	aside, stopAside := context.WithCancel(ctx)
	defer stopAside()
	if p.copies != nil {
		all.Go(func() { p.copies.run(aside) })
	}
	if p.watchman != nil {
		all.Go(func() { p.watchman.Run(aside) })
	}
	if w.running != nil {
		w.running(p)
	}
	log.Info("running", "version", w.build.Version, "http", s.HTTPAddr)
	err := p.bot.Run(ctx)
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
func warn(s Settings, log *slog.Logger) {
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
func webhook(s Settings) *bot.Webhook {
	if s.WebhookURL == "" {
		return nil
	}
	return &bot.Webhook{URL: s.WebhookURL, Secret: s.WebhookSecret}
}

func dialogueOf(s Settings, w mailer.Letters) *conversation.Dialogue {
	return &conversation.Dialogue{
		Line: incident.RegulationLine(), Location: s.Location, Quiet: s.Quiet, DraftTTL: s.DraftTTL,
		Consent: s.Consent, ConsentVersion: s.ConsentVersion,
		EscalationAfter: s.EscalationAfter, EscalationPause: s.EscalationRepeatAfter,
		Organisations: s.Organisations, Preview: w.EscalationPreview,
	}
}
