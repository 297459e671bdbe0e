package desk

import (
	"fmt"
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// Farewell tells the desk, by number only, that the person is gone.
func Farewell(before []incident.Incident) string {
	var numbers []incident.Number
	open := false
	for _, i := range before {
		numbers = append(numbers, i.Number)
		open = open || i.Status.Open()
	}
	text := "🗑 Заявитель отозвал данные: " + conversation.NumberList(numbers) + "."
	switch {
	case open && len(numbers) == 1:
		text += " Обращение отменено, работать над ним больше не нужно."
	case open:
		text += " Открытые обращения отменены, работать над ними больше не нужно."
	}
	text += "\n\nДанные удалены, карточки и пересланные сообщения бот сейчас очистит."
	return text
}

// Stayed asks the desk to delete what the bot cannot. group is its id, moved says
// that it has become a supergroup since.
func Stayed(e outbox.Erasure, group int64, moved bool) string {
	parts := []string{"🗑 Данные удалены: " + conversation.NumberList(e.Numbers) + ". Остальное бот убрать не может, удалите, пожалуйста, сами:"}
	if len(e.Staff) > 0 {
		parts = append(parts, "— сообщения сотрудников заявителю: "+links(group, e.Staff))
	}
	if len(e.Stayed) > 0 {
		parts = append(parts, "— сообщения бота, которые Telegram не даёт изменить, а после 48 часов не даёт и удалить (администратору тоже): "+links(group, e.Stayed))
	}
	if moved {
		parts = append(parts, "— всё, что написано до того, как группа стала супергруппой")
	}
	return joined(append(parts, "Проверьте также заметки, команды с текстом и списки /open и /search: в них мог быть назван заявитель."))
}

// Emptied stands in the place of what was erased.
func Emptied(n incident.Number) string {
	return fmt.Sprintf("🗑 №\u00a0%s: удалено вместе с данными заявителя.", n)
}

// LastLetterRefused tells of a letter of somebody who is forgotten.
func LastLetterRefused(n incident.Number) string {
	return fmt.Sprintf("⚠️ Письмо по №\u00a0%s не принято почтовым сервером. Заявитель отозвал данные, письмо удалено.", n)
}

// linksMost is how many messages one text leads to.
const linksMost = 20

// links lead to messages of the group; only a supergroup's have addresses
// (t.me/c/, its id without -100).
func links(chat int64, all []outbox.MessageRef) string {
	group, super := strings.CutPrefix(fmt.Sprint(chat), "-100")
	if !super {
		return fmt.Sprint(len(all))
	}
	var links []string
	for k, p := range all {
		if k == linksMost {
			links = append(links, fmt.Sprintf("и ещё %d", len(all)-k))
			break
		}
		links = append(links, fmt.Sprintf(`<a href="https://t.me/c/%s/%d">%d</a>`, group, p.MessageID, k+1))
	}
	return strings.Join(links, ", ")
}
