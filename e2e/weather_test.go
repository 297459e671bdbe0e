package e2e

import (
	"time"

	"intakebot/simulator"
)

// weather begins or ends something that fails.
func (y *year) weather() {
	switch y.IntN(12) {
	case 0, 1, 2, 3:
		y.telegramFails()
	case 4, 5, 6:
		y.mailFails()
	case 7, 8:
		y.redisFails()
	case 9:
		y.clockJumps()
	case 10:
		y.repeats()
	case 11:
		y.note("the sky clears")
		y.clears()
	}
}

// clears ends everything that fails.
func (y *year) clears() {
	y.telegram.ClearFaults()
	y.telegram.SetDown(false)
	y.telegram.SetTwice(false)
	y.mail.ClearFaults()
	y.mail.SetDown(false)
	y.store.behave(moodFine, 0)
}

var faultKinds = []simulator.FaultKind{
	simulator.ServerError, simulator.BadGateway, simulator.Flood, simulator.Hang, simulator.CutBefore,
	simulator.CutAfter, simulator.CutAfter, simulator.HangAfter, simulator.Undecodable,
}

var faultMethods = []string{
	"", "", "sendMessage", "sendMessage", "sendMessage", "editMessageText", "answerCallbackQuery", "getUpdates",
	"sendPhoto", "sendMediaGroup", "setMessageReaction", "getMe", "setWebhook", "download",
}

func (y *year) telegramFails() {
	if y.IntN(8) == 0 {
		y.note("Telegram is out of reach")
		y.telegram.SetDown(true)
		return
	}
	f := simulator.Fault{
		Kind: faultKinds[y.IntN(len(faultKinds))], Times: 1 + y.IntN(3), RetryAfter: 1 + y.IntN(20),
	}
	if m := faultMethods[y.IntN(len(faultMethods))]; m != "" {
		f.Methods = []string{m}
	}
	y.note("Telegram answers %v with %q, %d times", f.Methods, f.Kind, f.Times)
	y.telegram.Fault(f)
}

var mailStages = []simulator.Stage{
	simulator.AtGreeting, simulator.AtEHLO, simulator.AtStartTLS, simulator.AtAuth, simulator.AtMail, simulator.AtRcpt,
	simulator.AtData, simulator.AtDot, simulator.AtDot, simulator.AtQuit,
}

func (y *year) mailFails() {
	if y.IntN(8) == 0 {
		y.note("the relay is out of reach")
		y.ledger.Refused = true // when it stays so for five days
		y.mail.SetDown(true)
		return
	}
	f := simulator.MailFault{
		Stage: mailStages[y.IntN(len(mailStages))], Action: simulator.MailAction(y.IntN(int(simulator.StoreAndHang) + 1)),
		Code: []int{421, 450, 451, 452, 550, 552, 554}[y.IntN(7)], Times: 1 + y.IntN(3),
	}
	if f.Action >= simulator.StoreAndDrop {
		f.Stage = simulator.AtDot
	}
	if f.Action == simulator.Refuse && f.Code >= 500 {
		y.ledger.Refused = true
	}
	y.note("the relay does %d (%d) at %s, %d times", f.Action, f.Code, f.Stage, f.Times)
	y.mail.Fault(f)
}

func (y *year) redisFails() {
	if y.IntN(8) == 0 {
		y.note("Redis forgets everything")
		y.store.flush()
		return
	}
	m, slow := mood(y.IntN(int(moods))), time.Duration(y.IntN(2000))*time.Millisecond
	y.note("Redis is %v (%v)", m, slow)
	y.store.behave(m, slow)
}

// clockJumps: the machine's clock is put right, or wrong.
func (y *year) clockJumps() {
	d := time.Duration(y.IntN(180)-90) * time.Second
	if y.IntN(4) == 0 {
		d = time.Duration(y.IntN(60)) * time.Minute
	}
	y.note("the machine's clock jumps by %v", d)
	y.inside.Advance(d)
	y.kick()
}

// repeats: Telegram delivers again what it delivered before.
func (y *year) repeats() {
	if y.IntN(2) == 0 {
		y.note("Telegram delivers everything twice")
		y.telegram.SetTwice(true)
		return
	}
	y.note("Telegram delivers again %d updates", y.telegram.Redeliver())
}
