package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
	"golang.org/x/time/rate"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// Register is what the bot needs of the register (package storage). Every
// write is safe to repeat: one that failed may have been committed.
type Register interface {
	Reporter(ctx context.Context, chat int64) (incident.Reporter, error)
	GiveConsent(ctx context.Context, chat int64, c incident.Consent) error
	Forget(ctx context.Context, chat int64, at time.Time, compose func(before []incident.Incident) []outbox.Message) error
	Expire(ctx context.Context, before time.Time, limit int) (done bool, err error)
	Erasures(ctx context.Context) (chats []int64, err error)
	Sweep(ctx context.Context, chat int64) (outbox.Erasure, error)
	Emptied(ctx context.Context, id int64, at time.Time, where outbox.MessageRef, stayed bool) error
	DraftErased(ctx context.Context, chat int64) error
	ErasureTold(ctx context.Context, chat int64, posts []outbox.Message) error
	ErasureDone(ctx context.Context, chat int64) error
	Scrub(ctx context.Context) error
	Unreachable(ctx context.Context, chat int64, at time.Time) error
	Reachable(ctx context.Context, chat int64) error

	Register(ctx context.Context, r incident.Report, compose Compose) (incident.Incident, bool, error)
	Act(ctx context.Context, a incident.Act, compose Compose) (incident.Incident, bool, error)
	Escalate(ctx context.Context, e incident.Escalation, reporter int64, pause time.Duration,
		messageID func(incident.Number, int) string, compose Compose) (incident.Incident, bool, error)

	Receive(ctx context.Context, at time.Time, us []outbox.Update) (fresh []outbox.Received, err error)
	WaitingChats(ctx context.Context) ([]int64, error)
	WaitingUpdates(ctx context.Context, chat, after int64, limit int) ([]outbox.Received, error)
	Done(ctx context.Context, seqs []int64, posts []outbox.Message) error
	FailUpdate(ctx context.Context, seq int64, reason string, limit int) (quarantined bool, err error)
	Prune(ctx context.Context, now time.Time) error

	Put(ctx context.Context, posts ...outbox.Message) error
	Known(ctx context.Context, key string) (bool, error)
	Claim(ctx context.Context, ch outbox.Channel, now time.Time, lease time.Duration, busy []int64, limit int) ([]outbox.Claimed, error)
	NextDue(ctx context.Context, ch outbox.Channel) (time.Time, bool, error)
	Pending(ctx context.Context, chat int64) (bool, error)
	Sent(ctx context.Context, id int64, at time.Time, where outbox.MessageRef, source int64) error
	Postpone(ctx context.Context, id int64, until time.Time, reason string, countsAsAttempt bool) error
	MarkDead(ctx context.Context, id int64, end outbox.Failure, reason string, posts []outbox.Message) error
	Untold(ctx context.Context, limit int) ([]outbox.Undelivered, error)
	Told(ctx context.Context, ids []int64, at time.Time) error
	States(ctx context.Context, ids []int64) (map[int64]outbox.State, error)
	Retry(ctx context.Context, n incident.Number, name string, at time.Time, key string, compose func(outbox.Retried) outbox.Message) error
	Mail(ctx context.Context, since time.Time) (outbox.MailQueue, error)
	QueuedEscalations(ctx context.Context) ([]incident.Incident, error)
	Gaps(ctx context.Context, seenBefore time.Time) ([]outbox.Gap, error)
	TellGaps(ctx context.Context, ids []int64, at time.Time, posts ...outbox.Message) error
	Wake(ctx context.Context, ch outbox.Channel, now time.Time) error
	WakeChat(ctx context.Context, chat int64, now time.Time) error

	Incident(ctx context.Context, n incident.Number) (incident.Incident, error)
	OpenIncidents(ctx context.Context) ([]incident.Incident, error)
	Each(ctx context.Context, p incident.Period, yield func(incident.Incident) error) error

	About(ctx context.Context, where outbox.MessageRef) (outbox.MessageContext, error)
	Meta(ctx context.Context, key string) (string, error)
	SetMeta(ctx context.Context, key, value string) error
	Said(ctx context.Context, where outbox.MessageRef, n incident.Number) error
	PassedOn(ctx context.Context, original outbox.MessageRef) ([]outbox.MessageRef, error)
	Unsent(ctx context.Context, source int) (told outbox.MessageContext, waiting, sending bool, err error)
	Recall(ctx context.Context, source int, posts ...outbox.Message) (ok bool, err error)

	StaleCards(ctx context.Context, changedFirst bool, limit int) ([]outbox.Card, error)
	CardShown(ctx context.Context, n incident.Number, version int, chat int64, messageID int) error
	CardLost(ctx context.Context, n incident.Number, messageID int) error
	Unannounced(ctx context.Context, limit int) ([]incident.Incident, error)
	Announced(ctx context.Context, numbers []incident.Number) error
	SentToDesk(ctx context.Context) ([]time.Time, error)
	Desk(ctx context.Context, configured int64) (int64, error)
	EnterDesk(ctx context.Context, chat int64) error
	DeskMoved(ctx context.Context, from, to int64) error

	// Ping says whether the register can be written.
	Ping(ctx context.Context) error
}

