package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
)

// An erasure begins in the transaction in which a person asks for it (lane), or
// when the retention ends (a duty). The register is empty then, but letters go
// first, the group shows what it shows, and the draft and the database's files
// are looked after; keepForgetting goes on, whatever stops it in between, until
// nothing is left.

// Retention is how long the data of an incident are kept after its end; the
// zero Retention keeps them for good.
type Retention struct{ Years, Months, Days int }

// before is the moment before which an incident ended too long ago.
func (r Retention) before(now time.Time) time.Time { return now.AddDate(-r.Years, -r.Months, -r.Days) }

// expirePortion is how many incidents one look at the retention erases, so that
// nobody waits for the register meanwhile.
const expirePortion = 20

// expiredKey is the day when the retention was last looked at, in the
// register's meta.
const expiredKey = "expired_on"

// scrubPatience is how long the person waits for the cleaning of the database's
// files to succeed: somebody who reads an older state, or a want of room,
// hinders it. It is tried on, but told then; scrubAgain is the pause after a
// failure that the next moment does not mend.
const (
	scrubPatience = time.Hour
	scrubAgain    = 10 * time.Minute
)

// forget carries out the person's wish.
func (l *lane) forget(ctx context.Context) error {
	err := l.cfg.Register.Forget(ctx, l.chat, l.now(), farewell)
	if err != nil {
		return err
	}
	l.log.Info("a person is forgotten", "chat", l.chat)
	l.lanes.mu.Lock()
	l.leaving = true
	l.lanes.mu.Unlock()
	l.told()
	l.duties.raise()
	return nil
}

// leave empties Redis once everything that was said is sent. Who has agreed
// again by then has begun a new conversation, which overwrote the old one.
func (l *lane) leave(ctx context.Context) {
	l.lanes.mu.Lock()
	leaving := l.leaving && len(l.rows) == 0 && len(l.replies) == 0
	if leaving {
		l.leaving = false // a duty raises it again should this fail
	}
	l.lanes.mu.Unlock()
	if !leaving {
		return
	}
	person, err := l.cfg.Register.Reporter(ctx, l.chat)
	if err == nil && person.Consent.Version == "" {
		err = l.cfg.Drafts.Forget(ctx, l.chat)
	}
	if err == nil {
		err = l.cfg.Register.DraftErased(ctx, l.chat)
		l.duties.raise()
	}
	if err != nil {
		l.fatal(err)
		l.log.Warn("the draft of a forgotten person is not erased yet", "chat", l.chat, "error", err)
	}
}

// farewell tells the desk, by number only, that the person is gone. It names no
// single incident to the register: what is about one is emptied.
func farewell(before []incident.Incident) []incident.Outgoing {
	var numbers []incident.Number
	open := false
	for _, i := range before {
		numbers = append(numbers, i.Number)
		open = open || i.Status.Open()
	}
	text := "🗑 Заявитель отозвал данные: " + conversation.NumberList(numbers) + "."
	switch {
	case open && len(numbers) == 1:
		text += " Обращение отменено, работать над ним больше не нужно."
	case open:
		text += " Открытые обращения отменены, работать над ними больше не нужно."
	}
	text += "\n\nДанные удалены, карточки и пересланные сообщения бот сейчас очистит."
	return []incident.Outgoing{deskAnswer(incident.ForgetKey+"asked:"+string(numbers[len(numbers)-1]), "", text, 0)}
}

// keepForgetting goes on with the erasures under way and begins those of the
// retention.
func (b *Bot) keepForgetting(ctx context.Context) error {
	if err := b.expire(ctx); err != nil {
		return err
	}
	chats, err := b.cfg.Register.Erasures(ctx)
	for _, chat := range chats {
		err = errors.Join(err, b.goOnForgetting(ctx, chat))
	}
	return err
}

// expire looks once a day for what was kept long enough.
func (b *Bot) expire(ctx context.Context) error {
	term, local := b.cfg.Duties.Retention, b.now().In(b.cfg.Dialogue.Location)
	day := local.Format(time.DateOnly)
	if term == (Retention{}) || b.cfg.Dialogue.Quiet.Quiet(local) { // the desk may have to be told
		return nil
	}
	last, err := b.cfg.Register.Meta(ctx, expiredKey)
	if err != nil || last == day {
		return err
	}
	done, err := b.cfg.Register.Expire(ctx, term.before(b.now()), expirePortion)
	if err != nil {
		return err
	}
	b.cards.raise()
	if !done {
		b.duties.raise()
		return nil
	}
	return b.cfg.Register.SetMeta(ctx, expiredKey, day)
}

