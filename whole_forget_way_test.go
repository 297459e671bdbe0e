package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// TestLettersGoBeforeThePerson: a letter not yet sent goes first, also over a
// restart; everything else is erased at once, and the end is told.
func TestLettersGoBeforeThePerson(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.SetDown(true)
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	anna.AwaitText("Письмо в УИТ", "в очереди")
	h.log.await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)

	anna.Ask("/forget", "Удалить ваши данные?", "неотправленные письма: 1", "сначала уйдут")
	anna.Press("Удалить мои данные")
	anna.AwaitText("Удаляем ваши данные", "письма, которые ещё в очереди")
	anna.Ask("/forget", "уже удаляются")
	h.engineer.AwaitText("Заявитель отозвал данные", string(n))
	if i := h.status(n, incident.Cancelled); i.Reporter != 0 || len(i.Answers) != 1 {
		t.Errorf("while the letter waits, the register says %+v", i)
	}
	if anna.count("Ваши данные удалены") != 0 {
		t.Error("the end was told while a letter waits")
	}
	h.restart()
	h.log.await(t, "letter=escalation seq=1 attempt=2 outcome=later", 1)
	h.mail.SetDown(false)
	h.pass(time.Minute)
	anna.AwaitText("Письмо в УИТ", string(n), "отправлено")
	theLetter(t, h.letter(uitBox, 1), string(n))
	anna.AwaitText("Ваши данные удалены", string(n))
	h.forgotten(1)
	h.holdsNo("the database", h.databaseBytes(), secrets)
	h.groupHoldsNo(secrets)
}

// TestLastLetterIsRefused: the person gets the text back, the desk reads the
// number alone, and the letter is erased.
func TestLastLetterIsRefused(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.SetDown(true)
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.log.await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	anna.forgets()
	h.mail.Fault(simulator.MailFault{Stage: simulator.AtRcpt, Code: 550, Text: "5.1.1 no such user ivanova", Times: 1})
	h.mail.SetDown(false)
	h.pass(time.Minute)
	anna.AwaitText("не принято почтовым сервером", uitBox, "Связи нет.")
	h.engineer.AwaitText(string(n), "Заявитель отозвал данные, письмо удалено")
	anna.AwaitText("Ваши данные удалены")
	h.forgotten(1)
	h.holdsNo("the database", h.databaseBytes(), secrets)
	h.groupHoldsNo(secrets)
}

// TestForgetWhenRedisIsAway: the wish is committed, the conversation cannot be
// saved; it is carried out once, and everything is erased when Redis is back.
func TestForgetWhenRedisIsAway(t *testing.T) {
	t.Parallel()
	var broken *atomic.Bool
	h := startHouse(t, troubled, func(h *house) { broken = redisThatForgetsToWrite(h) })
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	anna.Ask("/new", "Описание")
	anna.Ask("Опять канарейка", summaryHead)
	anna.Ask("/forget", "Удалить ваши данные?")
	broken.Store(true)
	anna.Press("Удалить мои данные")
	h.log.await(t, "an update waits", 2)
	h.status(n, incident.Cancelled)
	broken.Store(false)
	anna.AwaitText("Удаляем ваши данные")
	anna.AwaitText("Ваши данные удалены", string(n))
	h.forgotten(1)
	if got := strings.Count(h.engineer.Screen(), "Заявитель отозвал данные: "); got != 1 {
		t.Errorf("the desk was told %d times", got)
	}
	saved, err := h.parts.drafts.Load(t.Context(), anna.ChatID())
	if err != nil || saved.Rev != 0 {
		t.Errorf("Redis keeps %q, %v", saved.Data, err)
	}
}

// TestKilledWhileForgetting: the process dies between the commit and the reply,
// and the new one carries on to the end.
func TestKilledWhileForgetting(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inRealTime, overRedis, troubled)
	anna := h.clerk()
	n := anna.files()
	h.card(n)
	h.close()
	p := h.process("serve")
	anna.Ask("/new", "Описание")
	anna.Ask("Опять канарейка", summaryHead)
	anna.Ask("/forget", "Удалить ваши данные?")
	replying := make(chan struct{}, 100)
	revive := h.telegram.Fault(simulator.Fault{
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
	p.kill()
	revive()
	p = h.process("serve")
	anna.AwaitText("Ваши данные удалены", string(n))
	h.card(n, "Данные заявителя удалены")
	h.engineer.AwaitText("Заявитель отозвал данные", string(n))
	p.out.await(t, "an erasure is complete", 1)
	p.stops()
	h.holdsNo("the database", h.databaseBytes(), append(secrets, "канарейка"))
	h.redisKeysHoldNo(fmt.Sprint(anna.ChatID()))
}

// TestForgottenAndBlocked: a person who blocks the bot at once is erased all the
// same, and the block itself is not kept.
func TestForgottenAndBlocked(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	h.mail.SetDown(true)
	anna.proposesLetter(n, "Связи нет.")
	anna.Press("Отправить в УИТ")
	h.log.await(t, "letter=escalation seq=1 attempt=1 outcome=later", 1)
	anna.forgets()
	anna.Block()
	h.mail.SetDown(false)
	h.pass(time.Minute)
	h.forgotten(1)
	counts, err := h.parts.register.Counts(t.Context())
	if err != nil || counts.Unreachable != 0 || counts.Outbox[outbox.Telegram].Dead != 0 || counts.Outbox[outbox.Mail].Dead != 0 {
		t.Errorf("what is left: %+v, %v", counts, err)
	}
	h.holdsNo("the database", h.databaseBytes(), secrets)
}
