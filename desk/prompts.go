package desk

import (
	"fmt"
	"strings"

	"intakebot/incident"
)

// Name is a member's name in one line, without the marks that turn the direction
// of what follows.
func Name(first, last string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == '\u061c', r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, first+" "+last)
	return incident.CutUnits(strings.Join(strings.Fields(name), " "), NameMost)
}

// Prompt asks a member of the desk for the words of a question or a solution.
func Prompt(member int64, name string, a incident.Action, n incident.Number) string {
	what, whose := "что спросить", "вопрос"
	if a == incident.Solve {
		what, whose = "что сделано", "ответ"
	}
	who := fmt.Sprintf(`<a href="tg://user?id=%d">%s</a>`, member, Escape(name))
	return fmt.Sprintf("%s, %s по\u00a0№\u00a0%s? Ответьте на\u00a0это сообщение за\u00a010\u00a0минут\u00a0— %s прочтёт заявитель.", who, what, n, whose)
}

// Why an answer to a prompt is not taken.
const (
	promptExpired = "Десять минут прошли, бот этого ответа уже не ждёт."
	promptForeign = "Этого ответа бот ждёт от сотрудника: %s."
	promptMasked  = "Вы пишете анонимно, и бот не знает, ваш ли это ответ."
	promptForgot  = "Бот уже не помнит, от кого ждал этого ответа."
)

// PromptExpired, PromptForeign and PromptForgotten tell a member why the answer
// to a prompt is not taken, with the command that says the same.
func PromptExpired(a incident.Act) string { return notTaken(promptExpired, a) }

// PromptForeign names who was asked, if it is known.
func PromptForeign(name string, a incident.Act) string {
	if name == "" {
		name = "другого"
	}
	return notTaken(fmt.Sprintf(promptForeign, Escape(name)), a)
}

// PromptAnonymous is for an administrator without a name.
func PromptAnonymous(a incident.Act) string { return notTaken(promptMasked, a) }

// PromptForgotten is for a prompt that was sent and not recorded.
func PromptForgotten(a incident.Act) string { return notTaken(promptForgot, a) }

func notTaken(why string, a incident.Act) string {
	how := "Чтобы это ушло заявителю, отправьте команду (нажмите на неё, и она скопируется):"
	if len(a.Attachments) > 0 {
		how = "Чтобы это ушло заявителю, пришлите файл ещё раз с такой подписью (нажмите, и она скопируется):"
	}
	return joined([]string{why + " " + how, ready(a)})
}

// ready is the command that does an act, to be copied by a tap.
func ready(a incident.Act) string {
	const most = 3000 // UTF-16 units: with its frame it fits into a message
	words := a.Text
	if words == "" || incident.Units(words) > most {
		words = "и ваш текст"
	}
	return "<code>" + Escape(verbs[a.Action]+" "+string(a.Number)+" "+words) + "</code>"
}

var verbs = map[incident.Action]string{
	incident.Take: "/take", incident.Ask: "/ask", incident.Solve: "/resolve", incident.HandOver: "/handover", incident.Return: "/return",
}

// Toasts say that a press, or a command without words, is carried out.
var Toasts = map[incident.Action]string{incident.Take: "Ваше", incident.HandOver: "Ваше", incident.Return: "Вернули"}

// Kept says of a note what a reaction says where there are reactions.
const Kept = "Осталось заметкой, заявителю это не ушло."

// sampleNumber stands for a number in a sentence about no incident.
const sampleNumber incident.Number = "26-00001-4"

// How says how to write a command. n is "" when no incident is known.
func How(a incident.Action, n incident.Number) string {
	verb := verbs[a]
	instead := ""
	if n == "" {
		n, instead = sampleNumber, " Или ответьте командой на карточку: тогда номер не нужен."
	}
	command := verb + " " + string(n)
	switch a {
	case incident.Ask:
		return "Напишите так: " + command + " и вопрос заявителю." + instead
	case incident.Solve:
		return "Напишите так: " + command + " и что сделано. Без слов закрыть нельзя: это прочтёт заявитель." + instead
	}
	return "Напишите так: " + command + "." + instead
}

// Anonymously tells an administrator without a name that no answer can be waited
// for. It is a toast: 200 characters at most.
func Anonymously(a incident.Action, n incident.Number) string {
	return "Вы пишете анонимно, ответа ждать не от кого. " + How(a, n)
}
