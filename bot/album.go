package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/incident"
	"intakebot/outbox"
)

// albumHold is how long an album waits for another part: Telegram sends its
// parts one after the other and does not say which is the last.
const albumHold = time.Second

// nextHold is how long it waits for a part that is here and not worked on yet.
const nextHold = 10 * time.Second

// held keeps back the parts of an album of which another part is at hand: that
// one will say how long.
func (l *lane) held(posts []outbox.Message, album string) []outbox.Message {
	if album == "" || !bytes.Contains(l.behind, []byte(`"`+album+`"`)) {
		return posts
	}
	for k := range posts {
		if posts[k].Hold > 0 {
			posts[k].Hold = nextHold
		}
	}
	return posts
}

// together makes the post of a file a part of an album, unless it must travel
// alone. Photos and videos go apart from documents.
func together(post outbox.Message, f incident.Attachment, album string, hold time.Duration) outbox.Message {
	if kind := f.Kind.Album(); album != "" && kind != "" {
		post.Album, post.Hold = "album:"+album+":"+kind, hold
	}
	return post
}

// load is a claimed row and what it says.
type load struct {
	outbox.Claimed
	parcel parcel
}

// unpack reads a row and the rest of its album; what cannot be read is buried.
func (b *Bot) unpack(row outbox.Claimed) []load {
	var loads []load
	for _, r := range slices.Concat([]outbox.Claimed{row}, row.Parts) {
		var p parcel
		if err := json.Unmarshal(r.Body, &p); err != nil || !p.valid() || r.Album != "" && p.File == nil {
			b.settled(r, "bury", b.cfg.Register.MarkDead(b.work, r.ID, outbox.Unreadable, "the row cannot be read", nil))
			b.bulletins.raise()
			continue
		}
		loads = append(loads, load{r, p})
	}
	return loads
}

// giveBack returns what was not tried.
func (b *Bot) giveBack(loads []load, why string) {
	for _, l := range loads {
		b.settled(l.Claimed, "give back", b.cfg.Register.Postpone(b.work, l.ID, b.now(), why, false))
	}
}

// separate makes single messages of an album that Telegram refuses: one bad
// file must not take the others with it.
func (b *Bot) separate(loads []load, refusal error) {
	b.log.Warn("telegram refuses an album, its parts go one by one", "key", loads[0].Key, "incident", loads[0].Number, "error", refusal)
	for _, l := range loads {
		again := l.Message
		again.Key, again.Album = l.Key+":single", ""
		b.settled(l.Claimed, "separate", b.cfg.Register.MarkDead(b.work, l.ID, outbox.Obsolete, refusal.Error(), []outbox.Message{again}))
	}
	b.courier.raise()
}

// sendLoads sends a row, or an album, and returns the ids of the new messages
// in order, 0 for those that Telegram did not tell.
func (b *Bot) sendLoads(ctx context.Context, chat int64, loads []load) ([]int, error) {
	ids := make([]int, len(loads))
	first := loads[0]
	if len(loads) == 1 {
		var err error
		ids[0], err = b.sendParcel(ctx, chat, first.parcel, first.CardMessageID)
		return ids, err
	}
	var media []models.InputMedia
	for _, l := range loads {
		m, err := albumItem(*l.parcel.File)
		if err != nil {
			return ids, err
		}
		media = append(media, m)
	}
	replyTo := first.parcel.ReplyTo
	if replyTo == 0 {
		replyTo = first.CardMessageID
	}
	sent, err := b.api.SendMediaGroup(ctx, &bot.SendMediaGroupParams{
		ChatID: chat, MessageThreadID: b.thread(chat), Media: media, ReplyParameters: reply(replyTo),
	})
	for k, m := range sent[:min(len(sent), len(ids))] {
		ids[k] = messageID(m)
	}
	return ids, b.scrubSend(err)
}

func albumItem(a incident.Attachment) (models.InputMedia, error) {
	switch a.Kind {
	case incident.Photo:
		return &models.InputMediaPhoto{Media: a.FileID}, nil
	case incident.Video:
		return &models.InputMediaVideo{Media: a.FileID}, nil
	case incident.Document:
		return &models.InputMediaDocument{Media: a.FileID}, nil
	}
	return nil, fmt.Errorf("%w: attachment of kind %q in an album", bot.ErrorBadRequest, a.Kind)
}
