package conversation

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"intakebot/incident"
)

// Complaint tells a person in one plain sentence what to do about an input
// that cannot be taken; "" when it can.
type Complaint string

// Step is a row of the table: one thing that the report must hold. Key, Label,
// Ask and Example are all that a new row needs.
type Step struct {
	Key incident.Key
	// Label names the field: in the first line of its question, in the
	// summary, on the card, in letters and in the export.
	Label string
	// Ask and Example are the question. Example is an answer that is taken.
	Ask, Example string
	// Accept cleans what was typed. It returns the value to keep, or a
	// complaint; an accepted value is accepted again unchanged. nil takes any
	// line in which something can be read.
	Accept func(typed string) (value string, complaint Complaint)
	// Most is how many characters an answer has at most; 0 is answerMost.
	Most int
	// Begins says that a refused text may be the beginning of an answer; nil:
	// never.
	Begins func(typed string) bool
	// Whole: an answer is found whole in a message, and what follows in another
	// one belongs to the next question.
	Whole bool
	// Sure says that a line is surely an answer to this step, whatever was
	// asked; nil: that cannot be told.
	Sure func(typed string) bool
	// Names are other names of the field, as they stand in letters.
	Names []string
	// Mend offers a value for a refused one, "" if none; nil: never.
	Mend func(d *Dialogue, typed string) string
	// Doubt says in a sentence what looks odd about an accepted value; nil:
	// nothing ever does.
	Doubt func(value string) string
	// Hint offers a better value for an accepted one, "" if none; nil when
	// the step has no suggestions.
	Hint func(d *Dialogue, r incident.Reporter, value string) string
	// Show makes the value readable; nil shows it as it is.
	Show func(value string) string
	// Contact: the question comes with the button that sends one's number.
	Contact bool
	// Parts: the answer is collected over several messages, with files.
	Parts bool
}

// Steps is the whole report (point 4 of the regulation), in the order of
// asking. Prompt, summary, card, letter, database and export follow from it.
var Steps = []Step{
	{
		Key: incident.Organisation, Label: "Организация",
		Ask:     "Как называется ваша организация? Полностью, как в документах.",
		Example: "Администрация Кетовского муниципального округа",
		Accept:  acceptOrganisation, Most: 300, Hint: (*Dialogue).suggestOrganisation, Doubt: doubtOrganisation,
		Sure: looksLikeBody, Names: []string{"Наименование ОИВ", "Наименование организации", "Название организации", "ОИВ", "Орган власти", "Учреждение"},
	},
	{
		Key: incident.FullName, Label: "ФИО",
		Ask:     "Напишите ваши фамилию, имя и отчество.",
		Example: "Иванова Анна Петровна",
		Accept:  acceptFullName, Most: 150, Begins: beginsName, Doubt: doubtName,
		Sure: looksLikeName, Names: []string{"Фамилия", "Имя", "Пользователь", "Заявитель", "Контактное лицо"},
	},
	{
		Key: incident.PhoneNumber, Label: "Телефон",
		Ask:     "По какому номеру с вами связаться? Напишите его или нажмите внизу «" + LabelContact + "». Можно с добавочным.",
		Example: "8" + nbsp + "(3522)" + nbsp + "42-80-01 доб." + nbsp + "12",
		Accept:  acceptPhone, Most: phoneMost, Show: showPhone, Contact: true, Begins: beginsPhone, Mend: mendPhone,
		Whole: true, Sure: surePhone, Names: []string{"Тел", "Контактный телефон", "Номер телефона", "Моб", "Тел факс"},
	},
	{
		Key: incident.Email, Label: "Электронная почта",
		Ask:     "На какой адрес вам ответить?",
		Example: "ivanova@example.ru",
		Accept:  acceptEmail, Most: emailMost, Show: showEmail, Hint: suggestEmail, Mend: mendEmail,
		Whole: true, Sure: sureEmail, Names: []string{"Почта", "E-mail", "Email", "Эл почта", "Адрес электронной почты"},
	},
	{
		Key: incident.Description, Label: "Описание",
		Ask:     "Что сломалось или что нужно сделать? Можно приложить фото и документы.",
		Example: "с" + nbsp + "9:00 нет связи, на координаторе не горят индикаторы",
		Accept:  acceptDescription, Most: descriptionMost, Parts: true,
		Names: []string{"Проблема", "Неисправность", "Суть", "Суть обращения", "Цель обращения", "Краткое описание", "Описание неисправности", "Что случилось"},
	},
}

// Check returns the value to keep of what was typed, or a complaint. An
// accepted value is accepted again unchanged.
func (s Step) Check(typed string) (value string, complaint Complaint) {
	accept := s.Accept
	if accept == nil {
		accept = acceptLine
	}
	value, complaint = accept(typed)
	if n, most := utf8.RuneCountInString(value), cmp.Or(s.Most, answerMost); complaint == "" && n > most {
		how := "сократите, пожалуйста"
		if s.Parts {
			how = "сократите текст или приложите его файлом"
		}
		return "", Complaint(fmt.Sprintf("Получилось %s, а больше %s не принять: %s.", count(n, "знак", "знака", "знаков"), thousands(most), how))
	}
	return value, complaint
}

// StepAsked finds the step whose question a message of ours is, by the label in
// its first line.
func StepAsked(message string) (Step, bool) {
	first, _, _ := strings.Cut(message, "\n")
	label, _, ok := strings.Cut(PlainText(first), " — шаг ")
	for _, step := range Steps {
		if ok && step.Label == label {
			return step, true
		}
	}
	return Step{}, false
}

// StepByKey returns the row with that key.
func StepByKey(key incident.Key) (Step, bool) {
	for _, step := range Steps {
		if step.Key == key {
			return step, true
		}
	}
	return Step{}, false
}

// lastStep is the description.
func lastStep() Step { return Steps[len(Steps)-1] }

// show returns the value as people read it.
func (s Step) show(value string) string {
	if s.Show == nil {
		return value
	}
	return s.Show(value)
}

// ordinal is the step's place in the table from 1.
func (s Step) ordinal() int {
	for i := range Steps {
		if Steps[i].Key == s.Key {
			return i + 1
		}
	}
	return 0
}

// Shown returns an answer's value as people read it.
func Shown(a incident.Answer) string {
	if step, ok := StepByKey(a.Key); ok {
		return step.show(a.Value)
	}
	return a.Value
}