// Compose makes what must be told of a change, inside its transaction.
type Compose = func(incident.Incident) ([]outbox.Message, error)

// Drafts is where live conversations are kept (package storage, Redis).
type Drafts interface {
	Load(ctx context.Context, chat int64) (outbox.SavedDraft, error)
	// Save replaces revision expect; token names the write, so that its
	// repetition is recognised. live says that the person has something to
	// lose in it; renew lets it live for its whole time again.
	Save(ctx context.Context, chat, expect int64, token string, data []byte, live, renew bool) (rev int64, err error)
	// Expiring are the live conversations that end before that time.
	Expiring(ctx context.Context, before time.Time) (map[int64]time.Time, error)
	Forget(ctx context.Context, chat int64) error
	// Ping says whether conversations can be saved.
	Ping(ctx context.Context) error
}

// Letters writes letters (package mailer).
type Letters interface {
	// SupportCopy is the copy of a registered incident; wanted is false when
	// there is nobody to send it to.
	SupportCopy(i incident.Incident) (l outbox.Letter, wanted bool, err error)
	// Collect gets the files for a letter by fetch, as many as it takes, and
	// says why the others are left out.
	Collect(all []incident.Attachment, fetch func(incident.Attachment) ([]byte, error)) []incident.File
	Escalation(i incident.Incident, e incident.Escalation, files ...incident.File) (outbox.Letter, error)
	// Closing tells УИТ that an escalated incident is solved; wanted is false
	// when УИТ is not to be told.
	Closing(i incident.Incident) (l outbox.Letter, wanted bool, err error)
	MessageID(n incident.Number, seq int) string
}

// Config is what a Bot is made of. Everything is required but the fields that
// say what happens without them.
type Config struct {
	Token  string
	APIURL string // without a slash at its end
	// Desk is the support group as configured; it may have moved since.
	Desk int64
	// DeskThread is the topic of a forum in which the desk works, 0 for none.
	DeskThread int
	Duties     Duties
	Dialogue   *conversation.Dialogue
	Register   Register
	Drafts     Drafts
	Letters    Letters
	// LettersQueued is told when there is a new letter in the outbox.
	LettersQueued func()
	// Webhook is set when updates come by HTTP; nil polls for them.
	Webhook *Webhook
	Limits  Limits
	// Probation is how long a process that is new to this bot listens for
	// another one before it takes updates (real: Probation); 0 not at all.
	Probation time.Duration
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// NewID makes identifiers never used before.
	NewID     func() string
	Transport http.RoundTripper // nil: net/http's own
	// Proxy chooses the proxy of a request, nil for what the environment says
	// (http.ProxyFromEnvironment). Its errors are logged.
	Proxy  func(*http.Request) (*url.URL, error)
	Meter  Meter // nil: nobody reads it
	Logger *slog.Logger
}

// Bot is the Telegram side of the program. Make it with New, run it with Run.
type Bot struct {
	cfg  Config
	log  *slog.Logger
	http *http.Client // for getUpdates, which takes as long as it is held
	api  *bot.Bot
	pace *pace

	lanes     lanes
	stores    stores
	untaken   untaken
	courier   signal
	cards     signal
	reminders signal
	duties    signal
	bulletins signal
	webhook   signal // to be looked at
	erasures  signal
	mail      mailState

	// unkept are bulletins that the register has not taken yet; keepBulletins
	// alone uses them.
	unkept map[string]string
	// shown is what the cards show since the start, posted are those that
	// are not recorded yet; keepCards alone uses them.
	shown  map[incident.Number][8]byte
	posted map[incident.Number]posted
	// changedNext: the next card is one to be changed, if there is one;
	// keepCards alone uses it, and notice.
	changedNext bool
	notice      notice
	// entered is the group whose cards are kept since the start; keepCards
	// alone uses it.
	entered int64
	// scrubFrom is when the database's files may be cleaned again;
	// keepForgetting alone uses it.
	scrubFrom time.Time
	// running is closed once lanes may be woken.
	running chan struct{}
	// turn is closed once this process may speak, because nobody else does
	// in the bot's name, see contest.go.
	turn      chan struct{}
	polled    throttle
	woken     throttle
	probed    throttle
	failures  atomic.Int32 // sends that failed since one succeeded
	said      complaints
	strangers *rate.Limiter

	// started is when Run began.
	started time.Time
	// work outlives the context of Run by the time that a graceful stop
	// takes.
	work   context.Context
	broken context.CancelCauseFunc
	health health
	moving sync.Mutex // held while the group's new id is taken in
	desk   struct {
		sync.Mutex
		id       int64
		username string // of this bot
	}
}

