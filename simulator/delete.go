package simulator

import (
	"slices"
	"time"
)

// deletable is how long a bot can delete a message.
const deletable = 48 * time.Hour

// deleteMessage: https://core.telegram.org/bots/api#deletemessage.
func (tg *Telegram) deleteMessage(q *request) (any, error) {
	c, err := tg.findChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	id := q.int("message_id")
	m := c.byID[id]
	switch {
	case c.gone[id]:
		return true, nil // to delete what is deleted is done
	case m == nil:
		return nil, badRequest("message to delete not found")
	}
	if err := tg.mayDelete(m); err != nil {
		return nil, err
	}
	tg.remove(m)
	return true, nil
}

// deleteMessages: https://core.telegram.org/bots/api#deletemessages. Messages
// that are not there are passed over.
func (tg *Telegram) deleteMessages(q *request) (any, error) {
	c, err := tg.findChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	var ids []int
	if err := q.json("message_ids", &ids); err != nil {
		return nil, err
	}
	switch {
	case len(ids) == 0:
		return nil, badRequest("message identifiers are not specified")
	case len(ids) > 100:
		return nil, badRequest("too many message identifiers specified")
	}
	for _, id := range ids {
		if m := c.byID[id]; m != nil {
			if err := tg.mayDelete(m); err != nil {
				return nil, err
			}
		}
	}
	for _, id := range ids {
		if m := c.byID[id]; m != nil {
			tg.remove(m)
		}
	}
	return true, nil
}

// mayDelete looks at the age before the rights: an administrator cannot delete
// an old message either.
func (tg *Telegram) mayDelete(m *message) error {
	switch {
	case tg.now().Sub(m.date) >= deletable:
		return badRequest("message can't be deleted for everyone")
	case m.chat.botStatus == "administrator", m.byBot(tg), m.chat.isPrivate():
		return nil
	}
	return badRequest("message can't be deleted")
}

// remove takes a message off every screen.
func (tg *Telegram) remove(m *message) {
	c := m.chat
	delete(c.byID, m.id)
	c.gone[m.id] = true
	c.messages = slices.DeleteFunc(c.messages, func(x *message) bool { return x == m })
	tg.touch(c)
	tg.hub.Publish(Event{Kind: EventDelete, At: tg.now(), ChatID: c.id, MessageID: m.id})
}
