package simulator

import (
	"slices"
	"strings"
)

// Reaction is an emoji under a message.
type Reaction struct {
	Emoji  string `json:"emoji"`
	UserID int64  `json:"userId"`
	Bot    bool   `json:"bot,omitempty"`
}

// allowedReactions is Telegram's fixed list
// (https://core.telegram.org/bots/api#reactiontypeemoji).
var allowedReactions = strings.Fields(`❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥
	🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒
	💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡`)

type wireReaction struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji"`
}

// setMessageReaction: https://core.telegram.org/bots/api#setmessagereaction. A
// bot can set one reaction; an empty list takes it back.
func (tg *Telegram) setMessageReaction(q *request) (any, error) {
	c, err := tg.openChat(q, "chat_id")
	if err != nil {
		return nil, err
	}
	m := c.byID[q.int("message_id")]
	if m == nil {
		return nil, badRequest("message to react not found")
	}
	var in []wireReaction
	if err := q.json("reaction", &in); err != nil {
		return nil, err
	}
	emoji := ""
	switch {
	case len(in) > 1:
		return nil, badRequest("REACTIONS_TOO_MANY")
	case len(in) == 1:
		emoji = strings.TrimSuffix(in[0].Emoji, "\ufe0f")
		if c.noReactions || in[0].Type != "emoji" || !slices.Contains(allowedReactions, emoji) {
			return nil, badRequest("REACTION_INVALID")
		}
	}
	tg.react(m, tg.bot, emoji)
	return true, nil
}

// react sets the one reaction of an account and returns its former one.
func (tg *Telegram) react(m *message, by *account, emoji string) (former string) {
	m.reactions = slices.DeleteFunc(slices.Clone(m.reactions), func(r Reaction) bool {
		if r.UserID == by.ID {
			former = r.Emoji
		}
		return r.UserID == by.ID
	})
	if emoji != "" {
		m.reactions = append(m.reactions, Reaction{Emoji: emoji, UserID: by.ID, Bot: by.IsBot})
	}
	tg.touch(m.chat)
	tg.announce(EventReaction, m)
	return former
}