// goOnForgetting does what can be done for an erasure now.
func (b *Bot) goOnForgetting(ctx context.Context, chat int64) error {
	e, err := b.cfg.Register.Sweep(ctx, chat)
	if errors.Is(err, incident.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Draft {
		b.lanes.wakeWith(chat, func(l *lane) { l.leaving = true })
	}
	if err := b.emptyGroup(ctx, e); err != nil {
		return err
	}
	// While a letter waits, which can take days, the rest is cleaned already.
	if e.Dirty && (e.Letters > 0 || !e.Waits()) {
		e.Dirty = !b.scrubbed(ctx, e)
	}
	age := b.now().Sub(e.AskedAt)
	switch {
	case !e.Told && b.groupIsOutOfReach(e, age):
		for _, one := range e.Group {
			e.Stayed = append(e.Stayed, one.Place)
		}
	case e.Waits(), e.Dirty && (e.Told || age < scrubPatience):
		return nil
	case e.Told:
		b.log.Info("an erasure is complete", "incidents", len(e.Numbers))
		return b.cfg.Register.ErasureDone(ctx, chat)
	}
	err = b.cfg.Register.ErasureTold(ctx, chat, b.lastWords(e))
	b.Kick()
	return err
}

// groupIsOutOfReach says that only the group is left and does not answer for as
// long as anything is tried: the person hears of the end then, with what stayed.
func (b *Bot) groupIsOutOfReach(e incident.Erasure, age time.Duration) bool {
	return e.Chat != 0 && e.Waits() && e.Letters == 0 && !e.Draft && age > keepTrying
}

// scrubbed cleans the files of the database; false when that has to wait.
func (b *Bot) scrubbed(ctx context.Context, e incident.Erasure) bool {
	if b.now().Before(b.scrubFrom) {
		return false
	}
	err := b.cfg.Register.Scrub(ctx)
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	b.fatal(err)
	if e.Told || !errors.Is(err, incident.ErrReadElsewhere) {
		b.scrubFrom = b.now().Add(scrubAgain)
		b.log.Error("the database's files still hold what was erased", "again", scrubAgain, "error", err)
	}
	return false
}

// emptyGroup sends for what still tells of the person in the group, after
// everything else that waits to be said there.
func (b *Bot) emptyGroup(ctx context.Context, e incident.Erasure) error {
	var posts []incident.Outgoing
	for _, one := range e.Group {
		m := conversation.Message{HTML: fmt.Sprintf("🗑 №\u00a0%s: удалено вместе с данными заявителя.", one.Number)}
		posts = append(posts, incident.Outgoing{
			Key: fmt.Sprintf("%s%d:%d", incident.ForgetKey, one.Chat, one.MessageID), Channel: incident.Telegram,
			Number: one.Number, Chat: incident.DeskChat, Rank: incident.RankPrompt,
			Body: parcel{Message: &m, Empty: one.MessageID, Caption: one.File}.encode(),
		})
	}
	if len(posts) == 0 {
		return nil
	}
	err := b.cfg.Register.Put(ctx, posts...)
	b.courier.raise()
	return err
}

// errStays: Telegram does not let us take a message out of the group.
var errStays = errors.New("the message cannot be emptied")

// empty takes the words, or the file, out of a message of ours. An edit is
// possible at any age; a deletion within 48 hours, unless the bot is an
// administrator (Bot API, deleteMessage), and the only way with what cannot be
// edited: a forced reply, a voice.
func (b *Bot) empty(ctx context.Context, chat int64, p parcel) error {
	edit := func() error { return b.editMessage(ctx, chat, p.Empty, *p.Message) }
	remove := func() error {
		_, err := b.api.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: chat, MessageID: p.Empty})
		if f, _, _ := judge(err); f == cardLost {
			return nil // somebody was faster
		}
		return b.scrubSend(err)
	}
	ways := []func() error{edit, remove}
	if p.Caption {
		ways = []func() error{remove, b.replaced(ctx, chat, p, photoInstead), b.replaced(ctx, chat, p, documentInstead)}
	}
	for _, way := range ways {
		err := way()
		switch f, _, _ := judge(err); f {
		case delivered, unchanged:
			return nil
		case cardLost, refused, badMarkup:
		default:
			return err
		}
	}
	return errStays
}

// replaced puts an empty file in the place of one (Bot API, editMessageMedia:
// in an album, a document for a document, a photo for the rest).
func (b *Bot) replaced(ctx context.Context, chat int64, p parcel, instead func(caption string) models.InputMedia) func() error {
	return func() error {
		_, err := b.api.EditMessageMedia(ctx, &bot.EditMessageMediaParams{ChatID: chat, MessageID: p.Empty, Media: instead(p.Message.HTML)})
		return b.scrubSend(err)
	}
}

