package e2e

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// TestLettersGoBeforeThePerson: a letter not yet sent goes first, also over a
// restart; everything else is erased at once, and the end is told.
func TestLettersGoBeforeThePerson(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.SetDown(true)
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "в очереди")
	h.Logged.Await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)

	anna.Ask("/forget", "Удалить ваши данные?", "неотправленные письма: 1", "сначала уйдут")
	anna.Press("Удалить мои данные")
	anna.AwaitText("Удаляем ваши данные", "письма, которые ещё в очереди")
	anna.Ask("/forget", "уже удаляются")
	h.Engineer.AwaitText("Заявитель отозвал данные", string(n))
	if i := h.Status(n, incident.Cancelled); i.Reporter != 0 || len(i.Answers) != 1 {
		t.Errorf("while the letter waits, the register says %+v", i)
	}
	if anna.Count("Ваши данные удалены") != 0 {
		t.Error("the end was told while a letter waits")
	}
	h.Restart()
	h.Logged.Await(t, "letter=escalation seq=1 attempt=2 outcome=later", 1)
	h.Mail.SetDown(false)
	h.Pass(time.Minute)
	anna.AwaitText("Письмо в УИТ", string(n), "отправлено")
	theLetter(t, h.Letter(harness.UITBox, 1), string(n))
	anna.AwaitText("Ваши данные удалены", string(n))
	h.Forgotten(1)
	h.HoldsNo("the database", h.DatabaseBytes(), harness.Secrets)
	h.GroupHoldsNo(harness.Secrets)
}

// TestLastLetterIsRefused: the person gets the text back, the desk reads the
// number alone, and the letter is erased.
func TestLastLetterIsRefused(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.SetDown(true)
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.Logged.Await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	anna.Forgets()
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user ivanova", Times: 1})
	h.Mail.SetDown(false)
	h.Pass(time.Minute)
	anna.AwaitText("не принято почтовым сервером", harness.UITBox, "Связи нет.")
	h.Engineer.AwaitText(string(n), "Заявитель отозвал данные, письмо удалено")
	anna.AwaitText("Ваши данные удалены")
	h.Forgotten(1)
	h.HoldsNo("the database", h.DatabaseBytes(), harness.Secrets)
	h.GroupHoldsNo(harness.Secrets)
}

// TestForgetWhenRedisIsAway: the wish is committed, the conversation cannot be
// saved; it is carried out once, and everything is erased when Redis is back.
func TestForgetWhenRedisIsAway(t *testing.T) {
	t.Parallel()
	var broken *atomic.Bool
	h := harness.Start(t, harness.Troubled, func(h *harness.Harness) { broken = redisThatForgetsToWrite(h) })
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	anna.Ask("/new", "Описание")
	anna.Ask("Опять канарейка", harness.SummaryHead)
	anna.Ask("/forget", "Удалить ваши данные?")
	broken.Store(true)
	anna.Press("Удалить мои данные")
	h.Logged.Await(t, "an update waits", 2)
	h.Status(n, incident.Cancelled)
	broken.Store(false)
	anna.AwaitText("Удаляем ваши данные")
	anna.AwaitText("Ваши данные удалены", string(n))
	h.Forgotten(1)
	if got := strings.Count(h.Engineer.Screen(), "Заявитель отозвал данные: "); got != 1 {
		t.Errorf("the desk was told %d times", got)
	}
	saved, err := h.Program.Drafts.Load(t.Context(), anna.ChatID())
	if err != nil || saved.Rev != 0 {
		t.Errorf("Redis keeps %q, %v", saved.Data, err)
	}
}

// TestKilledWhileForgetting: the process dies between the commit and the reply,
// and the new one carries on to the end.
func TestKilledWhileForgetting(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.OverRedis, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	h.Close()
	p := h.Process("serve")
	anna.Ask("/new", "Описание")
	anna.Ask("Опять канарейка", harness.SummaryHead)
	anna.Ask("/forget", "Удалить ваши данные?")
	replying := make(chan struct{}, 100)
	revive := h.Telegram.Fault(simulator.Fault{
		Kind: simulator.Hang, Methods: []string{"sendMessage"},
		Match: func(c simulator.Call) bool {
			is := strings.Contains(c.Params["text"], "Удаляем ваши") || strings.Contains(c.Params["text"], "отозвал")
			if is {
				replying <- struct{}{}
			}
			return is
		},
	})
	anna.Press("Удалить мои данные")
	<-replying
	p.Kill()
	revive()
	p = h.Process("serve")
	anna.AwaitText("Ваши данные удалены", string(n))
	h.Card(n, "Данные заявителя удалены")
	h.Engineer.AwaitText("Заявитель отозвал данные", string(n))
	p.Out.Await(t, "an erasure is complete", 1)
	p.Stops()
	h.HoldsNo("the database", h.DatabaseBytes(), append(harness.Secrets, "канарейка"))
	h.RedisKeysHoldNo(fmt.Sprint(anna.ChatID()))
}

// TestForgottenAndBlocked: a person who blocks the bot at once is erased all the
// same, and the block itself is not kept.
func TestForgottenAndBlocked(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Letter(harness.SupportBox, 1)
	h.Mail.SetDown(true)
	anna.ProposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.Logged.Await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	anna.Forgets()
	anna.Block()
	h.Mail.SetDown(false)
	h.Pass(time.Minute)
	h.Forgotten(1)
	counts, err := h.Program.Register.Counts(t.Context())
	if err != nil || counts.Unreachable != 0 || counts.Outbox[outbox.Telegram].Dead != 0 || counts.Outbox[outbox.Mail].Dead != 0 {
		t.Errorf("what is left: %+v, %v", counts, err)
	}
	h.HoldsNo("the database", h.DatabaseBytes(), harness.Secrets)
}
