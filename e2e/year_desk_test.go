package e2e

import (
	"fmt"
	"testing/synctest"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
)

// deskSays sends a text with a word in the group.
func (y *year) deskSays(who *simulator.Actor, must bool, format string, send func(text string) int) {
	w := y.ledger.Fresh(harness.WordDesk, outbox.DeskChat)
	text := fmt.Sprintf(format, w)
	y.deskNote(who, "says %q", text)
	y.ledger.Typed(w, send(text), must)
}

func (y *year) deskNote(who *simulator.Actor, format string, args ...any) {
	y.ledger.Note(y.outside.Now(), outbox.DeskChat, who.Person().Name()+" "+format, args...)
}

// theCards are the cards in the group.
func (y *year) theCards() []simulator.Message {
	var cards []simulator.Message
	for _, m := range y.staff[0].Messages() {
		if m.FromBot && m.ReplyTo == 0 && len(m.Buttons) > 0 && harness.NumberForm.MatchString(m.FirstLine()) {
			cards = append(cards, m)
		}
	}
	return cards
}

// deskActs: a member of the desk does one thing.
func (y *year) deskActs() {
	who := y.staff[y.IntN(len(y.staff))]
	cards := y.theCards()
	if len(cards) == 0 {
		y.deskNote(who, "says /open")
		who.Send("/open")
		return
	}
	card := cards[y.IntN(len(cards))]
	n := harness.NumberForm.FindString(card.FirstLine())
	switch y.IntN(14) {
	case 0, 1:
		row := card.Buttons[y.IntN(len(card.Buttons))]
		label := row[y.IntN(len(row))].Text
		y.deskNote(who, "presses %q about %s", label, n)
		_ = who.PressOn(card.ID, label)
	case 2:
		y.deskCommands(who, "/take "+n, "/handover "+n, "/return "+n)
	case 3:
		y.deskCommands(who, "/open", "/incident "+n, "/help", "/search Администрация", "/take 26-00001-1", "/retry "+n)
	case 4:
		y.deskSays(who, false, "/ask "+n+" Какая модель, %s?", who.Send)
	case 5:
		y.deskSays(who, false, "/resolve "+n+" Заменили, %s.", who.Send)
	case 6, 7:
		y.deskSays(who, false, "Смотрим "+n+", %s", func(text string) int { return who.Reply(card.ID, text) })
	case 8:
		y.deskSays(who, false, "// Между нами, %s", func(text string) int { return who.Reply(card.ID, text) })
	case 9:
		y.deskSays(who, false, "Вот так: %s", func(text string) int { return who.Replying(card.ID).SendPhoto(aPhoto, text) })
	case 10:
		y.deskSays(who, false, "Два снимка, %s", func(text string) int {
			return who.Replying(card.ID).SendAlbum(simulator.AlbumItem{File: aPhoto, Caption: text}, simulator.AlbumItem{File: aPhoto})[0]
		})
	case 11, 12:
		y.deskAnswers(who)
	default:
		y.deskNote(who, "talks")
		who.Send("Кто идёт обедать?")
	}
}

func (y *year) deskCommands(who *simulator.Actor, any ...string) {
	text := any[y.IntN(len(any))]
	y.deskNote(who, "says %s", text)
	who.Send(text)
}

// deskAnswers replies to a message of the bot that is about one incident, a
// prompt perhaps.
func (y *year) deskAnswers(who *simulator.Actor) {
	all := who.Messages()
	for range 10 {
		m := all[len(all)-1-y.IntN(min(20, len(all)))]
		if m.FromBot && len(incident.FindNumbers(m.Body())) == 1 {
			y.deskSays(who, false, "Ответ, %s", func(text string) int {
				y.deskNote(who, "in reply to %q", m.FirstLine())
				return who.Reply(m.ID, text)
			})
			return
		}
	}
}

// deskFinishes: in peace, whatever the desk says is done.
func (y *year) deskFinishes() {
	y.drains()
	who := y.staff[1]
	for _, card := range y.theCards() {
		n := harness.NumberForm.FindString(card.FirstLine())
		y.deskSays(who, true, "Подводим итог "+n+", %s", func(text string) int { return who.Reply(card.ID, text) })
		time.Sleep(time.Second)
	}
	synctest.Wait()
}
