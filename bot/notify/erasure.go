package notify

import (
	"fmt"
	"time"

	"intakebot/bot/delivery"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
)

// Farewell tells the desk that a person is gone. It names no single incident to
// the register: what is about one is emptied.
func Farewell(before []incident.Incident) []outbox.Message {
	last := before[len(before)-1].Number
	return []outbox.Message{delivery.Answer(outbox.ForgetKey+"asked:"+string(last), "", desk.Farewell(before), 0)}
}

// Empty are the rows that empty what still tells of the person in the group,
// after everything else that waits to be said there.
func Empty(e outbox.Erasure) []outbox.Message {
	var posts []outbox.Message
	for _, one := range e.Group {
		p := delivery.SayHTML(desk.Emptied(one.Number))
		p.Empty, p.Caption = one.MessageID, one.File
		post := delivery.ToDesk(fmt.Sprintf("%s%d:%d", outbox.ForgetKey, one.Chat, one.MessageID), one.Number, p)
		post.Rank = outbox.RankPrompt
		posts = append(posts, post)
	}
	return posts
}

// LastWords tell the person that the erasure is done, and the desk what it has
// to do itself. group is its id, moved says that it was another one.
func (n Notifier) LastWords(e outbox.Erasure, at time.Time, group int64, moved bool) []outbox.Message {
	key := fmt.Sprintf("%sdone:%d", outbox.ForgetKey, at.UnixMilli())
	var posts []outbox.Message
	if e.Chat != 0 {
		posts = append(posts, delivery.ToPerson(key, e.Chat, "", delivery.Say(n.Dialogue.Forgotten(e.Numbers, len(e.Stayed)+len(e.Staff)))))
	}
	if len(e.Numbers) > 0 && (len(e.Stayed)+len(e.Staff) > 0 || moved) {
		posts = append(posts, delivery.Answer(key+":desk", "", desk.Stayed(e, group, moved), 0))
	}
	return posts
}