// New checks the configuration and makes a Bot; it asks nobody anything.
func New(cfg Config) (*Bot, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Meter == nil {
		cfg.Meter = unmetered{}
	}
	cfg.APIURL = strings.TrimSuffix(cfg.APIURL, "/")
	b := &Bot{cfg: cfg, log: cfg.Logger, pace: newPace(cfg.Limits), shown: map[incident.Number][8]byte{}, unkept: map[string]string{},
		posted: map[incident.Number]posted{}, running: make(chan struct{}), turn: make(chan struct{}), strangers: strangers()}
	b.http = newClient(cfg)
	b.lanes.bot, b.lanes.closing = b, make(chan struct{})
	for _, s := range []*signal{&b.stores.trouble, &b.courier, &b.cards, &b.reminders, &b.duties, &b.bulletins, &b.erasures, &b.webhook} {
		*s = newSignal()
	}
	api, err := bot.New(cfg.Token, bot.WithSkipGetMe(), bot.WithServerURL(cfg.APIURL),
		bot.WithHTTPClient(sendTimeout, watched{newClient(cfg)}),
		bot.WithErrorsHandler(func(err error) { b.log.Debug("telegram library", "error", b.scrub(err)) }))
	if err != nil {
		return nil, b.scrub(err)
	}
	b.api = api
	return b, nil
}

// ErrToken: Telegram does not know the token.
var ErrToken = errors.New("telegram does not accept TELEGRAM_BOT_TOKEN")

// stopWithin is how long a graceful stop may take.
const stopWithin = 7 * time.Second

// Run works until ctx ends, then finishes what is in hand and returns nil. It
// returns early with an error when going on would do harm: ErrToken, or
// incident.ErrBroken.
func (b *Bot) Run(ctx context.Context) error {
	intake, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	b.broken = broken
	b.started = b.now()
	var cancel context.CancelFunc
	b.work, cancel = context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()

	desk, err := b.cfg.Register.Desk(ctx, b.cfg.Desk)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("find the support group: %w", err)
	}
	b.setDesk(desk)
	sent, err := b.cfg.Register.SentToDesk(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("find what was sent last: %w", err)
	}
	b.pace.resume(desk, b.now(), sent)
	waiting, err := b.cfg.Register.WaitingChats(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("resume the inbox: %w", err)
	}
	close(b.running)
	if b.cfg.Webhook != nil || b.polledLately(ctx) {
		close(b.turn)
	}

	var loops sync.WaitGroup
	for _, loop := range []func(context.Context){b.intake, b.prune, b.watchStores} {
		loops.Go(func() { loop(intake) })
	}
	resume := func(context.Context) {
		for _, chat := range waiting {
			b.lanes.wake(chat)
		}
	}
	for _, speaking := range []func(context.Context){resume, b.carryAll, b.keepCards, b.remindAll, b.keepDuties, b.keepForgetting, b.keepBulletins} {
		loops.Go(func() {
			select {
			case <-b.turn:
				speaking(intake)
			case <-intake.Done():
			}
		})
	}
	<-intake.Done()
	stop := time.AfterFunc(stopWithin, cancel)
	defer stop.Stop()
	b.lanes.close()
	loops.Wait()
	if err := context.Cause(intake); !errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return err
	}
	return nil
}

// Kick makes every loop look at once: the clock was moved.
func (b *Bot) Kick() {
	b.courier.raise()
	b.cards.raise()
	b.reminders.raise()
	b.duties.raise()
	b.bulletins.raise()
	b.erasures.raise()
	b.webhook.raise()
}

// OnLetterDone is told when a letter came to its end: what is to be said of it is in
// the outbox, on the card and, if it failed, in a bulletin, and an erasure may
// have waited for it. The duties read all open incidents and have nothing to do
// with it.
func (b *Bot) OnLetterDone() {
	b.carryOn()
	b.bulletins.raise()
	b.erasures.raise()
}

// carryOn wakes those who bring out what the register holds.
func (b *Bot) carryOn() {
	b.courier.raise()
	b.cards.raise()
}

// now is the time by the configured clock.
func (b *Bot) now() time.Time { return b.cfg.Now() }

// fatal stops the bot when the register cannot be trusted any more.
func (b *Bot) fatal(err error) {
	if errors.Is(err, incident.ErrBroken) {
		b.broken(err)
	}
}
