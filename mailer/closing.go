package mailer

import (
	"fmt"

	"intakebot/incident"
	"intakebot/outbox"
)

// Closing writes the letter that tells the second line of the solution of an
// escalated incident, in the thread of its escalations: it refers to those that
// were not refused, and has their subject, by which some mail programs tell a
// thread. There is one a solution (incident.Incident.Solution), with its time
// as the date; an incident without one makes an error. A machine writes it, so
// it is marked as such (RFC 3834).
//
// wanted is false without TellSolutions. Otherwise it fails only when From or
// UIT is no address.
func (l Letters) Closing(i incident.Incident) (letter outbox.Letter, wanted bool, err error) {
	if !l.TellSolutions {
		return outbox.Letter{}, false, nil
	}
	solution, seq, ok := i.Solution()
	if !ok {
		return outbox.Letter{}, false, fmt.Errorf("mailer: %s is not solved", i.Number)
	}
	var references []string
	for _, e := range i.Escalations {
		if e.Letter.Failed() {
			continue
		}
		if e.MessageID == "" {
			e.MessageID = l.MessageID(i.Number, e.Seq)
		}
		references = append(references, e.MessageID)
	}
	letter, err = envelope{
		kind:        outbox.ClosingLetter,
		seq:         seq,
		incident:    i,
		from:        l.From,
		to:          l.UIT,
		toWhat:      "second line",
		subject:     threadSubject(i),
		date:        solution.At.In(l.location()),
		messageID:   l.messageID(fmt.Sprintf("%s.closed.%d", oneLine(i.Number.String()), seq)),
		references:  references,
		automatic:   true,
		answersHere: l.AnswersHere,
	}.render(l.closingPage(i, solution))
	return letter, true, err
}

// closingPage is what the letter says.
func (l Letters) closingPage(i incident.Incident, solution incident.Entry) page {
	who, done := "Что сделано (сообщила техническая поддержка)", solution.Text
	if solution.By == incident.ByReporter {
		who = "Сообщил заявитель"
		if cleanText(done) == "" {
			done = "Проблема решена."
		}
	}
	letters := l.pastLetters(i.Escalations)
	letters.Title = "Эскалации"
	return page{
		Title: "Снято с контроля: обращение №\u00a0" + i.Number.String(),
		Lead:  []string{"Работа по обращению завершена, содействие по эскалации больше не требуется."},
		Fields: []field{
			{Label: "Наименование ОИВ (ОМСУ)", Value: given(i.Organisation())},
			{Label: "Регистрационный номер", Value: i.Number.String()},
			{Label: "Решено", Value: l.at(solution.At)},
			{Label: who, Value: given(done), Block: true},
		},
		Sections: []section{
			{Title: "Обращение в техническую поддержку", Forwarded: true, Fields: []field{
				{Label: "Краткое описание проблемы", Value: given(briefly(i.Description())), Block: true},
			}},
			letters, l.contacts(),
		},
		Closing: append(answerTo(i), l.zone(solution.At)),
	}.clean()
}

// briefly is the description or its beginning, in a letter that does not have
// the rest.
func briefly(description string) string {
	short, _ := incident.Cut(cleanText(description), briefLength)
	return short
}
