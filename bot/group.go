package bot

import (
	"context"
)

func (b *Bot) setDesk(id int64) {
	b.desk.Lock()
	defer b.desk.Unlock()
	b.desk.id = id
}

// deskChat is where the support group is now.
func (b *Bot) deskChat() int64 {
	b.desk.Lock()
	defer b.desk.Unlock()
	return b.desk.id
}

// deskMoved follows the group to its new id; all message ids in it are void. Who
// learns of it late must not make those void that came since.
func (b *Bot) deskMoved(ctx context.Context, to int64) error {
	b.moving.Lock()
	defer b.moving.Unlock()
	from := b.deskChat()
	if from == to {
		return nil
	}
	if err := b.cfg.Register.DeskMoved(ctx, from, to); err != nil {
		return err
	}
	b.setDesk(to)
	b.log.Warn("the support group became a supergroup: set SUPPORT_CHAT_ID to the new id", "from", from, "to", to)
	b.Kick()
	return nil
}
