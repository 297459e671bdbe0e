package harness

import (
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/simulator"
)

// Clerk is a person in her chat with the bot.
type Clerk struct {
	*simulator.Must
	H *Harness
}

var Surnames = []string{"Иванова", "Петрова", "Сидорова", "Кузнецова", "Смирнова"}

// Clerk brings a new person.
func (h *Harness) Clerk() *Clerk {
	surname := Surnames[len(h.Telegram.People())%len(Surnames)]
	return &Clerk{h.Telegram.Person("Анна", surname).Chat().Must(h), h}
}

// Answer is what is said to a question.
type Answer struct{ Field, Answer string }

// The answers of the usual report, in the order of the questions.
var Usual = []Answer{
	{"Организация", "Администрация Кетовского муниципального округа"},
	{"ФИО", "Иванова Анна Петровна"},
	{"Телефон", "8 (3522) 42-80-01 доб. 155"},
	{"Электронная почта", "ivanova@example.ru"},
	{"Описание", "С 9:00 нет связи с сетью Правительства, на ViPNet-координаторе не горят индикаторы."},
}

const (
	UsualPhone   = "+7 (3522) 42-80-01, доб. 155"
	UsualProblem = "С 9:00 нет связи с сетью Правительства, на ViPNet-координаторе не горят индикаторы."
	SummaryHead  = "Проверьте"
)

// Begins agrees to the processing of her data and reads the first question.
func (c *Clerk) Begins() {
	c.H.Helper()
	c.Send("/start")
	c.Press("Согласен")
	c.AwaitText("Организация", "шаг ")
}

// report is an answer to each row of the table: the usual one, or the row's own
// example where there is none.
func report() []Answer {
	var all []Answer
	for _, step := range conversation.Steps {
		a := Answer{step.Label, step.Example}
		for _, usual := range Usual {
			if usual.Field == a.Field {
				a = usual
			}
		}
		all = append(all, a)
	}
	return all
}

// Next is the first line of what follows the i-th answer.
func Next(i int) string {
	if all := report(); i+1 < len(all) {
		return all[i+1].Field
	}
	return SummaryHead
}

// Reaches goes from the first touch to a question, "" for the summary.
func (c *Clerk) Reaches(field string) {
	c.H.Helper()
	c.Begins()
	for i, a := range report() {
		if a.Field == field {
			return
		}
		c.Ask(a.Answer, Next(i))
	}
}

// AnswersFrom gives the usual answers from that question to the summary.
func (c *Clerk) AnswersFrom(field string) {
	c.H.Helper()
	asked := false
	for i, a := range report() {
		if asked = asked || a.Field == field; asked {
			c.Ask(a.Answer, Next(i))
		}
	}
}

// Registers presses the button under the summary and returns the number that
// she reads.
func (c *Clerk) Registers() incident.Number {
	c.H.Helper()
	c.Press("Зарегистрировать")
	return c.ReadsNumber()
}

func (c *Clerk) ReadsNumber() incident.Number {
	c.H.Helper()
	return NumberIn(c.H, c.AwaitText("зарегистрировано"))
}

// Files goes the whole way from the first touch to the number.
func (c *Clerk) Files() incident.Number {
	c.H.Helper()
	c.Reaches("")
	return c.Registers()
}

// FilesAgain files a second report, by the remembered answers.
func (c *Clerk) FilesAgain(problem string) incident.Number {
	c.H.Helper()
	c.Ask("/new", "Описание")
	c.Ask(problem, SummaryHead)
	return c.Registers()
}

// ProposesLetter goes from the number to the preview of the letter to УИТ.
func (c *Clerk) ProposesLetter(n incident.Number, state string) simulator.Message {
	c.H.Helper()
	c.Ask("/escalate "+string(n), "Текущее состояние")
	return c.Ask(state, "Письмо в УИТ", state)
}

// Escalates sends the letter; it has left when the program says so.
func (c *Clerk) Escalates(n incident.Number, state string) {
	c.H.Helper()
	c.ProposesLetter(n, state)
	c.Press("Отправить в УИТ")
	c.AwaitText("Письмо в УИТ", string(n), "отправлено")
}

// Bots are the bot's messages in the chat, oldest first.
func (c *Clerk) Bots() []simulator.Message {
	var own []simulator.Message
	for _, m := range c.Messages() {
		if m.FromBot {
			own = append(own, m)
		}
	}
	return own
}

// Count is how many of the bot's messages hold the text.
func (c *Clerk) Count(text string) int {
	n := 0
	for _, m := range c.Bots() {
		if strings.Contains(m.Body(), text) {
			n++
		}
	}
	return n
}

// Settled returns once all that was sent before is worked on and answered: the
// answers of a chat keep their order.
func (c *Clerk) Settled() {
	c.H.Helper()
	c.Ask("/help", "Что умеет бот")
	if err := c.H.Telegram.AwaitConfirmed(c.H.Within()); err != nil {
		c.H.Fatal(err)
	}
}
