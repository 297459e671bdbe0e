package main

import (
	"strings"

	"intakebot/incident"
	"intakebot/simulator"
)

// clerk is a person in her chat with the bot.
type clerk struct {
	*simulator.Must
	h *house
}

var surnames = []string{"Иванова", "Петрова", "Сидорова", "Кузнецова", "Смирнова"}

// clerk brings a new person.
func (h *house) clerk() *clerk {
	surname := surnames[len(h.telegram.People())%len(surnames)]
	return &clerk{h.telegram.Person("Анна", surname).Chat().Must(h), h}
}

// The answers of the usual report, in the order of the questions.
var usual = []struct{ field, answer string }{
	{"Организация", "Администрация Кетовского муниципального округа"},
	{"ФИО", "Иванова Анна Петровна"},
	{"Телефон", "8 (3522) 42-80-01 доб. 155"},
	{"Электронная почта", "ivanova@example.ru"},
	{"Описание", "С 9:00 нет связи с сетью Правительства, на ViPNet-координаторе не горят индикаторы."},
}

const (
	usualPhone   = "+7 (3522) 42-80-01, доб. 155"
	usualProblem = "С 9:00 нет связи с сетью Правительства, на ViPNet-координаторе не горят индикаторы."
	summaryHead  = "Проверьте"
)

// begins agrees to the processing of her data and reads the first question.
func (c *clerk) begins() {
	c.h.Helper()
	c.Send("/start")
	c.Press("Согласен")
	c.AwaitText("Организация", "шаг 1 из 5")
}

// next is the first line of what follows the i-th answer.
func next(i int) string {
	if i+1 < len(usual) {
		return usual[i+1].field
	}
	return summaryHead
}

// reaches goes from the first touch to a question, "" for the summary.
func (c *clerk) reaches(field string) {
	c.h.Helper()
	c.begins()
	for i, a := range usual {
		if a.field == field {
			return
		}
		c.Ask(a.answer, next(i))
	}
}

// answersFrom gives the usual answers from that question to the summary.
func (c *clerk) answersFrom(field string) {
	c.h.Helper()
	asked := false
	for i, a := range usual {
		if asked = asked || a.field == field; asked {
			c.Ask(a.answer, next(i))
		}
	}
}

// registers presses the button under the summary and returns the number that
// she reads.
func (c *clerk) registers() incident.Number {
	c.h.Helper()
	c.Press("Зарегистрировать")
	return c.readsNumber()
}

func (c *clerk) readsNumber() incident.Number {
	c.h.Helper()
	return numberIn(c.h, c.AwaitText("зарегистрировано"))
}

// files goes the whole way from the first touch to the number.
func (c *clerk) files() incident.Number {
	c.h.Helper()
	c.reaches("")
	return c.registers()
}

// filesAgain files a second report, by the remembered answers.
func (c *clerk) filesAgain(problem string) incident.Number {
	c.h.Helper()
	c.Ask("/new", "Описание")
	c.Ask(problem, summaryHead)
	return c.registers()
}

// proposesLetter goes from the number to the preview of the letter to УИТ.
func (c *clerk) proposesLetter(n incident.Number, state string) simulator.Message {
	c.h.Helper()
	c.Ask("/escalate "+string(n), "Текущее состояние")
	return c.Ask(state, "Письмо в УИТ", state)
}

// escalates sends the letter; it has left when the program says so.
func (c *clerk) escalates(n incident.Number, state string) {
	c.h.Helper()
	c.proposesLetter(n, state)
	c.Press("Отправить в УИТ")
	c.AwaitText("Письмо в УИТ", string(n), "отправлено")
}

// bots are the bot's messages in the chat, oldest first.
func (c *clerk) bots() []simulator.Message {
	var own []simulator.Message
	for _, m := range c.Messages() {
		if m.FromBot {
			own = append(own, m)
		}
	}
	return own
}

// count is how many of the bot's messages hold the text.
func (c *clerk) count(text string) int {
	n := 0
	for _, m := range c.bots() {
		if strings.Contains(m.Body(), text) {
			n++
		}
	}
	return n
}

// settled returns once all that was sent before is worked on and answered: the
// answers of a chat keep their order.
func (c *clerk) settled() {
	c.h.Helper()
	c.Ask("/help", "Что умеет бот")
	if err := c.h.telegram.AwaitConfirmed(c.h.within()); err != nil {
		c.h.Fatal(err)
	}
}
