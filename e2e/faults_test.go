package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
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
			h := harness.Start(t, harness.Troubled)
			anna := h.Clerk()
			anna.Reaches("")
			retries := 3
			if kind == simulator.Flood {
				retries = 1 // each costs a second
			}
			h.Telegram.Fault(simulator.Fault{Kind: kind, Methods: []string{"sendMessage"}, Times: retries, RetryAfter: 1})
			h.Hurries()
			n := anna.Registers()
			h.Card(n, harness.Usual[0].Answer)
			h.Letter(harness.SupportBox, 1)
			anna.Settled()
			h.Filed(1)
		})
	}
}

// TestBadWeather: every third call to Telegram fails in one of its ways, polls
// and edits and answers to presses included, and half of the attempts to hand
// over a letter; the whole way is gone all the same, with its effects once.
func TestBadWeather(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	calls := 0 // Telegram asks one fault after the other, for one call at a time
	for k, kind := range []simulator.FaultKind{simulator.ServerError, simulator.BadGateway, simulator.CutBefore, simulator.CutAfter, simulator.Undecodable} {
		h.Telegram.Fault(simulator.Fault{Kind: kind, Match: func(simulator.Call) bool {
			if k == 0 {
				calls++
			}
			return calls%15 == 3*k
		}})
	}
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Code: 451, Times: 1})
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 450, Times: 1})
	anna := h.Clerk()
	h.Hurries()
	n := anna.Files()
	anna.Escalates(n, "Связи по-прежнему нет.")
	h.Card(n, "принято почтовым сервером")
	h.CardReply(n, "эскалировал")
	h.Letter(harness.SupportBox, 1) // either may be the one that goes twice
	i := h.Filed(1)[0]
	if len(i.Escalations) != 1 || kinds(i, incident.KindEscalated) != 1 {
		t.Errorf("the incident: %+v", i)
	}
	if got := len(h.Mail.Letters()); got != 2 {
		t.Errorf("%d letters", got)
	}
}

// TestTelegramIsDown for a while: what people did meanwhile is worked on
// afterwards, in order.
func TestTelegramIsDown(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna, vera := h.Clerk(), h.Clerk()
	anna.Reaches("Описание")
	vera.Reaches("ФИО")
	h.Telegram.SetDown(true)
	anna.Send(harness.UsualProblem)
	vera.Send(harness.Usual[1].Answer)
	h.Logged.Await(t, "no updates from telegram", 2)
	h.Telegram.SetDown(false)
	anna.AwaitText(harness.SummaryHead)
	vera.AwaitText("Телефон")
	h.Card(anna.Registers())
}

// TestUndecodableUpdate stops nobody: it is passed over, what came with it and
// after it is answered.
func TestUndecodableUpdate(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	anna.Begins()
	for _, odd := range []string{
		`{"message":{"message_id":"five","chat":{"id":` + id(anna) + `,"type":"private"}}}`,
		`{"message":{"message_id":5,"date":"yesterday","chat":{"id":` + id(anna) + `,"type":"private"},"text":17}}`,
		`{"message":17}`, `{"callback_query":{"id":7}}`, `{"callback_query":{}}`, `{"message":{}}`, `{}`, `[]`, `"text"`, `null`, `17`,
		`{"edited_message":{"chat":{"id":"no"}}}`, `{"my_chat_member":null}`, `{"something_new":{"id":1}}`,
	} {
		h.Telegram.Inject(odd)
		anna.Send(harness.Usual[0].Answer)
		anna.AwaitText("ФИО")
		anna.Press("Назад")
		anna.AwaitText("Организация")
	}
	anna.AnswersFrom("Организация")
	anna.Registers()
	if got := anna.Count("ошибка бота"); got != 2 { // the two that were hers
		t.Errorf("%d messages tell of trouble:\n%s", got, anna.Screen())
	}
}

