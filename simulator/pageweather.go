package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The states of the mail relay.
const (
	mailFine    = "fine"
	mailDown    = "down"    // the port is closed
	mailRefuses = "refuses" // 550 to the recipient: this letter never goes
	mailDrops   = "drops"   // the letter is taken, the answer lost
)

// Weather is what is wrong in the simulated world.
type Weather struct {
	TelegramDown bool   `json:"telegramDown"`
	Limits       bool   `json:"limits"` // Telegram refuses what is over its limits
	RedisDown    bool   `json:"redisDown"`
	Mail         string `json:"mail"` // fine, down, refuses, drops
}

// StormView is how far a storm has come; the zero value is none yet.
type StormView struct {
	Clerks  int     `json:"clerks"`
	Done    int     `json:"done"`
	Failed  int     `json:"failed"`
	Way     float64 `json:"way"` // 1 for each clerk who is through, parts of it for the others
	Running bool    `json:"running"`
}

func (p *Page) setWeather(_ *http.Request, in struct {
	TelegramDown *bool   `json:"telegramDown"`
	Limits       *bool   `json:"limits"`
	RedisDown    *bool   `json:"redisDown"`
	Mail         *string `json:"mail"`
}) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if in.Mail != nil {
		if !slices.Contains([]string{mailFine, mailDown, mailRefuses, mailDrops}, *in.Mail) {
			return nil, refuse(http.StatusBadRequest, "mail is fine, down, refuses or drops")
		}
		p.weather.Mail = *in.Mail
		p.setMail(*in.Mail)
	}
	if in.TelegramDown != nil {
		p.weather.TelegramDown = *in.TelegramDown
		p.opt.Telegram.SetDown(*in.TelegramDown)
	}
	if in.Limits != nil {
		p.weather.Limits = *in.Limits
		limits := Limits{}
		if *in.Limits {
			limits = TelegramLimits()
		}
		p.opt.Telegram.SetLimits(limits)
	}
	if in.RedisDown != nil && *in.RedisDown != p.weather.RedisDown {
		p.weather.RedisDown = *in.RedisDown
		p.opt.SetRedisDown(*in.RedisDown)
	}
	return p.weather, nil
}

// setMail makes the relay behave as said; the mutex is held.
func (p *Page) setMail(how string) {
	if p.spoiled != nil {
		p.spoiled()
		p.spoiled = nil
	}
	p.opt.Mail.SetDown(how == mailDown)
	switch how {
	case mailRefuses:
		p.spoiled = p.opt.Mail.Fault(MailFault{Stage: AtRcpt, Action: Refuse, Code: 550, Text: "5.1.1 mailbox unavailable"})
	case mailDrops:
		p.spoiled = p.opt.Mail.Fault(MailFault{Stage: AtDot, Action: StoreAndDrop})
	}
}

// morning is when people come to work.
const morning = 8

func (p *Page) moveClock(_ *http.Request, in struct {
	Forward string `json:"forward"`
}) (any, error) {
	var d time.Duration
	now := p.opt.Now().In(p.opt.Location)
	switch in.Forward {
	case "30m", "4h":
		d, _ = time.ParseDuration(in.Forward)
	case "morning":
		next := time.Date(now.Year(), now.Month(), now.Day(), morning, 0, 0, 0, p.opt.Location)
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		d = next.Sub(now)
	default:
		return nil, refuse(http.StatusBadRequest, "forward is 30m, 4h or morning")
	}
	p.opt.Advance(d)
	return map[string]time.Time{"now": p.opt.Now().In(p.opt.Location)}, nil
}

const maxStorm = 500

func (p *Page) startStorm(_ *http.Request, in struct {
	Clerks int `json:"clerks"`
}) (any, error) {
	if in.Clerks < 1 || in.Clerks > maxStorm {
		return nil, refuse(http.StatusBadRequest, fmt.Sprintf("В шторме от 1 до %d обращений.", maxStorm))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ctx.Err() != nil:
		return nil, refuse(http.StatusServiceUnavailable, "the page is closing")
	case p.storm.Running:
		return nil, refuse(http.StatusConflict, "Шторм уже идёт.")
	}
	p.storm = StormView{Clerks: in.Clerks, Running: true}
	p.wg.Go(func() {
		p.opt.Storm(p.ctx, in.Clerks, p.stormMoved, p.stormed)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.storm.Running = false
	})
	return p.storm, nil
}

func (p *Page) stormMoved(part float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.storm.Way += part
}

// stormed counts one who is through.
func (p *Page) stormed(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.storm.Failed++
		return
	}
	p.storm.Done++
}
