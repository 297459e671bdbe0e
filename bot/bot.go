package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/desk"
	"intakebot/bot/inbox"
	"intakebot/bot/mail"
	"intakebot/bot/notify"
	"intakebot/bot/reporter"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	words "intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/mailer/mailbox"
	"intakebot/outbox"
)

// Stores are the register as each part needs it (package storage).
type Stores struct {
	Inbox     inbox.Store
	Reporter  reporter.Store
	Delivery  delivery.Store
	Desk      desk.Store
	Cards     desk.CardStore
	Bulletins desk.BulletinStore
	Duties    desk.DutyStore
	Erasures  desk.ErasureStore
	Group     telegram.GroupStore
	Mail      mail.Store
	Start     StartStore
}

// StartStore says where the process before left off.
type StartStore interface {
	WaitingChats(ctx context.Context) ([]int64, error)
	Desk(ctx context.Context, configured int64) (int64, error)
	SentToDesk(ctx context.Context) ([]time.Time, error)
}

// Drafts is where live conversations are kept (package storage, Redis).
type Drafts interface {
	reporter.Drafts
	inbox.Drafts
}

// Meter hears how the bot is doing, for metrics.
type Meter interface {
	inbox.Meter
	telegram.Meter
}

// Config is what a Bot is made of. Everything is required but the fields that
// say what happens without them.
type Config struct {
	Token  string
	APIURL string // without a slash at its end
	// FilesURL is where files are when APIURL has none; "": there.
	FilesURL string
	// Desk is the support group as configured; it may have moved since.
	Desk int64
	// DeskThread is the topic of a forum in which the desk works, 0 for none.
	DeskThread int
	Terms      desk.Terms
	Dialogue   *conversation.Dialogue
	Stores     Stores
	Drafts     Drafts
	Letters    notify.Letters
	// LettersQueued is told when there is a new letter in the outbox.
	LettersQueued func()
	// Mailbox is set when a mailbox is read; nil works on no letters.
	Mailbox *Mailbox
	// Webhook is set when updates come by HTTP; nil polls for them.
	Webhook *telegram.Webhook
	Limits  telegram.Limits
	// ListenFirst is how long a process that is new to this bot listens for
	// another one before it takes updates (real: inbox.ListenFirst); 0 not at
	// all.
	ListenFirst time.Duration
	Now         func() time.Time
	// NewID makes identifiers never used before.
	NewID     func() string
	Transport http.RoundTripper // nil: net/http's own
	// Proxy chooses the proxy of a request, nil for what the environment says
	// (http.ProxyFromEnvironment). Its errors are logged.
	Proxy  func(*http.Request) (*url.URL, error)
	Meter  Meter
	Logger *slog.Logger
}

// Mailbox is what the work on letters that come back has to know.
type Mailbox struct {
	Own          mailbox.Recognise
	Senders      mailbox.Senders
	UIT, Support string
}

// Bot is the Telegram side of the program. Make it with New, run it with Run.
type Bot struct {
	cfg       Config
	log       *loop.Supervisor
	source    telegram.Source
	group     *telegram.Group
	inbox     *inbox.Inbox
	courier   *delivery.Courier
	notify    notify.Notifier
	reporter  *reporter.Reporter
	desk      *desk.Desk
	cards     *desk.Cards
	bulletins *desk.Bulletins
	duties    *desk.Duties
	erasures  *desk.Erasures
	mail      *mail.Worker // nil without a mailbox
	wake      signals
}

// signals wake the loops that have no wake of their own.
type signals struct{ cards, bulletins, duties, erasures, reminders, mail loop.Signal }

