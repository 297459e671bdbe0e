package telegram

import (
	"context"
	"errors"
)

// Command is a row of the menu of commands.
type Command struct {
	Name string `json:"command"`
	Help string `json:"description"`
}

// Introduction is what people see before they write: What is in an empty chat
// with the bot (at most 512 characters), Short on its profile and beside a link
// to it (at most 120).
type Introduction struct{ What, Short string }

// scope is whose clients show a menu (Bot API, BotCommandScope).
type scope struct {
	Type string `json:"type"`
	Chat int64  `json:"chat_id,omitempty"`
}

// Announce tells Telegram the commands of the private chats and of the desk, and
// the bot's introduction, unless it is empty. Where several bots are in a group, a
// menu of its own makes a bare command go to the right one. Each is asked for
// though another failed.
func (s Source) Announce(ctx context.Context, private, desk []Command, about Introduction) error {
	type menu struct {
		Commands []Command `json:"commands"`
		Scope    scope     `json:"scope"`
	}
	steps := []struct {
		method string
		params any
		wanted bool
	}{
		{"setMyCommands", menu{private, scope{Type: "all_private_chats"}}, true},
		{"setMyCommands", menu{desk, scope{Type: "chat", Chat: s.cfg.Group.ID()}}, true},
		{"setMyDescription", map[string]string{"description": about.What}, about.What != ""},
		{"setMyShortDescription", map[string]string{"short_description": about.Short}, about.Short != ""},
	}
	var failed []error
	for _, step := range steps {
		if !step.wanted {
			continue
		}
		if err := s.call(ctx, step.method, step.params, nil); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
