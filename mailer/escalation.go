package mailer

import (
	"fmt"
	"slices"
	"strings"

	"intakebot/incident"
	"intakebot/outbox"
)

// briefLength is how much of a description stands under «Краткое описание
// проблемы»; the whole of it follows below.
const briefLength = 1000

// previewState is how much of the state EscalationPreview shows: with it, the
// preview of ordinary answers fits one Telegram message (4,096 characters).
const previewState = 1000

// Escalation writes the letter to УИТ ПКО about the escalation e of i (point 6
// of the regulation): the five labelled parts first, then the incident as
// filed, what was done, and the earlier escalations. i may hold e already or
// not. Its Message-ID is e.MessageID, or MessageID of e.Seq when that is "";
// its date is e.At; a later letter refers to the earlier ones (RFC 5322,
// 3.6.4), so mail clients show them as one thread. files are the attachments of
// i as Collect returned them; the letter holds those that are there and tells
// why the others are not.
//
// It fails when From or UIT is no address, never because of what the person
// wrote.
func (l Letters) Escalation(i incident.Incident, e incident.Escalation, files ...incident.File) (outbox.Letter, error) {
	id := e.MessageID
	if id == "" {
		id = l.MessageID(i.Number, e.Seq)
	}
	var references []string
	for _, past := range earlier(i, e) {
		if past.MessageID == "" {
			past.MessageID = l.MessageID(i.Number, past.Seq)
		}
		references = append(references, past.MessageID)
	}
	return envelope{
		kind:       outbox.EscalationLetter,
		seq:        e.Seq,
		incident:   i,
		from:       l.From,
		to:         l.UIT,
		toWhat:     "УИТ",
		subject:    escalationSubject(i),
		date:       e.At.In(l.location()),
		messageID:  id,
		references: references,
		files:      files,
	}.render(l.escalationPage(i, e, files))
}

// EscalationPreview returns the subject, the number of files that will go along
// and the five labelled parts as plain text, for the person to read before
// sending. A long state is shortened here, never in the letter.
func (l Letters) EscalationPreview(i incident.Incident, state string) string {
	short, _ := incident.Cut(cleanText(state), previewState)
	p := page{Title: "Тема: " + oneLine(escalationSubject(i)), Lead: l.fittingLine(i.Attachments), Fields: fiveParts(i, short)}
	return p.clean().plain()
}

func escalationSubject(i incident.Incident) string {
	return "Эскалация обращения " + i.Number.String() + ": " + i.Organisation()
}

// escalationPage is what the letter says.
func (l Letters) escalationPage(i incident.Incident, e incident.Escalation, files []incident.File) page {
	past := earlier(i, e)
	p := page{
		Title: "Эскалация обращения №\u00a0" + i.Number.String(),
		Lead: []string{
			"Устранение неполадки задерживается, просим содействия.",
			"Основание: пункт 6 Порядка обращения в службу технической поддержки.",
		},
		Fields:   fiveParts(i, e.State),
		Sections: []section{l.filed(i, files), l.progress(i)},
		Closing:  answerTo(i),
	}
	for _, before := range slices.Backward(past) {
		if before.Letter != incident.LetterRefused { // a refused one never arrived
			p.Lead = append(p.Lead, "Это повторное письмо, предыдущее отправлено "+l.at(before.At)+".")
			break
		}
	}
	if len(past) > 0 {
		p.Sections = append(p.Sections, l.pastLetters(past))
	}
	p.Sections = append(p.Sections, l.contacts())
	return p.clean()
}

// fiveParts are the parts that point 6 of the regulation requires, in its
// order and words.
func fiveParts(i incident.Incident, state string) []field {
	return []field{
		{Label: "Наименование ОИВ (ОМСУ)", Value: given(i.Organisation())},
		{Label: "Регистрационный номер", Value: i.Number.String()},
		{Label: "Краткое описание проблемы", Value: given(brief(i.Description())), Block: true},
		{Label: "Текущее состояние решения проблемы", Value: given(state), Block: true},
		{Label: "Контактные данные", Inner: []field{
			{Label: "ФИО", Value: given(i.Answers.Get(incident.FullName))},
			{Label: "Телефон", Value: given(i.Phone().String())},
			{Label: "E-mail", Value: given(i.Answers.Get(incident.Email))},
		}},
	}
}

