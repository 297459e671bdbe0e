package simulator

import (
	"fmt"
	"time"
)

// query is a press on an inline button
// (https://core.telegram.org/bots/api#callbackquery).
type query struct {
	id       string
	chat     *chat
	message  int
	from     *account
	data     string
	at       time.Time
	answered bool
}

// Toast is the bot's answer to a press, as the person who pressed sees it.
type Toast struct {
	UserID    int64     `json:"userId"`
	MessageID int       `json:"messageId"`
	Text      string    `json:"text"` // empty: the button only stops spinning
	Alert     bool      `json:"alert,omitempty"`
	URL       string    `json:"url,omitempty"`
	At        time.Time `json:"at"`

	seq int64
}

// ask queues a callback query: the person pressed something with this data under
// this message, which may be gone.
func (tg *Telegram) ask(c *chat, from *account, messageID int, data string) {
	now := tg.now()
	tg.nextQuery++
	q := &query{
		id: fmt.Sprint(4_382_000_000_000_000_000 + tg.nextQuery), chat: c, message: messageID,
		from: from, data: data, at: now,
	}
	for id, old := range tg.queries {
		if now.Sub(old.at) > time.Hour {
			delete(tg.queries, id)
		}
	}
	tg.queries[q.id] = q
	// A message that the bot can no longer see comes as inaccessible: date 0.
	about := any(map[string]any{"chat": c.wire(), "message_id": messageID, "date": 0})
	if m := c.byID[messageID]; m != nil {
		about = m.wire()
	}
	tg.push("callback_query", c.id, &wireQuery{q.id, from, about, fmt.Sprint(c.id * 7919), data})
}

// wireQuery is https://core.telegram.org/bots/api#callbackquery.
type wireQuery struct {
	ID       string   `json:"id"`
	From     *account `json:"from"`
	Message  any      `json:"message"`
	Instance string   `json:"chat_instance"`
	Data     string   `json:"data"`
}

// answerCallbackQuery: https://core.telegram.org/bots/api#answercallbackquery.
// A query can be answered once, within 150 seconds.
func (tg *Telegram) answerCallbackQuery(r *request) (any, error) {
	q := tg.queries[r.str("callback_query_id")]
	if q == nil || q.answered || tg.now().Sub(q.at) >= queryLife {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	text := r.str("text")
	if utf16Len(text) > 200 {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	q.answered = true
	tg.touch(q.chat)
	t := Toast{
		UserID: q.from.ID, MessageID: q.message, Text: text, Alert: r.bool("show_alert"), URL: r.str("url"),
		At: tg.now(), seq: tg.seq,
	}
	q.chat.toasts = append(q.chat.toasts, t)
	tg.hub.Publish(Event{Kind: EventToast, At: t.At, ChatID: q.chat.id, UserID: t.UserID, MessageID: t.MessageID, Text: text, Toast: &t})
	return true, nil
}
