package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// getMe: https://core.telegram.org/bots/api#getme.
func (tg *Telegram) getMe(*request) (any, error) {
	return map[string]any{
		"id": tg.bot.ID, "is_bot": true, "first_name": tg.bot.FirstName, "username": tg.bot.Username,
		"can_join_groups": true, "can_read_all_group_messages": !tg.privacy, "supports_inline_queries": false,
		"can_connect_to_business": false, "has_main_web_app": false,
	}, nil
}

// Command is a line of the command menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

var commandName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// scopes are the kinds of BotCommandScope
// (https://core.telegram.org/bots/api#botcommandscope).
var scopes = []string{
	"default", "all_private_chats", "all_group_chats", "all_chat_administrators",
	"chat", "chat_administrators", "chat_member",
}

// scopeKey names the scope of a call: "default", "chat:-100…", "chat_member:-100…:42".
func (tg *Telegram) scopeKey(q *request) (string, error) {
	var in struct {
		Type   string `json:"type"`
		ChatID any    `json:"chat_id"`
		UserID int64  `json:"user_id"`
	}
	if err := q.json("scope", &in); err != nil {
		return "", err
	}
	kind := cmp.Or(in.Type, "default")
	if !slices.Contains(scopes, kind) {
		return "", badRequest("can't parse BotCommandScope: unsupported type specified")
	}
	key := kind
	if in.ChatID != nil {
		raw, _ := json.Marshal(in.ChatID)
		if f, ok := in.ChatID.(float64); ok {
			raw = fmt.Append(nil, int64(f))
		}
		inner := &request{params: params{values: map[string]string{"chat_id": string(raw)}}}
		if _, err := tg.findChat(inner, "chat_id"); err != nil {
			return "", err
		}
		key += ":" + string(raw)
	}
	if in.UserID != 0 {
		key += fmt.Sprintf(":%d", in.UserID)
	}
	if language := q.str("language_code"); language != "" {
		key += "/" + language
	}
	return key, nil
}

// setMyCommands: https://core.telegram.org/bots/api#setmycommands.
func (tg *Telegram) setMyCommands(q *request) (any, error) {
	var commands []Command
	if err := q.json("commands", &commands); err != nil {
		return nil, err
	}
	if len(commands) > 100 {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, c := range commands {
		if !commandName.MatchString(c.Command) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf16Len(c.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	key, err := tg.scopeKey(q)
	if err != nil {
		return nil, err
	}
	tg.commands[key] = commands
	if len(commands) == 0 {
		delete(tg.commands, key)
	}
	tg.hub.Publish(Event{Kind: EventCommands, At: tg.now(), Text: key})
	return true, nil
}

// getMyCommands: https://core.telegram.org/bots/api#getmycommands.
func (tg *Telegram) getMyCommands(q *request) (any, error) {
	key, err := tg.scopeKey(q)
	if err != nil {
		return nil, err
	}
	if tg.commands[key] == nil {
		return []Command{}, nil
	}
	return tg.commands[key], nil
}

// deleteMyCommands: https://core.telegram.org/bots/api#deletemycommands.
func (tg *Telegram) deleteMyCommands(q *request) (any, error) {
	key, err := tg.scopeKey(q)
	if err != nil {
		return nil, err
	}
	delete(tg.commands, key)
	tg.hub.Publish(Event{Kind: EventCommands, At: tg.now(), Text: key})
	return true, nil
}

// Commands returns all command menus by scope: "default", "all_private_chats",
// "chat:-1001000000001" and so on.
func (tg *Telegram) Commands() map[string][]Command {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return maps.Clone(tg.commands)
}

// menu is what a person's client shows: the narrowest scope that has commands.
func (tg *Telegram) menu(c *chat, a *account) []Command {
	keys := []string{"all_private_chats", "default"}
	if !c.isPrivate() {
		keys = []string{"all_group_chats", "default"}
		if c.admins[a.ID] {
			keys = append([]string{"all_chat_administrators"}, keys...)
		}
	}
	keys = append([]string{fmt.Sprintf("chat:%d", c.id)}, keys...)
	if c.admins[a.ID] {
		keys = append([]string{fmt.Sprintf("chat_administrators:%d", c.id)}, keys...)
	}
	keys = append([]string{fmt.Sprintf("chat_member:%d:%d", c.id, a.ID)}, keys...)
	for _, key := range keys {
		for _, key := range []string{key + "/" + a.Language, key} {
			if commands, there := tg.commands[key]; there {
				return slices.Clone(commands)
			}
		}
	}
	return nil
}

// setChatMenuButton: https://core.telegram.org/bots/api#setchatmenubutton.
func (tg *Telegram) setChatMenuButton(q *request) (any, error) {
	var in struct{ Type string }
	if err := q.json("menu_button", &in); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "default", "commands", "web_app"}, in.Type) {
		return nil, badRequest("can't parse menu button: unsupported type specified")
	}
	return true, nil
}

// getChatMenuButton: https://core.telegram.org/bots/api#getchatmenubutton.
func (tg *Telegram) getChatMenuButton(*request) (any, error) {
	return map[string]string{"type": "commands"}, nil
}
