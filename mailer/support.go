package mailer

import (
	"intakebot/incident"
	"intakebot/outbox"
)

// SupportCopy writes the letter that tells technical support of a registered
// incident: every answer whole, under its own label, so that a field added to
// the dialogue appears here by itself. The letter's date is the registration's.
//
// wanted is false when Support is "". It fails when From or Support is no
// address, never because of what the person wrote.
func (l Letters) SupportCopy(i incident.Incident) (letter outbox.Letter, wanted bool, err error) {
	if l.Support == "" {
		return outbox.Letter{}, false, nil
	}
	letter, err = envelope{
		kind:        outbox.SupportCopy,
		incident:    i,
		from:        l.From,
		to:          l.Support,
		toWhat:      "technical support",
		subject:     "Обращение " + i.Number.String() + ": " + i.Organisation(),
		date:        i.RegisteredAt.In(l.location()),
		messageID:   l.MessageID(i.Number, 0),
		automatic:   true,
		answersHere: l.AnswersHere,
	}.render(l.supportPage(i))
	return letter, true, err
}

// supportPage is what the copy says.
func (l Letters) supportPage(i incident.Incident) page {
	filed := section{Title: "Обращение", Forwarded: true}
	for _, a := range i.Answers {
		filed.Fields = append(filed.Fields, answerField(a.Label, a))
	}
	if len(i.Attachments) > 0 {
		filed.Fields = append(filed.Fields, field{
			Label: "Файлы (в группе поддержки в Telegram)",
			Value: titles(i.Attachments),
			Block: true,
		})
	}
	return page{
		Title: "Обращение №\u00a0" + i.Number.String(),
		Lead:  []string{"Обращение зарегистрировано в боте технической поддержки."},
		Fields: []field{
			{Label: "Регистрационный номер", Value: i.Number.String()},
			{Label: "Зарегистрировано", Value: l.at(i.RegisteredAt)},
		},
		Sections: []section{filed},
		Closing:  append(answerTo(i), l.zone(i.RegisteredAt)),
	}.clean()
}