func photoInstead(caption string) models.InputMedia {
	return &models.InputMediaPhoto{Media: "attach://removed.png", Caption: caption, MediaAttachment: emptyPicture()}
}

func documentInstead(caption string) models.InputMedia {
	return &models.InputMediaDocument{Media: "attach://removed.txt", Caption: caption, MediaAttachment: strings.NewReader("удалено\n")}
}

// emptied records what became of a message that was to be emptied; false when
// the attempt is to be judged like any other.
func (b *Bot) emptied(row incident.Claimed, chat int64, p parcel, err error) bool {
	if p.Empty == 0 || err != nil && !errors.Is(err, errStays) {
		return false
	}
	where := incident.Place{Chat: chat, MessageID: p.Empty}
	b.settled(row, "mark emptied", b.cfg.Register.Emptied(b.work, row.ID, b.now(), where, err != nil))
	return true
}

// lastWords tell the person that it is done, and the desk what it has to do
// itself.
func (b *Bot) lastWords(e incident.Erasure) []incident.Outgoing {
	key := fmt.Sprintf("%sdone:%d", incident.ForgetKey, b.now().UnixMilli())
	var posts []incident.Outgoing
	if e.Chat != 0 {
		m := b.cfg.Dialogue.Forgotten(e)
		posts = append(posts, incident.Outgoing{
			Key: key, Channel: incident.Telegram, Chat: e.Chat, Rank: incident.RankNotice, Body: parcel{Message: &m}.encode(),
		})
	}
	if len(e.Numbers) > 0 && (len(e.Stayed)+len(e.Staff) > 0 || b.moved()) {
		posts = append(posts, deskAnswer(key+":desk", "", b.stayedText(e), 0))
	}
	return posts
}

// stayedText asks the desk to delete what the bot cannot.
func (b *Bot) stayedText(e incident.Erasure) string {
	parts := []string{"🗑 Данные удалены: " + conversation.NumberList(e.Numbers) + ". Остальное бот убрать не может, удалите, пожалуйста, сами:"}
	if len(e.Staff) > 0 {
		parts = append(parts, "— сообщения сотрудников заявителю: "+b.links(e.Staff))
	}
	if len(e.Stayed) > 0 {
		parts = append(parts, "— сообщения бота, которые Telegram не даёт изменить: "+b.links(e.Stayed))
	}
	if b.moved() {
		parts = append(parts, "— всё, что написано до того, как группа стала супергруппой")
	}
	return joined(append(parts, "Проверьте также заметки, команды с текстом и списки /open и /search: в них мог быть назван заявитель."))
}

// moved says that the group has another id than the one configured: what was
// said before is out of reach.
func (b *Bot) moved() bool { return b.deskChat() != b.cfg.Desk }

// linksMost is how many messages one text leads to.
const linksMost = 20

// links lead to messages of the group; only a supergroup's have addresses
// (t.me/c/, its id without -100).
func (b *Bot) links(all []incident.Place) string {
	group, super := strings.CutPrefix(fmt.Sprint(b.deskChat()), "-100")
	if !super {
		return fmt.Sprint(len(all))
	}
	var links []string
	for k, p := range all {
		if k == linksMost {
			links = append(links, fmt.Sprintf("и ещё %d", len(all)-k))
			break
		}
		links = append(links, fmt.Sprintf(`<a href="https://t.me/c/%s/%d">%d</a>`, group, p.MessageID, k+1))
	}
	return strings.Join(links, ", ")
}

// lastLetter are what is told of a letter that went before its person was
// forgotten: to the person all, to the desk the number.
func lastLetter(i incident.Incident, l incident.Letter, state incident.LetterState) []incident.Outgoing {
	key := fmt.Sprintf("%sletter:%s:%s:%d", incident.ForgetKey, i.Number, l.Kind, l.Seq)
	var posts []incident.Outgoing
	if l.Kind == incident.EscalationLetter && l.Reporter != 0 {
		m := conversation.LastLetter(i.Number, incident.Escalation{Letter: state}, l)
		posts = append(posts, incident.Outgoing{
			Key: key, Channel: incident.Telegram, Chat: l.Reporter, Rank: incident.RankNotice, Body: parcel{Message: &m}.encode(),
		})
	}
	if state == incident.LetterRefused {
		text := fmt.Sprintf("⚠️ Письмо по №\u00a0%s не принято почтовым сервером. Заявитель отозвал данные, письмо удалено.", i.Number)
		posts = append(posts, deskAnswer(key+":desk", "", text, 0))
	}
	return posts
}
