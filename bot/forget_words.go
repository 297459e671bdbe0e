package bot

import (
	"fmt"
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// What is told of an erasure, to the person and to the desk.

// farewell tells the desk, by number only, that the person is gone. It names no
// single incident to the register: what is about one is emptied.
func farewell(before []incident.Incident) []outbox.Message {
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
	return []outbox.Message{deskAnswer(outbox.ForgetKey+"asked:"+string(numbers[len(numbers)-1]), "", text, 0)}
}

// lastWords tell the person that it is done, and the desk what it has to do
// itself.
func (b *Bot) lastWords(e outbox.Erasure) []outbox.Message {
	key := fmt.Sprintf("%sdone:%d", outbox.ForgetKey, b.now().UnixMilli())
	var posts []outbox.Message
	if e.Chat != 0 {
		m := b.cfg.Dialogue.Forgotten(e.Numbers, len(e.Stayed)+len(e.Staff))
		posts = append(posts, outbox.Message{
			Key: key, Channel: outbox.Telegram, Chat: e.Chat, Rank: outbox.RankNotice, Body: parcel{Message: &m}.encode(),
		})
	}
	if len(e.Numbers) > 0 && (len(e.Stayed)+len(e.Staff) > 0 || b.moved()) {
		posts = append(posts, deskAnswer(key+":desk", "", b.stayedText(e), 0))
	}
	return posts
}

// stayedText asks the desk to delete what the bot cannot.
func (b *Bot) stayedText(e outbox.Erasure) string {
	parts := []string{"🗑 Данные удалены: " + conversation.NumberList(e.Numbers) + ". Остальное бот убрать не может, удалите, пожалуйста, сами:"}
	if len(e.Staff) > 0 {
		parts = append(parts, "— сообщения сотрудников заявителю: "+b.links(e.Staff))
	}
	if len(e.Stayed) > 0 {
		parts = append(parts, "— сообщения бота, которые Telegram не даёт изменить: "+b.links(e.Stayed))
	}
	if b.moved() {
		parts = append(parts, "— всё, что написано до того, как группа стала супергруппой")
	}
	return joined(append(parts, "Проверьте также заметки, команды с текстом и списки /open и /search: в них мог быть назван заявитель."))
}

// moved says that the group has another id than the one configured: what was
// said before is out of reach.
func (b *Bot) moved() bool { return b.deskChat() != b.cfg.Desk }

// linksMost is how many messages one text leads to.
const linksMost = 20

// links lead to messages of the group; only a supergroup's have addresses
// (t.me/c/, its id without -100).
func (b *Bot) links(all []outbox.MessageRef) string {
	group, super := strings.CutPrefix(fmt.Sprint(b.deskChat()), "-100")
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

// lastLetter are what is told of a letter that went before its person was
// forgotten: to the person all, to the desk the number.
func (b *Bot) lastLetter(i incident.Incident, l outbox.Letter, state incident.LetterState) []outbox.Message {
	key := fmt.Sprintf("%sletter:%s:%s:%d", outbox.ForgetKey, i.Number, l.Kind, l.Seq)
	var posts []outbox.Message
	if l.Kind == outbox.EscalationLetter && l.Reporter != 0 {
		m := b.cfg.Dialogue.LastLetter(i.Number, incident.Escalation{Letter: state}, conversation.LetterByHand{To: l.To, Text: l.Text})
		posts = append(posts, outbox.Message{
			Key: key, Channel: outbox.Telegram, Chat: l.Reporter, Rank: outbox.RankNotice, Body: parcel{Message: &m}.encode(),
		})
	}
	if state == incident.LetterRefused {
		text := fmt.Sprintf("⚠️ Письмо по №\u00a0%s не принято почтовым сервером. Заявитель отозвал данные, письмо удалено.", i.Number)
		posts = append(posts, deskAnswer(key+":desk", "", text, 0))
	}
	return posts
}
