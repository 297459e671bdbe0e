package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// mailState is what the mail worker said last of the way to the mail server.
type mailState struct {
	sync.Mutex
	outbox.MailOutage
}

// MailOutage takes the mail worker's word that letters do not leave, or leave again
// (EndedAt is set). It never blocks.
func (b *Bot) MailOutage(o outbox.MailOutage) {
	b.mail.Lock()
	b.mail.MailOutage = o
	b.mail.Unlock()
	b.bulletins.raise()
}

// MailProblem says since when and why letters do not leave; nil when they do,
// as far as is known.
func (b *Bot) MailProblem() error {
	b.mail.Lock()
	defer b.mail.Unlock()
	if b.mail.Since.IsZero() || !b.mail.EndedAt.IsZero() {
		return nil
	}
	return fmt.Errorf("letters do not leave since %s: %s", b.mail.Since.UTC().Format(time.RFC3339), b.mail.Problem)
}

// mailBulletin tells of an outage of the mail server from its beginning to its
// end.
type mailBulletin struct {
	bulletin
	outbox.MailOutage
	// Stated is the state that it shows apart from figures, which may be a
	// minute old.
	Stated string `json:"stated"`
	// Done: it shows the end, and that all went.
	Done bool `json:"done"`
}

const mailKey = "bulletin_mail"

// tellMail shows the desk an outage of the mail server in one message, edited
// as things change, and warns the people whose letters to УИТ wait.
func (b *Bot) tellMail(ctx context.Context) error {
	var m mailBulletin
	if err := b.recall(ctx, mailKey, &m); err != nil {
		return err
	}
	b.mail.Lock()
	live := b.mail.MailOutage
	b.mail.Unlock()
	now := b.now()
	if !m.follow(live, now) {
		return nil
	}
	queue, err := b.cfg.Register.Mail(ctx, m.Since)
	if err != nil {
		return err
	}
	if m.EndedAt.IsZero() && queue.Waiting == 0 && live.Since.IsZero() {
		m.EndedAt = now // whatever waited went, or was erased, around a restart
	}
	var waiting []incident.Incident
	if m.EndedAt.IsZero() {
		if waiting, err = b.cfg.Register.QueuedEscalations(ctx); err != nil {
			return err
		}
		if err := b.warnWaiting(ctx, waiting, live, now); err != nil {
			return err
		}
	}
	over := !m.EndedAt.IsZero() && (queue.Waiting == 0 || now.Sub(m.EndedAt) >= bulletinJoins)
	stated := fmt.Sprint(m.Problem, m.EndedAt, over)
	if stated == m.Stated && now.Sub(m.EditedAt) < bulletinEvery {
		return nil
	}
	changed, err := b.publish(ctx, &m.bulletin, b.mailText(m.MailOutage, queue, len(waiting), now))
	if err != nil || !changed && m.Stated == stated {
		return err
	}
	m.Stated, m.Done = stated, over
	return b.keep(mailKey, m)
}

// follow takes in what the mail worker said; false when there is nothing to show.
// An outage soon after another is the same one to those who read of it.
func (m *mailBulletin) follow(live outbox.MailOutage, now time.Time) bool {
	broken := !live.Since.IsZero() && live.EndedAt.IsZero()
	open := m.MessageID != 0 && m.EndedAt.IsZero()
	switch {
	case broken && !open && (m.MessageID == 0 || now.Sub(m.EndedAt) >= bulletinJoins):
		*m = mailBulletin{MailOutage: live}
	case broken:
		m.Problem, m.EndedAt, m.Done = live.Problem, time.Time{}, false
	case open:
		m.EndedAt = live.EndedAt // zero after a restart, until somebody has tried
	}
	return broken || m.MessageID != 0 && !m.Done
}

// warnWaiting tells each person once that her letter to УИТ waits for the mail
// server. She has just asked for it, so she hears it at any hour.
func (b *Bot) warnWaiting(ctx context.Context, waiting []incident.Incident, live outbox.MailOutage, now time.Time) error {
	var posts []outbox.Message
	for _, i := range waiting {
		for _, e := range i.Escalations {
			if e.Letter == incident.LetterQueued && now.Sub(e.At) >= bulletinRound && i.Reporter != 0 && !live.Since.IsZero() {
				key := fmt.Sprintf("delayed:%s:%d", i.Number, e.Seq)
				posts = append(posts, toPerson(key, i, outbox.RankNotice, b.cfg.Dialogue.EscalationDelayed(i, now)))
			}
		}
	}
	if len(posts) == 0 {
		return nil
	}
	err := b.cfg.Register.Put(ctx, posts...)
	b.courier.raise()
	return err
}

func (b *Bot) mailText(o outbox.MailOutage, q outbox.MailQueue, escalations int, now time.Time) string {
	since := b.cardTime(o.Since)
	if !o.EndedAt.IsZero() {
		figures := fmt.Sprintf("Отправлено писем: %d.", q.Sent)
		if q.Waiting > 0 {
			figures += fmt.Sprintf(" Ещё в\u00a0очереди: %d.", q.Waiting)
		}
		return joined([]string{"✅ <b>Почта снова работает</b>",
			fmt.Sprintf("Письма не уходили с\u00a0%s до\u00a0%s. %s", since, b.cardTime(o.EndedAt), figures)})
	}
	figures := fmt.Sprintf("Писем ждёт: %d", q.Waiting)
	if escalations > 0 {
		figures += fmt.Sprintf(", из них в\u00a0УИТ: %d (заявители предупреждены)", escalations)
	}
	if figures += "."; q.NextAt.After(now) {
		figures += " Следующая попытка в\u00a0" + q.NextAt.In(b.cfg.Dialogue.Location).Format("15:04") + "."
	}
	return joined([]string{
		"⚠️ <b>Почта не уходит</b> с\u00a0" + since,
		escape(conversation.LetterProblem(o.Problem, 300)),
		figures + " Письма отправятся сами, когда почтовый сервер заработает; это сообщение обновится.",
		"Администратору: проверьте почтовый сервер и настройки SMTP.",
	})
}
