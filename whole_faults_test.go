package main

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// TestTelegramFails: whatever Telegram does to sendMessage, everything arrives
// in the end, the number at least once and always the same.
func TestTelegramFails(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{
		simulator.ServerError, simulator.BadGateway, simulator.Flood, simulator.CutBefore, simulator.CutAfter, simulator.Undecodable,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := startHouse(t, troubled)
			anna := h.clerk()
			anna.reaches("")
			retries := 3
			if kind == simulator.Flood {
				retries = 1 // each costs a second
			}
			h.telegram.Fault(simulator.Fault{Kind: kind, Methods: []string{"sendMessage"}, Times: retries, RetryAfter: 1})
			h.hurries()
			n := anna.registers()
			h.card(n, usual[0].answer)
			h.letter(supportBox, 1)
			anna.settled()
			h.filed(1)
		})
	}
}

// hurries lets time go by from now on, so that nobody waits for a next attempt.
func (h *house) hurries() {
	over := make(chan struct{})
	var hurrying sync.WaitGroup
	hurrying.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				h.pass(5 * time.Second)
			}
		}
	})
	h.Cleanup(func() {
		close(over)
		hurrying.Wait()
	})
}

// TestBadWeather: every third call to Telegram fails in one of its ways, polls
// and edits and answers to presses included, and half of the attempts to hand
// over a letter; the whole way is gone all the same, with its effects once.
func TestBadWeather(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	calls := 0 // Telegram asks one fault after the other, for one call at a time
	for k, kind := range []simulator.FaultKind{simulator.ServerError, simulator.BadGateway, simulator.CutBefore, simulator.CutAfter, simulator.Undecodable} {
		h.telegram.Fault(simulator.Fault{Kind: kind, Match: func(simulator.Call) bool {
			if k == 0 {
				calls++
			}
			return calls%15 == 3*k
		}})
	}
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Code: 451, Times: 1})
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 450, Times: 1})
	anna := h.clerk()
	h.hurries()
	n := anna.files()
	anna.escalates(n, "Связи по-прежнему нет.")
	h.card(n, "принято почтовым сервером")
	h.reply(n, "эскалировал")
	h.letter(supportBox, 1) // either may be the one that goes twice
	i := h.filed(1)[0]
	if len(i.Escalations) != 1 || kinds(i, incident.KindEscalated) != 1 {
		t.Errorf("the incident: %+v", i)
	}
	if got := len(h.mail.Letters()); got != 2 {
		t.Errorf("%d letters", got)
	}
}

// TestTelegramIsDown for a while: what people did meanwhile is worked on
// afterwards, in order.
func TestTelegramIsDown(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna, vera := h.clerk(), h.clerk()
	anna.reaches("Описание")
	vera.reaches("ФИО")
	h.telegram.SetDown(true)
	anna.Send(usualProblem)
	vera.Send(usual[1].answer)
	h.log.await(t, "no updates from telegram", 2)
	h.telegram.SetDown(false)
	anna.AwaitText(summaryHead)
	vera.AwaitText("Телефон")
	h.card(anna.registers())
}

// TestUndecodableUpdate stops nobody: it is passed over, what came with it and
// after it is answered.
func TestUndecodableUpdate(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	anna.begins()
	for _, odd := range []string{
		`{"message":{"message_id":"five","chat":{"id":` + id(anna) + `,"type":"private"}}}`,
		`{"message":{"message_id":5,"date":"yesterday","chat":{"id":` + id(anna) + `,"type":"private"},"text":17}}`,
		`{"message":17}`, `{"callback_query":{"id":7}}`, `{"callback_query":{}}`, `{"message":{}}`, `{}`, `[]`, `"text"`, `null`, `17`,
		`{"edited_message":{"chat":{"id":"no"}}}`, `{"my_chat_member":null}`, `{"something_new":{"id":1}}`,
	} {
		h.telegram.Inject(odd)
		anna.Send(usual[0].answer)
		anna.AwaitText("ФИО")
		anna.Press("Назад")
		anna.AwaitText("Организация")
	}
	anna.answersFrom("Организация")
	anna.registers()
	if got := anna.count("ошибка бота"); got != 2 { // the two that were hers
		t.Errorf("%d messages tell of trouble:\n%s", got, anna.Screen())
	}
}

