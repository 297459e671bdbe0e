package e2e

import (
	"math/rand/v2"
	"slices"
	"strings"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// filing is a report that was registered, as the person knows it.
type filing struct {
	word   string // in its description, and nowhere else
	number incident.Number
	left   bool // she does nothing more with it by herself
}

// killClerk files reports and adds to them; she goes on by what she sees alone.
type killClerk struct {
	*killRun
	*harness.Clerk
	known bool // she has filed before
	times int  // how often
	last  incident.Number
	told  []incident.Number
}

// filesMost is how often one person files: the bot takes twenty within an hour.
const filesMost = 18

// acts files a report and does this and that with it.
func (c *killClerk) acts(r *rand.Rand) {
	if c.times++; c.times > filesMost {
		c.Ask("/status "+string(c.last), string(c.last))
		return
	}
	f := c.filing()
	c.last = f.number
	told := c.Last().ID
	for range r.IntN(3) {
		c.adds(r, told)
	}
	if r.IntN(3) == 0 {
		c.escalating(f.number)
	}
	c.Ask("/status "+string(f.number), string(f.number))
	c.killRun.mu.Lock()
	defer c.killRun.mu.Unlock()
	k := slices.IndexFunc(c.filed, func(o filing) bool { return o.number == f.number })
	c.filed[k].left = true
}

func (c *killClerk) filing() filing {
	word := c.ledger.Fresh(harness.WordReport, c.ChatID())
	if c.known {
		c.Ask("/new", "Описание")
	} else {
		c.Reaches("Описание")
		c.known = true
	}
	c.ledger.Typed(word, c.Send("Нет связи со всей сетью: "+word), true)
	c.reports(word)
	c.Press("Зарегистрировать")
	f := filing{word: word, number: c.readsNew()}
	c.killRun.mu.Lock()
	defer c.killRun.mu.Unlock()
	c.filed = append(c.filed, f)
	return f
}

// reports waits for the summary. Support may have asked about another incident
// meanwhile: then it is asked whose answer the word is.
func (c *killClerk) reports(word string) {
	const toDraft = "В новое обращение"
	shown := func(m simulator.Message, part string) bool {
		return m.FromBot && strings.Contains(m.Body(), part) && strings.Contains(m.Body(), word)
	}
	asked := false
	c.AwaitView(func(all []simulator.Message) bool {
		for _, m := range all {
			if shown(m, harness.SummaryHead) {
				return true
			}
			asked = asked || shown(m, "Это ответ техподдержке")
		}
		return asked
	})
	if asked {
		c.Press(toDraft)
	}
	c.AwaitText(harness.SummaryHead, word)
}

// readsNew waits for a number that she has not read yet: an older message may
// be repeated.
func (c *killClerk) readsNew() (n incident.Number) {
	c.AwaitView(func(all []simulator.Message) bool {
		for _, m := range slices.Backward(all) {
			if m.FromBot && strings.Contains(m.FirstLine(), "зарегистрировано") {
				n = incident.Number(harness.NumberForm.FindString(m.FirstLine()))
				return !slices.Contains(c.told, n)
			}
		}
		return false
	})
	c.told = append(c.told, n)
	return n
}

// adds says or shows more, in reply to the message with the number.
func (c *killClerk) adds(r *rand.Rand, told int) {
	word := c.ledger.Fresh(harness.WordAdded, c.ChatID())
	var sent int
	switch r.IntN(4) {
	case 0:
		sent = c.Replying(told).SendPhoto(photo, "Смотрите: "+word)
	case 1:
		sent = c.Replying(told).SendAlbum(simulator.AlbumItem{File: photo, Caption: "Смотрите: " + word}, simulator.AlbumItem{File: photo})[0]
	default:
		sent = c.Reply(told, "Стало хуже: "+word)
	}
	c.ledger.Typed(word, sent, true)
	c.AwaitText("Добавили")
}

func (c *killClerk) escalating(n incident.Number) {
	word := c.ledger.Fresh(harness.WordState, c.ChatID())
	c.Ask("/escalate "+string(n), "Текущее состояние")
	c.ledger.Typed(word, c.Send("По-прежнему: "+word), true)
	c.AwaitText("Письмо в УИТ", word)
	c.Press("Отправить в УИТ")
	c.AwaitText("Письмо в УИТ", string(n), "отправлено")
}

// killStaff works at the desk.
type killStaff struct {
	*killRun
	*simulator.Must
}

// acts does one thing with one incident; it may well be refused.
func (s *killStaff) acts(r *rand.Rand) {
	cards := s.Cards(s.Messages())
	if len(cards) == 0 {
		return
	}
	// One of the newest; of those that stand there twice any.
	card := cards[len(cards)-1-r.IntN(min(8, len(cards)))]
	n := harness.NumberForm.FindString(card.FirstLine())
	say := func(must bool, send func(word string) int) {
		word := s.ledger.Fresh(harness.WordDesk, outbox.DeskChat)
		s.ledger.Typed(word, send(word), must)
	}
	switch r.IntN(8) {
	case 0, 1:
		_ = s.Actor.PressOn(card.ID, "Взять в работу")
	case 2, 3:
		say(true, func(word string) int { return s.Reply(card.ID, "Смотрим: "+word) })
	case 4:
		say(true, func(word string) int { return s.Reply(card.ID, "// Заметка: "+word) })
	case 5:
		say(false, func(word string) int { return s.Send("/ask " + n + " Какая модель? " + word) })
	case 6:
		_ = s.Actor.PressOn(card.ID, "Вернуть в очередь")
	case 7:
		if s.left(n) {
			say(false, func(word string) int { return s.Send("/resolve " + n + " Заменили узел. " + word) })
		}
	}
}

// left says whether the person needs the incident open no more.
func (r *killRun) left(n string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.filed, func(f filing) bool { return string(f.number) == n && f.left })
}
