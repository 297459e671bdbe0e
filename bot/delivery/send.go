package delivery

import (
	"context"

	"intakebot/bot/telegram"
	"intakebot/incident"
	"intakebot/outbox"
)

// send sends a row, or an album, and returns the ids of the new messages in
// order, 0 for those that Telegram did not tell.
func (c *Courier) send(ctx context.Context, chat int64, loads []load) (ids []int, err error) {
	first := loads[0]
	replyTo := first.ReplyTo
	if replyTo == 0 {
		replyTo = first.CardMessageID
	}
	if len(loads) == 1 {
		id, err := c.sendOne(ctx, chat, first.Payload, replyTo)
		return []int{id}, err
	}
	var files []incident.Attachment
	for _, l := range loads {
		files = append(files, *l.File)
	}
	return c.cfg.Client.SendAlbum(ctx, chat, files, replyTo)
}

// sendOne does what a payload says and returns the id of a new message.
func (c *Courier) sendOne(ctx context.Context, chat int64, p Payload, replyTo int) (int, error) {
	t := c.cfg.Client
	switch {
	case p.Empty != 0:
		return 0, t.Empty(ctx, chat, p.Empty, *p.Message, p.Caption)
	case p.Delete != 0:
		return 0, t.DeleteMessage(ctx, chat, p.Delete)
	case p.Edit != 0 && p.File != nil:
		words := ""
		if p.Message != nil {
			words = p.Message.HTML
		}
		return 0, t.EditMedia(ctx, chat, p.Edit, *p.File, words)
	case p.Edit != 0 && p.Caption:
		return 0, t.EditCaption(ctx, chat, p.Edit, p.Message.HTML)
	case p.Edit != 0:
		return 0, t.EditMessage(ctx, chat, p.Edit, *p.Message)
	case p.File != nil:
		return t.SendFile(ctx, chat, *p.File, replyTo)
	case p.Photo != nil:
		return t.SendPicture(ctx, chat, "stats.png", p.Photo.PNG, p.Photo.HTML, replyTo)
	case p.TextFile != nil:
		return t.SendText(ctx, chat, p.TextFile.Name, p.TextFile.Text, p.TextFile.HTML, replyTo)
	case p.Document != nil:
		return t.SendDocument(ctx, chat, p.Document.Name, p.Document.Data, p.Document.HTML, replyTo)
	case p.AskReply:
		return t.AskReply(ctx, chat, *p.Message, replyTo)
	}
	return t.SendMessage(ctx, chat, *p.Message, replyTo)
}

// receipt shows the desk that its message has arrived: by a reaction, or in
// words where the group forbids reactions or Telegram does not take one now.
func (c *Courier) receipt(ctx context.Context, row outbox.Claimed, messageID int) {
	group := c.cfg.Group.ID()
	if err := c.cfg.Client.React(ctx, group, messageID, telegram.SignArrived); NeedsWords(group, err) {
		c.recorded(row, "tell of the delivery", c.cfg.Store.Put(ctx, c.cfg.Notices.Received(row, group, messageID)))
	}
}
