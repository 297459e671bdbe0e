package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
)

// When many file at once, the group learns of them sooner than its cards can
// come: a notice names those that wait.

const (
	// cardsBehind is how many incidents may wait for their card before a notice
	// names them.
	cardsBehind = 3
	// noticeEvery is the least time between two notices, unless one is full:
	// what takes the place of a card should name many.
	noticeEvery = 15 * time.Second
	// noticeMost is more than the incidents that fit into one message.
	noticeMost = 200
)

// notice is what tells the group of new incidents in the place of their cards.
// Only keepCards uses it.
type notice struct {
	last time.Time         // by the pace's clock
	sent []incident.Number // named and not recorded yet
}

// notify names the incidents of which the group knows nothing, when there are
// many; done is false when a card may go instead. The caller has waited for the
// limits, and its turn is used up when done. A crash before it is recorded
// repeats one notice.
func (b *Bot) notify(ctx context.Context, chat int64) (done bool, err error) {
	news, err := b.cfg.Register.Unannounced(ctx, noticeMost)
	if err != nil || len(news) <= cardsBehind {
		return false, err
	}
	html, named := noticeText(news)
	if named == len(news) && !b.notice.last.IsZero() && time.Since(b.notice.last) < noticeEvery {
		return false, nil
	}
	_, err = b.sendMessage(ctx, chat, conversation.Message{HTML: html}, 0)
	switch f, wait, to := judge(err); f {
	case delivered:
	case flooded:
		b.pace.hold(chat, wait)
		return true, nil
	case moved:
		return true, b.deskMoved(ctx, to)
	case refused, badMarkup:
		// The cards tell the same, only later.
		b.log.Error("telegram refuses a notice of new incidents", "count", named, "error", err)
	default:
		return true, err
	}
	b.notice.last = time.Now()
	for _, i := range news[:named] {
		b.notice.sent = append(b.notice.sent, i.Number)
	}
	return true, b.recordNotice(ctx)
}

// recordNotice notes what the last notice named.
func (b *Bot) recordNotice(ctx context.Context) error {
	if len(b.notice.sent) == 0 {
		return nil
	}
	err := b.cfg.Register.Announced(ctx, b.notice.sent)
	if err == nil {
		b.notice.sent = nil
	}
	return err
}

const (
	noticeHead = "📋 <b>Новых обращений: %d.</b> Карточки придут по очереди.\n"
	noticeFoot = "\n\nРаботать можно уже сейчас: /take, /ask, /resolve или /incident и номер. Карточка взятого придёт раньше других."
)

// noticeText names as many incidents as fit into one message, from the first.
func noticeText(news []incident.Incident) (html string, named int) {
	room := messageMost - incident.Units(conversation.PlainText(fmt.Sprintf(noticeHead, len(news))+noticeFoot))
	var lines strings.Builder
	for _, i := range news {
		line := fmt.Sprintf("\n№\u00a0%s · %s", i.Number, shortened(i.Organisation()))
		if room -= incident.Units(line); room < 0 {
			break
		}
		lines.WriteString(escape(line))
		named++
	}
	return fmt.Sprintf(noticeHead, named) + lines.String() + noticeFoot, named
}

// shortened makes an organisation's name fit into a line of a list. Long ones
// begin alike («Государственное бюджетное учреждение …») and differ in their
// end, so the middle goes.
func shortened(name string) string {
	const most, head = 64, 24
	runes := []rune(strings.Join(strings.Fields(name), " "))
	if len(runes) <= most {
		return string(runes)
	}
	begin := string(runes[:head])
	if at := strings.LastIndexByte(begin, ' '); at > 0 {
		begin = begin[:at]
	}
	end := string(runes[len(runes)-(most-len([]rune(begin))-3):])
	if at := strings.IndexByte(end, ' '); at >= 0 && at < len(end)/2 {
		end = end[at+1:]
	}
	return begin + " … " + end
}
