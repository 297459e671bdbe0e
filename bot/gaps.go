package bot

import (
	"context"
	"fmt"
	"time"
)

// gapAge is how long a missing update may come late: with a webhook they come
// out of order.
const gapAge = 2 * time.Minute

// tellGaps raises the alarm, once a gap, when updates did not come: they
// expired at Telegram unseen, or somebody else takes them.
func (b *Bot) tellGaps(ctx context.Context) error {
	now := b.now()
	gaps, err := b.cfg.Register.Gaps(ctx, now.Add(-gapAge))
	if err != nil || len(gaps) == 0 {
		return err
	}
	var ids []int64
	var missing int
	from, to := gaps[0].FromAt, gaps[0].SeenAt
	for _, g := range gaps {
		ids = append(ids, g.ID)
		missing += g.Count()
		if g.FromAt.Before(from) {
			from = g.FromAt
		}
		if g.SeenAt.After(to) {
			to = g.SeenAt
		}
		b.log.Error("updates never came: they expired at Telegram, or another process takes them",
			"first", g.First, "last", g.Last, "from", g.FromAt, "to", g.SeenAt)
	}
	post := deskAnswer(fmt.Sprintf("gap:%d:%d", ids[0], gaps[0].SeenAt.UnixMilli()), "", b.gapText(missing, from, to), 0)
	err = b.cfg.Register.TellGaps(ctx, ids, now, post)
	b.courier.raise()
	return err
}

func (b *Bot) gapText(missing int, from, to time.Time) string {
	return joined([]string{
		"⚠️ <b>Бот мог пропустить сообщения</b>",
		fmt.Sprintf("Не дошло сообщений или нажатий кнопок: %d, с\u00a0%s до\u00a0%s. От кого они, Telegram не сообщает.",
			missing, b.cardTime(from), b.cardTime(to)),
		"Если заявитель скажет, что бот ему не ответил, попросите написать боту ещё раз.",
		"Администратору: пока бот не работает, Telegram хранит сообщения сутки, нажатия — две с\u00a0половиной минуты. " +
			"Если бот работал, проверьте, не запущен ли он ещё где-то с\u00a0тем же токеном.",
	})
}