// New checks the configuration and makes a Bot; it asks nobody anything.
func New(cfg Config) (*Bot, error) {
	log := loop.NewSupervisor(cfg.Logger)
	b := &Bot{cfg: cfg, log: log, group: &telegram.Group{Store: cfg.Stores.Group, Logger: cfg.Logger}}
	for _, s := range []*loop.Signal{&b.wake.cards, &b.wake.bulletins, &b.wake.duties, &b.wake.erasures, &b.wake.reminders, &b.wake.mail} {
		*s = loop.NewSignal()
	}
	client, err := telegram.NewClient(telegram.Config{
		Token: cfg.Token, APIURL: cfg.APIURL, FilesURL: cfg.FilesURL, Thread: cfg.DeskThread, Limits: cfg.Limits, Group: b.group,
		Transport: cfg.Transport, Proxy: cfg.Proxy, Meter: cfg.Meter, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	b.source = telegram.Source{Client: client, Webhook: cfg.Webhook}
	b.group.Moved = b.Kick
	b.notify = notify.Notifier{Dialogue: cfg.Dialogue, Words: words.Words{Line: cfg.Dialogue.Line, Location: cfg.Dialogue.Location}, Letters: cfg.Letters}
	b.courier = delivery.NewCourier(delivery.Config{
		Client: client, Group: b.group, Store: cfg.Stores.Delivery, Notices: b.notify, Now: cfg.Now, Log: log,
		Cards: b.wake.cards, Bulletins: b.wake.bulletins, Erasures: b.wake.erasures,
		Forbidden: func(card outbox.Card, kind incident.AttachmentKind, yes bool) { b.cards.Forbid(card, kind, yes) },
	})
	recovered := func() { b.courier.WakeAll(context.Background()) }
	client.Works = recovered
	b.makeInbox(recovered)
	b.makeDesk()
	b.makeMail()
	return b, nil
}

// makeMail makes what works on letters that come back.
func (b *Bot) makeMail() {
	box := b.cfg.Mailbox
	if box == nil {
		return
	}
	b.mail = &mail.Worker{
		Store: b.cfg.Stores.Mail, Notify: b.notify, Own: box.Own, Senders: box.Senders, UIT: box.UIT, Support: box.Support,
		Told: b.told, Wake: b.wake.mail, Now: b.cfg.Now, Log: b.log,
	}
	b.desk.Forward = b.mail.Forward
}

// MailArrived says that a letter came. It never blocks.
func (b *Bot) MailArrived() { b.wake.mail.Raise() }

// makeInbox makes what brings updates in and answers people.
func (b *Bot) makeInbox(recovered func()) {
	cfg := b.cfg
	b.inbox = inbox.New(inbox.Config{
		Source: b.source, Group: b.group, Store: cfg.Stores.Inbox, Drafts: cfg.Drafts,
		Handler: b.handler, Unavailable: b.unavailable, Private: b.privateMenu(), Desk: deskMenu(), Introduction: introduction(cfg.Dialogue),
		ListenFirst: cfg.ListenFirst, Recovered: recovered, Now: cfg.Now, Meter: cfg.Meter, Log: b.log,
	})
	b.reporter = &reporter.Reporter{
		Dialogue: cfg.Dialogue, Client: b.source.Client, Group: b.group, Store: cfg.Stores.Reporter, Drafts: cfg.Drafts, Notify: b.notify,
		Courier: b.courier, Told: b.told, Erasures: b.wake.erasures, Bulletins: b.wake.bulletins, DeskCommand: words.IsCommand, Now: cfg.Now, NewID: cfg.NewID, Log: b.log,
	}
}

// makeDesk makes what works in the group.
func (b *Bot) makeDesk() {
	cfg, client, log, w := b.cfg, b.source.Client, b.log, b.notify.Words
	b.desk = &desk.Desk{
		Dialogue: cfg.Dialogue, Words: w, Client: client, Group: b.group, Store: cfg.Stores.Desk, Notify: b.notify,
		Courier: b.courier, Told: b.told, Kick: b.Kick, Now: cfg.Now, Log: log,
	}
	b.cards = desk.NewCards(desk.Cards{
		Words: w, Client: client, Group: b.group, Store: cfg.Stores.Cards, Wake: b.wake.cards, Erasures: b.wake.erasures,
		Courier: b.courier, Now: cfg.Now, Log: log,
	})
	b.bulletins = &desk.Bulletins{
		Dialogue: cfg.Dialogue, Words: w, Client: client, Group: b.group, Store: cfg.Stores.Bulletins, Courier: b.courier,
		Wake: b.wake.bulletins, Now: cfg.Now, Log: log,
	}
	b.duties = &desk.Duties{
		Terms: cfg.Terms, Dialogue: cfg.Dialogue, Store: cfg.Stores.Duties, Notify: b.notify, Courier: b.courier, Kick: b.Kick,
		Wake: b.wake.duties, Now: cfg.Now, Log: log,
	}
	b.erasures = &desk.Erasures{
		Retention: cfg.Terms.Retention, Dialogue: cfg.Dialogue, Group: b.group, Configured: cfg.Desk, Store: cfg.Stores.Erasures, Notify: b.notify,
		Courier: b.courier, Nudge: b.inbox.Nudge, Kick: b.Kick, Wake: b.wake.erasures, Cards: b.wake.cards, Now: cfg.Now, Log: log,
	}
}

// handler is for the chat of a worker.
func (b *Bot) handler(w *inbox.Worker) inbox.Handler {
	if w.Chat > 0 {
		return b.reporter.Handler(w)
	}
	return b.desk.Handler(w)
}

// unavailable is what a chat is told while one of the stores does not work.
func (b *Bot) unavailable(chat int64, kept bool) conversation.Message {
	switch {
	case chat < 0:
		return conversation.Message{HTML: words.NotTaken}
	case kept:
		return b.cfg.Dialogue.Unavailable(b.cfg.Now())
	}
	return b.cfg.Dialogue.NotTaken(b.cfg.Now())
}

func (b *Bot) privateMenu() (all []telegram.Command) {
	for _, c := range b.cfg.Dialogue.Commands() {
		all = append(all, telegram.Command{Name: c.Name, Help: c.Help})
	}
	return all
}

// introduction is what people see before they write.
func introduction(d *conversation.Dialogue) telegram.Introduction {
	what, short := d.Introduction()
	return telegram.Introduction{What: what, Short: short}
}

func deskMenu() (all []telegram.Command) {
	for _, c := range words.Commands {
		all = append(all, telegram.Command(c))
	}
	return all
}

// stopWithin is how long a graceful stop may take.
const stopWithin = 7 * time.Second

// Run works until ctx ends, then finishes what is in hand and returns nil. It
// returns early with an error when going on would do harm: telegram.ErrToken, or
// incident.ErrBroken.
func (b *Bot) Run(ctx context.Context) error {
	intake, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	b.log.Stops(broken)
	b.desk.Started = b.cfg.Now()
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()

	waiting, err := b.resume(ctx)
	if err != nil && ctx.Err() == nil {
		return err
	}
	b.inbox.Start(ctx, work)

	var loops sync.WaitGroup
	for _, run := range []func(context.Context){b.inbox.Take, b.inbox.Announce, b.inbox.Prune, b.inbox.WatchStores} {
		loops.Go(func() { run(intake) })
	}
	for _, speaking := range []func(context.Context){
		func(context.Context) { b.inbox.Resume(waiting) },
		func(ctx context.Context) { b.courier.Run(ctx, work) },
		func(ctx context.Context) { b.cards.Run(ctx, work) },
		func(ctx context.Context) { b.bulletins.Run(ctx, work) },
		func(ctx context.Context) { b.reporter.Remind(ctx, b.wake.reminders, b.inbox.Nudge) },
		b.duties.Run, b.erasures.Run, b.workOnMail,
	} {
		loops.Go(func() {
			select {
			case <-b.inbox.Acquired():
				speaking(intake)
			case <-intake.Done():
			}
		})
	}
	<-intake.Done()
	stop := time.AfterFunc(stopWithin, cancel)
	defer stop.Stop()
	b.inbox.Close()
	loops.Wait()
	if err := context.Cause(intake); !errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return err
	}
	return nil
}

// workOnMail works on letters, if any come.
func (b *Bot) workOnMail(ctx context.Context) {
	if b.mail != nil {
		b.mail.Run(ctx)
	}
}

// resume finds out where the process before left off; waiting are the chats
// whose updates wait.
func (b *Bot) resume(ctx context.Context) (waiting []int64, err error) {
	id, err := b.cfg.Stores.Start.Desk(ctx, b.cfg.Desk)
	if err != nil {
		return nil, fmt.Errorf("find the support group: %w", err)
	}
	b.group.SetID(id)
	sent, err := b.cfg.Stores.Start.SentToDesk(ctx)
	if err != nil {
		return nil, fmt.Errorf("find what was sent last: %w", err)
	}
	b.source.Client.Resume(b.cfg.Now(), sent)
	if waiting, err = b.cfg.Stores.Start.WaitingChats(ctx); err != nil {
		return nil, fmt.Errorf("resume the inbox: %w", err)
	}
	return waiting, nil
}

// Kick makes every loop look at once: the clock was moved.
func (b *Bot) Kick() {
	b.courier.Wake()
	for _, s := range []loop.Signal{b.wake.cards, b.wake.reminders, b.wake.duties, b.wake.bulletins, b.wake.erasures, b.wake.mail} {
		s.Raise()
	}
	b.inbox.Kick()
}

// told wakes those who bring out what a transaction left in the outbox.
func (b *Bot) told() {
	b.courier.Wake()
	b.wake.cards.Raise()
	b.cfg.LettersQueued()
}

// OnLetterDone is told when a letter came to its end: what is to be said of it is in
// the outbox, on the card and, if it failed, in a bulletin, and an erasure may
// have waited for it. The duties read all open incidents and have nothing to do
// with it.
func (b *Bot) OnLetterDone() {
	b.courier.Wake()
	b.wake.cards.Raise()
	b.wake.bulletins.Raise()
	b.wake.erasures.Raise()
}

// LetterMessages are what is told when a letter was accepted or refused for good.
func (b *Bot) LetterMessages(l outbox.Letter, state incident.LetterState, problem string, at time.Time) func(incident.Incident) ([]outbox.Message, error) {
	return b.notify.LetterMessages(l, state, problem, at)
}

// MailOutage takes the mail worker's word that letters do not leave, or leave
// again (EndedAt is set). It never blocks.
func (b *Bot) MailOutage(o outbox.MailOutage) { b.bulletins.MailOutage(o) }

// MailProblem says since when and why letters do not leave; nil when they do,
// as far as is known.
func (b *Bot) MailProblem() error { return b.bulletins.MailProblem() }

// Reachable returns nil when Telegram answered within the last two minutes,
// else why not.
func (b *Bot) Reachable(context.Context) error { return b.source.Health.Reachable() }

// DeskReachable returns why the support group took no message the last time,
// nil when it did or nobody has tried.
func (b *Bot) DeskReachable(context.Context) error { return b.source.Health.Desk() }

// ServeHTTP takes updates by webhook.
func (b *Bot) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.inbox.ServeHTTP(w, r) }

// WebhookFails returns why Telegram cannot deliver the updates that wait.
func (b *Bot) WebhookFails(ctx context.Context) error { return b.source.WebhookFails(ctx) }
