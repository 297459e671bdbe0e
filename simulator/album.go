package simulator

import (
	"encoding/json"
	"fmt"
)

// albumItem is https://core.telegram.org/bots/api#inputmedia.
type albumItem struct {
	Type      string          `json:"type"`
	Media     string          `json:"media"`
	Caption   string          `json:"caption"`
	ParseMode string          `json:"parse_mode"`
	Entities  json.RawMessage `json:"caption_entities"`
}

// sendMediaGroup: https://core.telegram.org/bots/api#sendmediagroup. Photos and
// videos may share an album, documents and audio only with their own kind.
func (tg *Telegram) sendMediaGroup(q *request) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	var items []albumItem
	if err := q.json("media", &items); err != nil {
		return nil, err
	}
	switch {
	case len(items) < 2:
		return nil, badRequest("there must be at least 2 messages in an album")
	case len(items) > 10:
		return nil, badRequest("too many messages to send as an album")
	}
	album := tg.newAlbum()
	var messages []*message
	for i, item := range items {
		if family := fileKinds[item.Type].album; family == "" {
			return nil, badRequest("media of type %q can't be sent in an album", item.Type)
		} else if first := fileKinds[items[0].Type].album; family != first {
			return nil, badRequest("%s can't be mixed with other media types", items[max(0, i-1)].Type)
		}
		m := d.msg
		if err := tg.takeMedia(q.params, item, &m); err != nil {
			return nil, err
		}
		m.album = album
		messages = append(messages, &m)
	}
	if err := tg.send(d, messages...); err != nil {
		return nil, err
	}
	var sent []*wireMessage
	for _, m := range messages {
		sent = append(sent, m.wire())
	}
	return sent, nil
}

// takeMedia sets file and caption of m from an InputMedia.
func (tg *Telegram) takeMedia(p params, item albumItem, m *message) error {
	var err error
	if m.file, err = tg.takeFile(p, item.Type, item.Media, ""); err != nil {
		return err
	}
	own := params{values: map[string]string{
		"caption": item.Caption, "parse_mode": item.ParseMode, "caption_entities": string(item.Entities),
	}}
	m.text, m.entities, err = formatted(own, "caption", "caption_entities", maxCaption, "message caption is too long")
	return err
}

func (tg *Telegram) newAlbum() string {
	tg.nextAlbum++
	return fmt.Sprint(13_900_000_000_000_000 + tg.nextAlbum)
}

// copyMessage: https://core.telegram.org/bots/api#copymessage.
func (tg *Telegram) copyMessage(q *request) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	from, err := tg.findChat(q, "from_chat_id")
	if err != nil {
		return nil, err
	}
	original := from.byID[q.int("message_id")]
	if original == nil {
		return nil, badRequest("message to copy not found")
	}
	if original.service.describe() != "" {
		return nil, badRequest("message can't be copied")
	}
	d.msg.takeContent(original)
	if _, given := q.values["caption"]; given && original.file != nil {
		d.msg.text, d.msg.entities, err = formatted(q.params, "caption", "caption_entities", maxCaption, "message caption is too long")
		if err != nil {
			return nil, err
		}
	}
	if err := tg.send(d, &d.msg); err != nil {
		return nil, err
	}
	return map[string]int{"message_id": d.msg.id}, nil
}

// forwardMessage: https://core.telegram.org/bots/api#forwardmessage.
func (tg *Telegram) forwardMessage(q *request) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	from, err := tg.findChat(q, "from_chat_id")
	if err != nil {
		return nil, err
	}
	original := from.byID[q.int("message_id")]
	if original == nil {
		return nil, badRequest("message to forward not found")
	}
	if original.service.describe() != "" || original.protected {
		return nil, badRequest("message can't be forwarded")
	}
	d.msg.takeContent(original)
	d.msg.origin = originOf(original)
	if err := tg.send(d, &d.msg); err != nil {
		return nil, err
	}
	return d.msg.wire(), nil
}

// takeContent copies what a message says, not who, where and when.
func (m *message) takeContent(from *message) {
	m.text, m.entities, m.file = from.text, from.entities, from.file
	m.contact, m.location, m.poll, m.rich = from.contact, from.location, from.poll, from.rich
	if rich, is := from.extra["rich_message"]; is {
		m.set("rich_message", rich)
	}
}
