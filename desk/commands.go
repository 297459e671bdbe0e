package desk

import (
	"errors"
	"slices"
	"strings"

	"intakebot/incident"
)

// Command is a row of the table of the desk's commands.
type Command struct{ Name, Help string }

// Commands are the commands of the support group in the order of its menu.
var Commands = []Command{
	{"open", "открытые обращения"},
	{"incident", "обращение целиком: /incident номер"},
	{"search", "найти обращение: /search слова"},
	{"take", "взять в работу: /take номер"},
	{"ask", "спросить заявителя: /ask номер текст"},
	{"resolve", "решено: /resolve номер текст"},
	{"handover", "взять себе: /handover номер"},
	{"return", "вернуть в очередь: /return номер"},
	{"retry", "отправить неотправленное: /retry номер"},
	{"link", "привязать письмо: ответом на него, /link номер"},
	{"undo", "удалить у заявителя: ответом на своё сообщение"},
	{"stats", "сводка за 7, 30 и 90 дней"},
	{"help", "как пользоваться"},
}

// IsCommand says that a command is the desk's.
func IsCommand(name string) bool {
	return slices.ContainsFunc(Commands, func(c Command) bool { return c.Name == name })
}

// Help explains how to work, with all commands.
func Help() string {
	var b strings.Builder
	b.WriteString("<b>Как работать с обращениями</b>\n\nОтвет на карточку или на сообщение заявителя уходит ему, ответ на другие сообщения бота — никому. " +
		"Ответ, который начинается с //, остаётся заметкой для коллег.\n\n" +
		"👌 — дошло до заявителя (под командой — выполнено), ✍ — заметка, осталась здесь. В\u00a0ответе на карточку номер в\u00a0команде не нужен.\n")
	for _, c := range Commands {
		b.WriteString("\n/" + c.Name + " — " + Escape(c.Help))
	}
	return b.String()
}

const mistyped = "В номере опечатка: сверьте его, пожалуйста, с карточкой."

// Number reads a number from the beginning of a command's arguments and returns
// the rest; complaint says what is wrong, how when there is no number.
func Number(args, how string) (n incident.Number, rest, complaint string) {
	word, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(args, "№"), " "), " ")
	if i := strings.IndexByte(word, '\n'); i >= 0 {
		word, rest = word[:i], word[i+1:]+" "+rest
	}
	n, err := incident.ParseNumber(word)
	switch {
	case errors.Is(err, incident.ErrMistyped):
		return "", "", mistyped
	case err != nil:
		return "", "", how
	}
	return n, strings.TrimSpace(rest), ""
}
