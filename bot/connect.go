package bot

import (
	"context"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// connect makes sure that the token works and that updates come the way that
// is configured. Updates that wait at Telegram are kept.
func (b *Bot) connect(ctx context.Context) error {
	me, err := b.api.GetMe(ctx)
	if f, _, _ := judge(err); f == credential {
		return ErrToken
	}
	if err != nil {
		return err
	}
	b.desk.Lock()
	b.desk.username = me.Username
	b.desk.Unlock()
	if b.cfg.Webhook != nil {
		if err := b.setWebhook(ctx); err != nil {
			return err
		}
	} else if _, err := b.api.DeleteWebhook(ctx, &bot.DeleteWebhookParams{}); err != nil {
		return err
	}
	b.answered(nil)
	if err := b.announce(ctx); err != nil {
		if f, _, _ := judge(err); f == retry || f == flooded {
			return err
		}
		b.log.Warn("the command menu was not set", "error", b.scrub(err))
	}
	b.log.Info("telegram answers", "webhook", b.cfg.Webhook != nil)
	return nil
}

// announce tells Telegram the commands of the private chats and of the desk.
func (b *Bot) announce(ctx context.Context) error {
	var commands []models.BotCommand
	for _, c := range b.cfg.Dialogue.Commands() {
		commands = append(commands, models.BotCommand{Command: c.Name, Description: c.Help})
	}
	_, err := b.api.SetMyCommands(ctx, &bot.SetMyCommandsParams{
		Commands: commands, Scope: &models.BotCommandScopeAllPrivateChats{},
	})
	if err != nil {
		return err
	}
	// Where several bots are in a group, a menu of its own makes a bare
	// command go to the right one.
	commands = nil
	for _, c := range deskCommands {
		commands = append(commands, models.BotCommand{Command: c.name, Description: c.help})
	}
	_, err = b.api.SetMyCommands(ctx, &bot.SetMyCommandsParams{
		Commands: commands, Scope: &models.BotCommandScopeChat{ChatID: b.deskChat()},
	})
	return err
}
