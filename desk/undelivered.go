package desk

import (
	"fmt"
	"slices"
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// Thing is what was to arrive.
type Thing string

// The things.
const (
	ToPerson         Thing = "person"
	FileToPerson     Thing = "person_file"
	ToDesk           Thing = "desk"
	FileToDesk       Thing = "desk_file"
	CopyToSupport    Thing = "copy"
	LetterToSecond   Thing = "uit"
	ClosingToSecond  Thing = "closing"
	AlarmLetter      Thing = "alarm"
	UnreadableLetter Thing = "letter"
)

// things say in Russian what it is, how it ends when it does not arrive, and
// what the desk can do.
var things = map[Thing]struct{ name, fails, todo string }{
	ToPerson:         {"сообщение заявителю", "не отправлено", byHand},
	FileToPerson:     {"файл заявителю", "не отправлен", byHand},
	ToDesk:           {"сообщение в эту группу", "не отправлено", wholeThing},
	FileToDesk:       {"файл в эту группу", "не отправлен", "Файл попросите прислать ещё раз."},
	CopyToSupport:    {"письмо с копией в почту техподдержки", "не принято", "Обращение целиком — в карточке. Проверьте ящик техподдержки и настройки почты."},
	LetterToSecond:   {"письмо в %[1]s", "не принято", "Проверьте адрес %[1]s и настройки почты."},
	ClosingToSecond:  {"письмо в %[1]s о снятии с контроля", "не принято", "Если %[1]s ждёт, сообщите о решении сами. Проверьте адрес и настройки почты."},
	AlarmLetter:      {"письмо администратору бота о сбое", "не принято", "Скажите ему, что на ALERT_EMAIL письма не доходят."},
	UnreadableLetter: {"письмо", "не отправлено", wholeThing},
}

// in fills the name of the second line in.
func (w Words) in(text string) string {
	if strings.Contains(text, "%") {
		return fmt.Sprintf(text, w.second())
	}
	return text
}

const (
	byHand     = "Заявителю позвоните или напишите: телефон и почта — в карточке."
	wholeThing = "Обращение целиком: /incident и номер."
)

// Lost is a dead row as the bulletin of what is undelivered shows it.
type Lost struct {
	ID     int64           `json:"id"`
	Number incident.Number `json:"number"`
	What   Thing           `json:"what"`
	Why    string          `json:"why"`
}

// WhyLost says why a row is dead, briefly: fifteen of them fit into a message.
func WhyLost(row outbox.Undelivered) string {
	const most = 120
	switch {
	case row.Failure == outbox.Unreadable:
		return "Запись в очереди повреждена."
	case row.Channel == outbox.Mail:
		return conversation.LetterProblem(row.Problem, most)
	case row.Failure == outbox.GivenUp:
		return "Не получалось пять дней: " + incident.CutUnits(row.Problem, most)
	}
	return "Telegram ответил: " + incident.CutUnits(row.Problem, most)
}

// Undelivered shows rows that were to arrive by what became of them.
func (w Words) Undelivered(all []Lost, states map[int64]outbox.State) string {
	var lines []string
	var todo []string
	var example incident.Number
	dead := 0
	for _, l := range all {
		lines = append(lines, w.lost(l, states[l.ID]))
		if states[l.ID] != outbox.Dead {
			continue
		}
		dead++
		if t := w.in(things[l.What].todo); !slices.Contains(todo, t) {
			todo = append(todo, t)
		}
		if example == "" {
			example = l.Number
		}
	}
	head := fmt.Sprintf("⚠️ <b>Не отправлено: %d</b>", dead)
	if dead == 0 {
		head = "✅ <b>Неотправленного не осталось</b>"
	}
	if example != "" {
		todo = append(todo, "Отправить снова: <code>/retry "+string(example)+"</code>")
	}
	return joined([]string{head, strings.Join(few(lines), "\n"), strings.Join(todo, "\n")})
}

func (w Words) lost(l Lost, f outbox.State) string {
	what := things[l.What]
	head := "Без номера: " + w.in(what.name)
	if l.Number != "" {
		head = "№\u00a0" + string(l.Number) + ": " + w.in(what.name)
	}
	switch f {
	case outbox.Dead:
		return head + " " + what.fails + ". " + Escape(l.Why)
	case outbox.Pending:
		return head + ": отправляем снова."
	case outbox.Sent:
		return head + ": отправлено."
	}
	return head + ": больше не нужно."
}

// Retried says what is tried again.
func (w Words) Retried(n incident.Number, again []Thing, r outbox.Retried) string {
	var names []string
	counts := map[string]int{}
	for _, thing := range again {
		name := w.in(things[thing].name)
		if counts[name]++; counts[name] == 1 {
			names = append(names, name)
		}
	}
	var parts []string
	for _, name := range names {
		if counts[name] > 1 {
			name += fmt.Sprintf(" (%d)", counts[name])
		}
		parts = append(parts, name)
	}
	head := "№\u00a0" + string(n)
	var said []string
	switch {
	case len(parts) > 0:
		said = append(said, "🔁 "+head+", отправляем снова: "+strings.Join(parts, ", ")+".")
	case r.Sending > 0:
		said = append(said, head+": отправка уже идёт, повторять нечего.")
	case len(r.Outdated) == 0:
		said = append(said, head+": повторять нечего, неотправленного нет.")
	}
	for _, seq := range r.Outdated {
		said = append(said, fmt.Sprintf("%s: письмо %d в %s не повторяем, после него было другое.", head, seq, w.second()))
	}
	return strings.Join(said, "\n")
}
