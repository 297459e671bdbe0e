package mailer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"intakebot/incident"
	"intakebot/outbox"
)

// briefLength is how much of a description stands under «Краткое описание
// проблемы»; the whole of it follows below.
const briefLength = 1000

// previewState is how much of the state EscalationPreview shows: with it, the
// preview of ordinary answers fits one Telegram message (4,096 characters).
const previewState = 1000

// Escalation writes the letter to the second line about the escalation e of i
// (point 6 of the regulation): the five labelled parts first, then the incident
// as filed, what was done, and the earlier escalations. i may hold e already or
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
		kind:        outbox.EscalationLetter,
		seq:         e.Seq,
		incident:    i,
		from:        l.From,
		to:          l.UIT,
		toWhat:      "second line",
		subject:     threadSubject(i),
		date:        e.At.In(l.location()),
		messageID:   id,
		references:  references,
		files:       files,
		answersHere: l.AnswersHere,
	}.render(l.escalationPage(i, e, files))
}

// EscalationPreview returns the subject, the number of files that will go along
// and the five labelled parts as plain text, for the person to read before
// sending. A long state is shortened here, never in the letter.
func (l Letters) EscalationPreview(i incident.Incident, state string) string {
	short, _ := incident.Cut(cleanText(state), previewState)
	p := page{Title: "Тема: " + oneLine(threadSubject(i)), Lead: l.fittingLine(i.Attachments), Fields: fiveParts(i, short)}
	return p.clean().plain()
}

// threadSubject is the subject of all letters to the second line about i.
func threadSubject(i incident.Incident) string {
	return "Эскалация обращения " + i.Number.String() + ": " + i.Organisation()
}

// escalationPage is what the letter says.
func (l Letters) escalationPage(i incident.Incident, e incident.Escalation, files []incident.File) page {
	past := earlier(i, e)
	p := page{
		Title:    "Эскалация обращения №\u00a0" + i.Number.String(),
		Lead:     l.reasons(past),
		Fields:   fiveParts(i, e.State),
		Sections: []section{l.filed(i, files), l.progress(i)},
		Closing:  append(answerTo(i), l.zone(e.At)),
	}
	if len(past) > 0 {
		p.Sections = append(p.Sections, l.pastLetters(past))
	}
	p.Sections = append(p.Sections, l.contacts())
	return p.clean()
}

// reasons say why there is a letter, and which one before it arrived.
func (l Letters) reasons(past []incident.Escalation) []string {
	lead := []string{"Устранение неполадки задерживается, просим содействия."}
	if r := l.line().Regulation; r != "" {
		lead = append(lead, "Основание: «"+r+"»"+clause(l.line().Second.Clause)+".")
	}
	for _, before := range slices.Backward(past) {
		if !before.Letter.Failed() { // such a one never arrived
			return append(lead, "Это повторное письмо, предыдущее "+l.letterState(before)+".")
		}
	}
	return lead
}

func clause(c string) string {
	if c == "" {
		return ""
	}
	return ", " + c
}

// fiveParts are the parts that point 6 of the regulation requires, in its
// order and words; a description that would push the contact out of sight
// stands behind it.
func fiveParts(i incident.Incident, state string) []field {
	short := brief(i.Description())
	description := field{Label: "Краткое описание проблемы", Value: given(short), Block: true}
	current := field{Label: "Текущее состояние решения проблемы", Value: given(state), Block: true}
	contact := field{Label: "Контактные данные", Inner: []field{
		{Label: "ФИО", Value: given(i.Answers.Get(incident.FullName))},
		contactField("Телефон", i, incident.PhoneNumber),
		contactField("E-mail", i, incident.Email),
	}}
	parts := []field{
		{Label: "Наименование ОИВ (ОМСУ)", Value: given(i.Organisation())},
		{Label: "Регистрационный номер", Value: i.Number.String()},
	}
	if long(short) {
		return append(parts, contact, description, current)
	}
	return append(parts, description, current, contact)
}

// long says that a text takes more of a screen than what follows it should wait.
func long(text string) bool {
	return utf8.RuneCountInString(text) > 500 || strings.Count(text, "\n") > 7
}

// contactField is an answer under the regulation's word for it.
func contactField(label string, i incident.Incident, key incident.Key) field {
	f := answerField(label, incident.Answer{Key: key, Value: i.Answers.Get(key)})
	f.Value = given(f.Value)
	return f
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
	if !cut(description) {
		return string(runes)
	}
	return string(runes[:briefLength]) + "… (полностью ниже)"
}

// cut says that brief does not hold the whole description.
func cut(description string) bool {
	return utf8.RuneCountInString(cleanText(description)) > briefLength
}

// filed is the incident as it was registered: the answers that are not among
// the five parts, the description where those do not hold the whole of it, and
// the files.
func (l Letters) filed(i incident.Incident, files []incident.File) section {
	above := []incident.Key{incident.Organisation, incident.FullName, incident.PhoneNumber, incident.Email}
	s := section{Title: "Обращение в техническую поддержку", Forwarded: true, Fields: []field{
		{Label: "Зарегистрировано", Value: l.at(i.RegisteredAt)},
	}}
	for _, a := range i.Answers {
		f := answerField(a.Label, a)
		if a.Key == incident.Description && !cut(a.Value) {
			f.Value, f.Block = "приведено выше полностью", false
		}
		if !slices.Contains(above, a.Key) {
			s.Fields = append(s.Fields, f)
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
		case incident.KindRegistered, incident.KindEscalated, incident.KindLetterSent, incident.KindLetterRefused, incident.KindLetterRetried,
			incident.KindLetterReturned, incident.KindLetterDelayed, incident.KindLetterReceived:
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
	what := l.Line.Happened(entry.Kind)
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
		s.Fields = append(s.Fields, field{Label: fmt.Sprintf("Письмо %d", e.Seq), Value: l.letterState(e)})
	}
	return s
}

// letterState says what became of an escalation's letter, behind «письмо».
func (l Letters) letterState(e incident.Escalation) string {
	switch e.Letter {
	case incident.LetterSent:
		return "отправлено " + l.at(e.SettledAt)
	case incident.LetterRefused:
		return "не отправлено, почтовый сервер его не принял"
	case incident.LetterReturned:
		return "вернулось, почтовый сервер получателя его не принял"
	}
	return "ждёт отправки с " + l.at(e.At)
}

// contacts is how the second line reaches technical support.
func (l Letters) contacts() section {
	desk := l.line().Support
	fields := []field{{Label: "Телефон", Value: l.supportPhone(), Link: deskPhoneLink(desk)}}
	if desk.Opens != desk.Closes {
		hours := fmt.Sprintf("с %s до %s по времени заявителя", desk.Opens, desk.Closes)
		fields = append(fields, field{Label: "Телефон работает", Value: hours})
	}
	fields = append(fields, field{Label: "Электронная почта (круглосуточно)", Value: desk.Email, Link: mailLink(desk.Email)})
	return section{Title: "Техническая поддержка " + desk.Name, Fields: fields}
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
