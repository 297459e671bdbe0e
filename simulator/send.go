package simulator

import (
	"slices"
	"strconv"
)

const (
	maxText    = 4096 // UTF-16 units after parsing
	maxCaption = 1024
	maxRaw     = 32 << 10 // bytes, marks and all
)

// draft is a message that the bot is about to send, and where.
type draft struct {
	chat   *chat
	markup markup
	msg    message
}

// openDraft reads what all send methods share: chat, thread, reply, markup and
// flags.
func (tg *Telegram) openDraft(q *request) (*draft, error) {
	c, err := tg.openChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	d := &draft{chat: c}
	if d.markup, err = parseMarkup(q.params, c.kind); err != nil {
		return nil, err
	}
	if err = tg.findReply(q, d); err != nil {
		return nil, err
	}
	if err = d.enterThread(q.int("message_thread_id")); err != nil {
		return nil, err
	}
	d.msg.from = tg.bot
	d.msg.inline = d.markup.inline
	d.msg.plain = d.markup.keyboard != nil || d.markup.remove || d.markup.force
	d.msg.silent = q.bool("disable_notification")
	d.msg.protected = q.bool("protect_content")
	return d, nil
}

// enterThread finds the thread that the message goes to. The general topic of a
// forum has the id 1 and takes messages only without it.
func (d *draft) enterThread(thread int) error {
	c := d.chat
	switch {
	case thread == 0:
		return nil
	case c.closed[thread] && c.botStatus != "administrator":
		return badRequest("TOPIC_CLOSED")
	case c.topics[thread] == "" && (c.forum || c.byID[thread] == nil):
		return badRequest("message thread not found")
	}
	d.msg.thread, d.msg.topic = thread, c.forum
	return nil
}

// findReply resolves reply_parameters.
func (tg *Telegram) findReply(q *request, d *draft) error {
	var in struct {
		MessageID int  `json:"message_id"`
		Lenient   bool `json:"allow_sending_without_reply"`
	}
	if err := q.json("reply_parameters", &in); err != nil {
		return err
	}
	if in.MessageID == 0 {
		return nil
	}
	reply := d.chat.byID[in.MessageID]
	if reply == nil && !in.Lenient && !(tg.lenient && d.chat.gone[in.MessageID]) {
		return badRequest("message to be replied not found")
	}
	d.msg.reply = reply
	if reply != nil && reply.topic {
		d.msg.thread, d.msg.topic = reply.thread, true
	}
	return nil
}

// send admits, stores and shows messages that belong together.
func (tg *Telegram) send(d *draft, messages ...*message) error {
	for _, m := range messages {
		if err := d.chat.permit(m); err != nil {
			return err
		}
	}
	if err := tg.admit(d.chat, len(messages)); err != nil {
		return err
	}
	tg.add(d.chat, messages...)
	d.chat.sentNum += len(messages)
	tg.sentNum += len(messages)
	tg.showMarkup(d, messages[0])
	return nil
}

// showMarkup changes the reply keyboards of those whom it concerns: all, or with
// selective those who are mentioned and the sender of the message that is
// replied to.
func (tg *Telegram) showMarkup(d *draft, m *message) {
	if !m.plain {
		return
	}
	c := d.chat
	for _, a := range c.viewers() {
		if d.markup.selective && !c.isPrivate() && !m.mentions(a) && (m.reply == nil || m.reply.from != a) {
			continue
		}
		switch {
		case d.markup.keyboard != nil:
			shown := *d.markup.keyboard
			shown.MessageID, shown.seq = m.id, m.seq
			c.keyboards[a.ID] = &shown
		case d.markup.remove:
			delete(c.keyboards, a.ID)
		case d.markup.force:
			c.forced[a.ID] = m.id
		}
		tg.hub.Publish(Event{Kind: EventKeyboard, At: tg.now(), ChatID: c.id, UserID: a.ID, Keyboard: c.keyboards[a.ID]})
	}
}

// sendMessage: https://core.telegram.org/bots/api#sendmessage.
func (tg *Telegram) sendMessage(q *request) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	m := &d.msg
	if m.text, m.entities, err = formatted(q.params, "text", "entities", maxText, "message is too long"); err != nil {
		return nil, err
	}
	if m.text == "" {
		return nil, badRequest("message text is empty")
	}
	if err := tg.send(d, m); err != nil {
		return nil, err
	}
	return m.wire(), nil
}

// sentKinds are the methods that send a file, the kind and the parameter.
var sentKinds = map[string]string{
	"sendPhoto": "photo", "sendDocument": "document", "sendVideo": "video", "sendVoice": "voice",
	"sendAudio": "audio", "sendAnimation": "animation", "sendVideoNote": "video_note", "sendSticker": "sticker",
}

// sendFile: https://core.telegram.org/bots/api#sendphoto and its neighbours.
func (tg *Telegram) sendFile(q *request) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	m, kind := &d.msg, sentKinds[q.method]
	if o := d.chat.owner; o != nil && o.noVoice && (kind == "voice" || kind == "video_note") {
		return nil, badRequest("VOICE_MESSAGES_FORBIDDEN")
	}
	if m.file, err = tg.takeFile(q.params, kind, q.str(kind), kind); err != nil {
		return nil, err
	}
	if !fileKinds[kind].noCaption {
		m.text, m.entities, err = formatted(q.params, "caption", "caption_entities", maxCaption, "message caption is too long")
		if err != nil {
			return nil, err
		}
	}
	if err := tg.send(d, m); err != nil {
		return nil, err
	}
	return m.wire(), nil
}

// sendLocation: https://core.telegram.org/bots/api#sendlocation.
func (tg *Telegram) sendLocation(q *request) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	latitude, err1 := strconv.ParseFloat(q.str("latitude"), 64)
	longitude, err2 := strconv.ParseFloat(q.str("longitude"), 64)
	if err1 != nil || err2 != nil {
		return nil, badRequest("bad location")
	}
	d.msg.location = &Location{latitude, longitude}
	if err := tg.send(d, &d.msg); err != nil {
		return nil, err
	}
	return d.msg.wire(), nil
}

// sendContact: https://core.telegram.org/bots/api#sendcontact.
func (tg *Telegram) sendContact(q *request) (any, error) {
	d, err := tg.openDraft(q)
	if err != nil {
		return nil, err
	}
	switch {
	case q.str("phone_number") == "":
		return nil, badRequest("phone number is empty")
	case q.str("first_name") == "":
		return nil, badRequest("first name is empty")
	}
	d.msg.contact = &Contact{Phone: q.str("phone_number"), FirstName: q.str("first_name"), LastName: q.str("last_name")}
	if err := tg.send(d, &d.msg); err != nil {
		return nil, err
	}
	return d.msg.wire(), nil
}

// chatActions: https://core.telegram.org/bots/api#sendchataction.
var chatActions = []string{
	"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
	"choose_sticker", "find_location", "record_video_note", "upload_video_note",
}

func (tg *Telegram) sendChatAction(q *request) (any, error) {
	c, err := tg.openChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	if err := (&draft{chat: c}).enterThread(q.int("message_thread_id")); err != nil {
		return nil, err
	}
	action := q.str("action")
	if !slices.Contains(chatActions, action) {
		return nil, badRequest("wrong parameter action in request")
	}
	c.action, c.actionAt = action, tg.now()
	tg.touch(c)
	tg.hub.Publish(Event{Kind: EventTyping, At: c.actionAt, ChatID: c.id, Text: action})
	return true, nil
}
