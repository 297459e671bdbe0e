package bot

import (
	"fmt"

	"intakebot/incident"
)

// continuedPosts bring the person what the notice of an act has no room for.
func (b *Bot) continuedPosts(key string, i incident.Incident, a incident.Act, source int) []incident.Outgoing {
	var posts []incident.Outgoing
	for k, m := range b.cfg.Dialogue.Continued(i, a) {
		post := toPerson(fmt.Sprintf("%s:more:%d", key, k), i, incident.RankNotice, m)
		post.Body = parcel{Message: &m, ReceiptFor: source}.encode()
		posts = append(posts, post)
	}
	return posts
}

// notPassedOn tells the desk that what it wrote cannot be brought to the
// person; nothing when the row was no such message.
func notPassedOn(row incident.Claimed, p parcel) []incident.Outgoing {
	if p.Delete != 0 && p.ReceiptFor != 0 {
		return []incident.Outgoing{deskAnswer("refused:"+row.Key, row.Number, "⚠️ У заявителя удалить не получилось: Telegram разрешает это 48 часов.", p.ReceiptFor)}
	}
	if p.ReceiptFor == 0 || row.Number == "" {
		return nil
	}
	text := fmt.Sprintf("⚠️ №\u00a0%s: сообщение заявителю не отправлено, Telegram его не принимает. Попробуйте текстом или файлом, "+
		"либо свяжитесь по телефону или почте из карточки.", row.Number)
	return []incident.Outgoing{deskAnswer("refused:"+row.Key, row.Number, text, p.ReceiptFor)}
}
