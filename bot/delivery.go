package bot

import (
	"fmt"

	"intakebot/incident"
	"intakebot/outbox"
)

// continuedPosts bring the person what the notice of an act has no room for.
func (b *Bot) continuedPosts(key string, i incident.Incident, a incident.Act, source int) []outbox.Message {
	var posts []outbox.Message
	for k, m := range b.cfg.Dialogue.Continued(i, a) {
		post := toPerson(fmt.Sprintf("%s:more:%d", key, k), i, outbox.RankNotice, m)
		post.Body = parcel{Message: &m, ReceiptFor: source}.encode()
		posts = append(posts, post)
	}
	return posts
}

// notPassedOn tells the desk that what it wrote cannot be brought to the
// person; nothing when the row was no such message.
func notPassedOn(row outbox.Claimed, p parcel, end outbox.Failure) []outbox.Message {
	if p.ReceiptFor == 0 {
		return nil
	}
	var text string
	switch {
	case p.Delete != 0:
		text = "⚠️ У заявителя удалить не получилось: Telegram разрешает это только первые 48 часов."
	case row.Number == "":
		return nil
	case end == outbox.GivenUp:
		text = fmt.Sprintf("⚠️ №\u00a0%s: сообщение заявителю не отправлено, за пять дней не получилось. Попробуйте ещё раз: <code>/retry %s</code>, "+
			"либо свяжитесь по телефону или почте из карточки.", row.Number, row.Number)
	default:
		text = fmt.Sprintf("⚠️ №\u00a0%s: сообщение заявителю не отправлено, Telegram его не принимает. Попробуйте текстом или файлом, "+
			"либо свяжитесь по телефону или почте из карточки.", row.Number)
	}
	return []outbox.Message{deskAnswer(inRound("refused:"+row.Key, row), row.Number, text, p.ReceiptFor)}
}

// inRound makes the key of what is told of a row: each time that the desk has
// it tried again, it is told anew.
func inRound(key string, row outbox.Claimed) string {
	if row.Round == 0 {
		return key
	}
	return fmt.Sprintf("%s:again:%d", key, row.Round)
}
