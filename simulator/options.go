package simulator

import (
	"cmp"
	"net/http"
	"time"
)

// Options say what kind of Telegram is wanted. The zero value is usable.
type Options struct {
	// Token is the bot's token; calls with another one get 401. Default:
	// DefaultToken.
	Token string
	// BotName and BotUsername are what getMe says. Default: «Техподдержка» and
	// intake_sim_bot.
	BotName, BotUsername string
	// Now is the time for dates, expiry and limits. Default: time.Now.
	Now func() time.Time
	// FirstUpdateID is the id of the first update. Default: a number that looks
	// as random as Telegram's.
	FirstUpdateID int64
	// PrivacyMode keeps from the bot what is said in groups, except commands,
	// replies to its own messages and service messages, unless it is an
	// administrator. BotFather's default is on, ours is off.
	PrivacyMode bool
	// Limits are the limits on sending; the zero value is none. TelegramLimits
	// are the real ones. SetLimits changes them later.
	Limits Limits
	// Patience is how long AwaitText and its like wait. Default: 10 seconds of
	// real time.
	Patience time.Duration
	// InMemory makes Start serve over net.Pipe connections, which DialContext
	// opens, instead of a loopback port.
	InMemory bool
	// WebhookTransport carries webhook deliveries. Default: a plain
	// http.Transport. For in-memory tests, give one that dials the bot's pipe.
	WebhookTransport http.RoundTripper
	// WebhookBackoff is the pause after the first failed webhook delivery; it
	// doubles up to a minute. Default: Telegram's pauses, by Now: none after the
	// first failure, then 2, 4, 8 … 120 seconds. Retry-After takes precedence.
	WebhookBackoff time.Duration
	// LoopbackWebhooks lets setWebhook take any http or https address with any
	// port, as tests need. Telegram takes https on the ports 443, 80, 88 and 8443
	// of hosts with a public IPv4 address.
	LoopbackWebhooks bool
	// Hosts are names of webhook hosts and the addresses to which they lead, ""
	// for a name that leads nowhere. Other names lead to somewhere public, unless
	// they have no dot or end in .invalid or .local.
	Hosts map[string]string
	// PressesApart lets a press come beside a message of the same person when
	// updates are POSTed, as Telegram does: messages queue by chat, presses by
	// who pressed.
	PressesApart bool
	// OwnServer is a Bot API server of one's own: there are no files under /file,
	// and webhooks may be anywhere.
	OwnServer bool
	// LocalFiles is a folder to which a server of one's own with --local writes
	// files: getFile names an absolute path in it, and their size has no limit.
	LocalFiles string
	// TLS serves https with a certificate of its own (see CertPool) and HTTP/2.
	TLS bool
	// WebhookTimeout bounds one delivery. Default: 60 seconds.
	WebhookTimeout time.Duration
	// ConflictPause is for how long an answer of 409 that follows another is
	// held back. Default: Telegram's 3 seconds.
	ConflictPause time.Duration
	// EagerPolls leaves out what slows getUpdates down: the same offset again
	// within half a second gets one update, and within three seconds waits three
	// seconds. For tests that look at the queue by getUpdates.
	EagerPolls bool
	// Events receives everything that happens. Give the same Hub to StartMail to
	// have letters in the same stream. Default: an own Hub.
	Events *Hub
	// KeepCalls is how many of the last calls Calls can return. Default: 10,000.
	KeepCalls int

	moves bool // Now may jump
}

func (opt Options) ownServer() bool { return opt.OwnServer || opt.LocalFiles != "" }

// DefaultToken is the bot token when Options name none.
const DefaultToken = "700000042:AAsimulatorsimulatorsimulatorsimula"

func (opt Options) withDefaults() Options {
	opt.Token = cmp.Or(opt.Token, DefaultToken)
	opt.BotName = cmp.Or(opt.BotName, "Техподдержка")
	opt.BotUsername = cmp.Or(opt.BotUsername, "intake_sim_bot")
	opt.FirstUpdateID = cmp.Or(opt.FirstUpdateID, 731_904_518)
	opt.Patience = cmp.Or(opt.Patience, 10*time.Second)
	opt.WebhookTimeout = cmp.Or(opt.WebhookTimeout, time.Minute)
	opt.ConflictPause = cmp.Or(opt.ConflictPause, 3*time.Second)
	opt.KeepCalls = cmp.Or(opt.KeepCalls, 10_000)
	opt.moves = opt.Now != nil
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Events == nil {
		opt.Events = NewHub()
	}
	if opt.WebhookTransport == nil {
		opt.WebhookTransport = &http.Transport{MaxIdleConnsPerHost: 100, IdleConnTimeout: time.Minute}
	}
	return opt
}