// TestOddUpdates: kinds of updates that the bot did not ask for, service
// messages, channels, other groups and other bots do nothing at all.
func TestOddUpdates(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("ФИО")
	other := h.Telegram.Group("Не наша группа")
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
		h.Telegram.Inject(odd)
	}
	stranger.Send("/start")
	stranger.Send("/open@" + h.Telegram.BotUsername())
	other.Rename(stranger.Person(), "Совсем не наша")
	other.KickBot(stranger.Person())
	anna.React(anna.Last().ID, "👍")
	before := len(anna.Bots())
	anna.Ask(harness.Usual[1].Answer, "Телефон")
	if got := len(anna.Bots()) - before; got != 1 {
		t.Errorf("%d messages, not the next question alone:\n%s", got, anna.Screen())
	}
	anna.AnswersFrom("Телефон")
	h.Card(anna.Registers())
	if got := h.Telegram.Sent(stranger.ChatID()); got != 0 {
		t.Errorf("%d messages into a foreign group:\n%s", got, stranger.Screen())
	}
	if strings.Contains(h.Logged.String(), "level=WARN msg=\"an update") {
		t.Error("an odd update made trouble")
	}
}

// TestBlockedPerson stops nobody: others are answered, the group is told what
// could not be told to the person, and she can come back.
func TestBlockedPerson(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, harness.With("ESCALATION_REPEAT_AFTER", "1h"))
	anna, vera := h.Clerk(), h.Clerk()
	n := anna.Files()
	anna.ProposesLetter(n, "Связи нет.")
	h.Mail.SetDown(true)
	anna.Press("Отправить в УИТ")
	anna.AwaitText("в очереди")
	h.Logged.Await(t, "letter=escalation seq=1 attempt=1", 1)
	anna.Block()
	h.Mail.SetDown(false)
	h.Pass(5 * time.Second)
	h.CardReply(n, string(n), "не отправлено", "заблокирован")

	h.Card(vera.Files())
	anna.Ask("/status", string(n), "принято почтовым сервером")
	h.Card(anna.FilesAgain("Снова нет связи, вся сеть."))
}

// TestGroupBecomesSupergroup: cards of new incidents arrive in the new group,
// those of older ones with their next change, also after a restart with the old
// setting.
func TestGroupBecomesSupergroup(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InBasicGroup, func(h *harness.Harness) { h.Refusals = true })
	anna := h.Clerk()
	first := anna.Files()
	h.Card(first)
	h.Group.Migrate(h.Engineer.Person())
	second := anna.FilesAgain("Снова нет связи, вся сеть.")
	h.Card(second)
	h.Restart()
	third := anna.FilesAgain("И снова нет связи, вся сеть.")
	h.Card(third)
	anna.Escalates(first, "Связи нет.")
	h.CardReply(first, "эскалировал")
}

// TestAnotherGroup: the administrator gives the desk another group; what is open
// comes there by itself, and only once.
func TestAnotherGroup(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	open, done := anna.Files(), anna.FilesAgain("Снова нет связи, вся сеть.")
	h.Card(open)
	h.Engineer.Send("/resolve " + string(done) + " Готово")
	h.Card(done, "решено")
	anna.AwaitText("Помогло?")
	anna.Press("Помогло")
	h.Card(done, "закрыто")
	h.CardReply(done, "помогло")
	h.Close()

	h.Group = h.Telegram.Group("Новая техподдержка")
	h.Engineer = h.Group.Staff("Мария", "Лебедева").Must(t)
	h.Env["SUPPORT_CHAT_ID"] = strconv.FormatInt(h.Group.ID(), 10)
	h.Open()
	h.Card(open)
	anna.Escalates(open, "Связи нет.")
	h.CardReply(open, "эскалировал")
	h.Restart()
	h.Card(anna.FilesAgain("И снова нет связи, вся сеть."))
	if shown := len(h.Cards(h.Engineer.Messages())); shown != 2 {
		t.Errorf("the new group has %d cards:\n%s", shown, h.Engineer.Screen())
	}
}

// TestMigrationLearnedFromARefusal: the service message of the migration was
// lost; the first refused message tells the new id.
func TestMigrationLearnedFromARefusal(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InBasicGroup, harness.Troubled)
	anna := h.Clerk()
	h.Card(anna.Files())
	h.Close()
	h.Group.Migrate(h.Engineer.Person())
	h.Clock.Advance(25 * time.Hour) // Telegram keeps updates for a day
	h.Open()
	h.Card(anna.FilesAgain("Снова нет связи, вся сеть."))
}

// TestBotOutOfTheGroup: cards wait until the bot is back; people are answered
// meanwhile.
func TestBotOutOfTheGroup(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	h.Group.KickBot(h.Engineer.Person())
	anna := h.Clerk()
	n := anna.Files()
	h.Logged.Await(t, "a card is not shown", 1)
	h.Group.AddBot(h.Engineer.Person())
	h.Pass(time.Minute)
	h.Card(n)
}
