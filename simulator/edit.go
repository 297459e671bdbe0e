package simulator

import "slices"

const notModified = "message is not modified: specified new message content and reply markup are exactly the same " +
	"as a current content and reply markup of the message"

// editable finds the message to edit. Telegram lets a bot edit only its own
// messages, at any age, without markup or with an inline keyboard
// (https://core.telegram.org/bots/api#updating-messages).
func (tg *Telegram) editable(q *request) (*message, markup, error) {
	c, err := tg.openChat(q, "chat_id")
	if err != nil {
		return nil, markup{}, err
	}
	m := c.byID[q.int("message_id")]
	switch {
	case q.int("message_id") == 0:
		return nil, markup{}, badRequest("message identifier is not specified")
	case m == nil:
		return nil, markup{}, badRequest("message to edit not found")
	case !m.byBot(tg), m.plain, m.origin != nil:
		return nil, markup{}, badRequest("message can't be edited")
	}
	mk, err := parseMarkup(q.params, c.kind)
	if err == nil && (mk.keyboard != nil || mk.remove || mk.force) {
		err = badRequest("inline keyboard expected")
	}
	return m, mk, err
}

// replace gives a message its new content, unless nothing is new about it.
func (tg *Telegram) replace(m *message, next message) (any, error) {
	if m.text == next.text && slices.Equal(m.entities, next.entities) && m.file == next.file && sameRows(m.inline, next.inline) {
		return nil, badRequest(notModified)
	}
	if tg.limits.Edits {
		if err := tg.admit(m.chat, 1); err != nil {
			return nil, err
		}
	}
	m.text, m.entities, m.file, m.inline = next.text, next.entities, next.file, next.inline
	tg.markEdited(m)
	return m.wire(), nil
}

func (tg *Telegram) markEdited(m *message) {
	m.edited = tg.now()
	tg.touch(m.chat)
	m.seq = tg.seq
	tg.announce(EventEdit, m)
}

// editMessageText: https://core.telegram.org/bots/api#editmessagetext.
func (tg *Telegram) editMessageText(q *request) (any, error) {
	m, mk, err := tg.editable(q)
	if err != nil {
		return nil, err
	}
	if m.file != nil || m.contact != nil || m.location != nil {
		return nil, badRequest("there is no text in the message to edit")
	}
	next := *m
	next.inline = mk.inline
	if next.text, next.entities, err = formatted(q.params, "text", "entities", maxText, "MESSAGE_TOO_LONG"); err != nil {
		return nil, err
	}
	if next.text == "" {
		return nil, badRequest("message text is empty")
	}
	return tg.replace(m, next)
}

// editMessageCaption: https://core.telegram.org/bots/api#editmessagecaption.
func (tg *Telegram) editMessageCaption(q *request) (any, error) {
	m, mk, err := tg.editable(q)
	if err != nil {
		return nil, err
	}
	if m.file == nil || fileKinds[m.file.kind].noCaption {
		return nil, badRequest("there is no caption in the message to edit")
	}
	next := *m
	next.inline = mk.inline
	next.text, next.entities, err = formatted(q.params, "caption", "caption_entities", maxCaption, "MEDIA_CAPTION_TOO_LONG")
	if err != nil {
		return nil, err
	}
	return tg.replace(m, next)
}

// replaceable are the kinds of files in whose place another can be put.
var replaceable = map[string]bool{"animation": true, "audio": true, "document": true, "photo": true, "video": true}

// editMessageMedia: https://core.telegram.org/bots/api#editmessagemedia.
func (tg *Telegram) editMessageMedia(q *request) (any, error) {
	m, mk, err := tg.editable(q)
	if err != nil {
		return nil, err
	}
	var item albumItem
	if err := q.json("media", &item); err != nil {
		return nil, err
	}
	if _, known := fileKinds[item.Type]; !known || fileKinds[item.Type].noCaption {
		return nil, badRequest("can't parse InputMedia: unknown type %q", item.Type)
	}
	switch {
	case m.file != nil && !replaceable[m.file.kind]:
		return nil, badRequest("there is no media in the message to edit")
	case m.album != "" && (item.Type == "document") != (m.file.kind == "document"):
		return nil, badRequest("can't change media type in the album")
	}
	next := *m
	next.inline = mk.inline
	if err := tg.takeMedia(q.params, item, &next); err != nil {
		return nil, err
	}
	return tg.replace(m, next)
}

// editMessageReplyMarkup: https://core.telegram.org/bots/api#editmessagereplymarkup.
func (tg *Telegram) editMessageReplyMarkup(q *request) (any, error) {
	m, mk, err := tg.editable(q)
	if err != nil {
		return nil, err
	}
	next := *m
	next.inline = mk.inline
	return tg.replace(m, next)
}

// pinChatMessage: https://core.telegram.org/bots/api#pinchatmessage.
func (tg *Telegram) pinChatMessage(q *request) (any, error) {
	c, err := tg.pinnable(q)
	if err != nil {
		return nil, err
	}
	m := c.byID[q.int("message_id")]
	if m == nil {
		return nil, badRequest("message to pin not found")
	}
	c.pinned = append(slices.DeleteFunc(c.pinned, func(id int) bool { return id == m.id }), m.id)
	tg.touch(c)
	tg.announce(EventChat, m)
	return true, nil
}

// unpinChatMessage: https://core.telegram.org/bots/api#unpinchatmessage. Without
// message_id it unpins the newest.
func (tg *Telegram) unpinChatMessage(q *request) (any, error) {
	c, err := tg.pinnable(q)
	if err != nil {
		return nil, err
	}
	id := q.int("message_id")
	if id == 0 && len(c.pinned) > 0 {
		id = c.pinned[len(c.pinned)-1]
	}
	if !slices.Contains(c.pinned, id) {
		return nil, badRequest("message to unpin not found")
	}
	c.pinned = slices.DeleteFunc(c.pinned, func(x int) bool { return x == id })
	tg.touch(c)
	return true, nil
}

func (tg *Telegram) pinnable(q *request) (*chat, error) {
	c, err := tg.openChat(q, "chat_id")
	if err == nil && !c.isPrivate() && c.botStatus != "administrator" {
		err = badRequest("not enough rights to manage pinned messages in the chat")
	}
	return c, err
}