// given keeps a label from standing alone when a value is missing, which
// happens only to an incident whose personal data were erased.
func given(value string) string {
	if cleanText(value) == "" {
		return "не указано"
	}
	return value
}

// brief is the description whole, or its beginning and where the rest is.
func brief(description string) string {
	runes := []rune(cleanText(description))
	if len(runes) <= briefLength {
		return string(runes)
	}
	return string(runes[:briefLength]) + "… (полностью ниже)"
}

// filed is the incident as it was registered: the answers that are not among
// the five parts, the description whole, and the files.
func (l Letters) filed(i incident.Incident, files []incident.File) section {
	above := []incident.Key{incident.Organisation, incident.FullName, incident.PhoneNumber, incident.Email}
	s := section{Title: "Обращение в техническую поддержку", Fields: []field{
		{Label: "Зарегистрировано", Value: l.atZone(i.RegisteredAt)},
	}}
	for _, a := range i.Answers {
		if !slices.Contains(above, a.Key) {
			s.Fields = append(s.Fields, field{Label: a.Label, Value: shown(a), Block: a.Key == incident.Description})
		}
	}
	if len(files) > 0 {
		s.Fields = append(s.Fields, fileFields(files)...)
	} else if len(i.Attachments) > 0 {
		s.Fields = append(s.Fields, field{
			Label: "Файлы (переданы технической поддержке)",
			Value: titles(i.Attachments),
			Block: true,
		})
	}
	return s
}

// progress is the history: what support did, and what the reporter added.
// Registration and letters are told elsewhere in the letter. The desk's names
// are Telegram display names and stay out of an official letter.
func (l Letters) progress(i incident.Incident) section {
	s := section{Title: "Ход работы"}
	acted := false
	for _, entry := range i.History {
		switch entry.Kind {
		case incident.KindRegistered, incident.KindEscalated, incident.KindLetterSent, incident.KindLetterRefused, incident.KindLetterRetried:
			continue
		}
		if entry.Kind.Internal() || entry.Kind == incident.KindRated {
			continue
		}
		acted = acted || entry.By == incident.ByDesk
		s.Fields = append(s.Fields, l.historyLine(entry))
	}
	if !acted {
		s.Note = "Действия технической поддержки в журнале обращения не отмечены."
	}
	return s
}

// historyLine is one entry: when and what, then the words that were said.
func (l Letters) historyLine(entry incident.Entry) field {
	what := entry.Kind.String()
	if what == "" {
		what = map[incident.Side]string{
			incident.ByReporter: "Заявитель",
			incident.ByDesk:     "Техническая поддержка",
			incident.BySystem:   "Отметка",
		}[entry.By]
	}
	text := cleanText(entry.Text)
	if len(entry.Attachments) > 0 {
		if text != "" {
			text += "\n"
		}
		text += "Файлы: " + strings.ReplaceAll(titles(entry.Attachments), "\n", ", ")
	}
	return field{Label: l.at(entry.At) + " — " + what, Value: text}
}

// pastLetters lists the earlier escalations and what became of their letters.
func (l Letters) pastLetters(past []incident.Escalation) section {
	s := section{Title: "Предыдущие эскалации"}
	for _, e := range past {
		var fate string
		switch e.Letter {
		case incident.LetterSent:
			fate = "письмо принято почтовым сервером " + l.at(e.SettledAt)
		case incident.LetterRefused:
			fate = "письмо не принято почтовым сервером"
		default:
			fate = "письмо ждёт отправки"
		}
		s.Fields = append(s.Fields, field{Label: fmt.Sprintf("%d. %s", e.Seq, l.at(e.At)), Value: fate})
	}
	return s
}

// contacts is how УИТ reaches technical support.
func (l Letters) contacts() section {
	phone, box := l.Phone, l.Box
	if phone == "" {
		phone = supportPhone
	}
	if box == "" {
		box = supportBox
	}
	return section{Title: "Техническая поддержка " + supportName, Fields: []field{
		{Label: "Телефон", Value: phone},
		{Label: "Электронная почта", Value: box},
	}}
}

// earlier returns the escalations of i before e, oldest first.
func earlier(i incident.Incident, e incident.Escalation) []incident.Escalation {
	var past []incident.Escalation
	for _, other := range i.Escalations {
		if other.Seq < e.Seq {
			past = append(past, other)
		}
	}
	return past
}
