package simulator

import "slices"

// copyMessages: https://core.telegram.org/bots/api#copymessages. What cannot be
// copied is passed over.
func (tg *Telegram) copyMessages(q *request) (any, error) { return tg.several(q, false) }

// forwardMessages: https://core.telegram.org/bots/api#forwardmessages.
func (tg *Telegram) forwardMessages(q *request) (any, error) { return tg.several(q, true) }

func (tg *Telegram) several(q *request, forward bool) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	from, err := tg.findChat(q, "from_chat_id")
	if err != nil {
		return nil, err
	}
	var ids []int
	if err := q.json("message_ids", &ids); err != nil {
		return nil, err
	}
	if !slices.IsSorted(ids) {
		return nil, badRequest("message identifiers must be in a strictly increasing order")
	}
	var messages []*message
	albums := map[string]string{}
	for _, id := range ids {
		original := from.byID[id]
		if original == nil || original.service.describe() != "" || forward && original.protected {
			continue
		}
		m := d.msg
		m.takeContent(original)
		if forward {
			m.origin = originOf(original)
		} else if q.bool("remove_caption") && m.file != nil {
			m.text, m.entities = "", nil
		}
		if original.album != "" {
			if albums[original.album] == "" {
				albums[original.album] = tg.newAlbum()
			}
			m.album = albums[original.album]
		}
		messages = append(messages, &m)
	}
	if len(messages) == 0 {
		return nil, badRequest("there are no messages to %s", map[bool]string{false: "copy", true: "forward"}[forward])
	}
	if err := tg.send(d, messages...); err != nil {
		return nil, err
	}
	var sent []map[string]int
	for _, m := range messages {
		sent = append(sent, map[string]int{"message_id": m.id})
	}
	return sent, nil
}

// originOf is where a forwarded message comes from.
func originOf(m *message) map[string]any {
	if m.origin != nil {
		return m.origin
	}
	return map[string]any{"type": "user", "date": m.date.Unix(), "sender_user": m.from}
}
