package simulator

import "time"

// Origin is where a message was first written, for Forwarding and
// ReplyingElsewhere. One of Person, Hidden, Group and Channel is set.
type Origin struct {
	Person    *Person
	Hidden    string // the name of somebody whose account is not shown
	Group     *Group // an anonymous administrator wrote there
	Channel   string // a channel's title
	Signature string // of the author, in groups and channels
}

// wire is https://core.telegram.org/bots/api#messageorigin; the mutex is held.
func (o Origin) wire(tg *Telegram) map[string]any {
	w := map[string]any{"date": tg.now().Add(-oldPost).Unix()}
	if o.Signature != "" {
		w["author_signature"] = o.Signature
	}
	switch {
	case o.Person != nil:
		w["type"], w["sender_user"] = "user", o.Person.account
	case o.Hidden != "":
		w["type"], w["sender_user_name"] = "hidden_user", o.Hidden
	case o.Group != nil:
		w["type"], w["sender_chat"] = "chat", o.Group.chat.now().wire()
	default:
		w["type"], w["chat"], w["message_id"] = "channel", channelChat(o.Channel), oldPostID
	}
	return w
}

const (
	oldPost   = 90 * time.Minute // how old forwarded messages are
	oldPostID = 417
)

// channelChat is the same chat for the same title.
func channelChat(title string) wireChat {
	id := int64(-1_002_000_000_000)
	for _, r := range title {
		id -= int64(r)
	}
	return wireChat{ID: id, Type: "channel", Title: title}
}

// manner is how an actor sends what she sends.
type manner struct {
	quote     string
	forwarded *Origin
	elsewhere *ExternalReply
	channel   string // she speaks as this channel
}

// Forwarding is the same person forwarding whatever she sends.
func (a *Actor) Forwarding(from Origin) *Actor {
	b := *a
	b.forwarded = &from
	return &b
}

// Quoting is the same person replying with a part of the message that she chose.
func (a *Actor) Quoting(messageID int, quote string) *Actor {
	b := *a
	b.replyTo, b.quote = messageID, quote
	return &b
}

// ExternalReply is a reply to a message of another chat, or of another topic
// (https://core.telegram.org/bots/api#externalreplyinfo).
type ExternalReply struct {
	Origin Origin
	Quote  string // what of its text was chosen
	Photo  *File  // if it has a photo
}

// ReplyingElsewhere is the same person replying to a message that is not in this
// chat.
func (a *Actor) ReplyingElsewhere(to ExternalReply) *Actor {
	b := *a
	b.elsewhere = &to
	return &b
}

// AsChannel is the same person speaking in a group as a channel of hers: from is
// Channel_Bot, sender_chat the channel.
func (a *Actor) AsChannel(title string) *Actor {
	b := *a
	b.channel = title
	return &b
}

// apply adds to a message how it is sent; the mutex is held.
func (w manner) apply(tg *Telegram, m *message) {
	if w.quote != "" {
		m.set("quote", quoteOf(m.reply, w.quote))
	}
	if w.forwarded != nil {
		m.origin = w.forwarded.wire(tg)
	}
	if w.channel != "" {
		chat := channelChat(w.channel)
		m.as, m.voice = &chat, channelBot
	}
	if to := w.elsewhere; to != nil {
		reply := map[string]any{"origin": to.Origin.wire(tg)}
		if to.Origin.Channel != "" {
			reply["chat"], reply["message_id"] = channelChat(to.Origin.Channel), oldPostID
		}
		if to.Photo != nil {
			carrier := &wireMessage{}
			tg.store("photo", *to.Photo).wire(carrier)
			reply["photo"] = carrier.Photo
		}
		m.set("external_reply", reply)
		if to.Quote != "" {
			m.set("quote", quoteOf(nil, to.Quote))
		}
	}
}

// quoteOf is https://core.telegram.org/bots/api#textquote.
func quoteOf(m *message, text string) map[string]any {
	position := 0
	if m != nil {
		position = utf16Before(m.text, text)
	}
	return map[string]any{"text": text, "position": position, "is_manual": true}
}

var (
	// channelBot and telegramItself are who speaks for channels in groups.
	channelBot     = &account{ID: 136817688, IsBot: true, FirstName: "Channel", Username: "Channel_Bot"}
	telegramItself = &account{ID: 777000, FirstName: "Telegram"}
)

// ChannelPost brings a post of the channel to which the group belongs: Telegram
// forwards it by itself and pins it.
func (g *Group) ChannelPost(title, text string) int {
	g.tg.mu.Lock()
	defer g.tg.mu.Unlock()
	chat := channelChat(title)
	m := &message{from: telegramItself, as: &chat, text: text, entities: detect(text), origin: Origin{Channel: title}.wire(g.tg)}
	m.set("is_automatic_forward", true)
	g.tg.add(g.chat.now(), m)
	g.tg.deliver(m, "message")
	return m.id
}

// set gives a message a field that the simulator itself makes nothing of.
func (m *message) set(name string, value any) {
	if m.extra == nil {
		m.extra = map[string]any{}
	}
	m.extra[name] = value
}