// TestOddUpdates: kinds of updates that the bot did not ask for, service
// messages, channels, other groups and other bots do nothing at all.
func TestOddUpdates(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("ФИО")
	other := h.telegram.Group("Не наша группа")
	stranger := other.Staff("Олег", "Чужой")
	me := `{"id":` + id(anna) + `,"type":"private"},"from":{"id":` + id(anna) + `,"is_bot":false,"first_name":"А"}`
	for _, odd := range []string{
		`{"inline_query":{"id":"1","from":{"id":` + id(anna) + `,"is_bot":false,"first_name":"А"},"query":"x","offset":""}}`,
		`{"channel_post":{"message_id":1,"date":1,"chat":{"id":-1005,"type":"channel","title":"К"},"text":"/start"}}`,
		`{"poll":{"id":"1","question":"?","options":[]}}`,
		`{"poll_answer":{"poll_id":"1","option_ids":[0]}}`,
		`{"message":{"message_id":900001,"date":1,"chat":` + me + `,"pinned_message":{"message_id":1,"date":0,"chat":` + me + `}}}`,
		`{"message":{"message_id":900002,"date":1,"chat":` + me + `,"message_auto_delete_timer_changed":{"message_auto_delete_time":60}}}`,
		`{"message":{"message_id":900003,"date":1,"chat":` + me + `,"write_access_allowed":{}}}`,
	} {
		h.telegram.Inject(odd)
	}
	stranger.Send("/start")
	stranger.Send("/open@" + h.telegram.BotUsername())
	other.Rename(stranger.Person(), "Совсем не наша")
	other.KickBot(stranger.Person())
	anna.React(anna.Last().ID, "👍")
	before := len(anna.bots())
	anna.Ask(usual[1].answer, "Телефон")
	if got := len(anna.bots()) - before; got != 1 {
		t.Errorf("%d messages, not the next question alone:\n%s", got, anna.Screen())
	}
	anna.answersFrom("Телефон")
	h.card(anna.registers())
	if got := h.telegram.Sent(stranger.ChatID()); got != 0 {
		t.Errorf("%d messages into a foreign group:\n%s", got, stranger.Screen())
	}
	if strings.Contains(h.log.String(), "level=WARN msg=\"an update") {
		t.Error("an odd update made trouble")
	}
}

// TestBlockedPerson stops nobody: others are answered, the group is told what
// could not be told to the person, and she can come back.
func TestBlockedPerson(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled, with("ESCALATION_REPEAT_AFTER", "1h"))
	anna, vera := h.clerk(), h.clerk()
	n := anna.files()
	anna.proposesLetter(n, "Связи нет.")
	h.mail.SetDown(true)
	anna.Press("Отправить в УИТ")
	anna.AwaitText("в очереди")
	h.log.await(t, "letter=escalation seq=1 attempt=1", 1)
	anna.Block()
	h.mail.SetDown(false)
	h.pass(5 * time.Second)
	h.reply(n, string(n), "не отправлено", "заблокирован")

	h.card(vera.files())
	anna.Ask("/status", string(n), "принято почтовым сервером")
	h.card(anna.filesAgain("Снова нет связи, вся сеть."))
}

// TestGroupBecomesSupergroup: cards of new incidents arrive in the new group,
// those of older ones with their next change, also after a restart with the old
// setting.
func TestGroupBecomesSupergroup(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inBasicGroup, func(h *house) { h.refusals = true })
	anna := h.clerk()
	first := anna.files()
	h.card(first)
	h.group.Migrate(h.engineer.Person())
	second := anna.filesAgain("Снова нет связи, вся сеть.")
	h.card(second)
	h.restart()
	third := anna.filesAgain("И снова нет связи, вся сеть.")
	h.card(third)
	anna.escalates(first, "Связи нет.")
	h.reply(first, "эскалировал")
}

// TestAnotherGroup: the administrator gives the desk another group; what is open
// comes there by itself, and only once.
func TestAnotherGroup(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	open, done := anna.files(), anna.filesAgain("Снова нет связи, вся сеть.")
	h.card(open)
	h.engineer.Send("/resolve " + string(done) + " Готово")
	h.card(done, "решено")
	anna.AwaitText("Помогло?")
	anna.Press("Помогло")
	h.card(done, "закрыто")
	h.reply(done, "помогло")
	h.close()

	h.group = h.telegram.Group("Новая техподдержка")
	h.engineer = h.group.Staff("Мария", "Лебедева").Must(t)
	h.env["SUPPORT_CHAT_ID"] = strconv.FormatInt(h.group.ID(), 10)
	h.open()
	h.card(open)
	anna.escalates(open, "Связи нет.")
	h.reply(open, "эскалировал")
	h.restart()
	h.card(anna.filesAgain("И снова нет связи, вся сеть."))
	if shown := len(h.cards(h.engineer.Messages())); shown != 2 {
		t.Errorf("the new group has %d cards:\n%s", shown, h.engineer.Screen())
	}
}

// TestMigrationLearnedFromARefusal: the service message of the migration was
// lost; the first refused message tells the new id.
func TestMigrationLearnedFromARefusal(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inBasicGroup, troubled)
	anna := h.clerk()
	h.card(anna.files())
	h.close()
	h.group.Migrate(h.engineer.Person())
	h.clock.Advance(25 * time.Hour) // Telegram keeps updates for a day
	h.open()
	h.card(anna.filesAgain("Снова нет связи, вся сеть."))
}

// TestBotOutOfTheGroup: cards wait until the bot is back; people are answered
// meanwhile.
func TestBotOutOfTheGroup(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	h.group.KickBot(h.engineer.Person())
	anna := h.clerk()
	n := anna.files()
	h.log.await(t, "a card is not shown", 1)
	h.group.AddBot(h.engineer.Person())
	h.pass(time.Minute)
	h.card(n)
}
