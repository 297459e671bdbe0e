package desk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"intakebot/bot/delivery"
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
func (b *Bulletins) MailOutage(o outbox.MailOutage) {
	b.mail.Lock()
	b.mail.MailOutage = o
	b.mail.Unlock()
	b.Wake.Raise()
}

// MailProblem says since when and why letters do not leave; nil when they do,
// as far as is known.
func (b *Bulletins) MailProblem() error {
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
func (b *Bulletins) tellMail(ctx context.Context) error {
	var m mailBulletin
	if err := b.recall(ctx, mailKey, &m); err != nil {
		return err
	}
	b.mail.Lock()
	live := b.mail.MailOutage
	b.mail.Unlock()
	now := b.Now()
	if !m.follow(live, now) {
		return nil
	}
	queue, err := b.Store.Mail(ctx, m.Since)
	if err != nil {
		return err
	}
	if m.EndedAt.IsZero() && queue.Waiting == 0 && live.Since.IsZero() {
		m.EndedAt = now // whatever waited went, or was erased, around a restart
	}
	var waiting []incident.Incident
	if m.EndedAt.IsZero() {
		if waiting, err = b.Store.QueuedEscalations(ctx); err != nil {
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
	changed, err := b.publish(ctx, &m.bulletin, b.Words.MailOutage(m.MailOutage, queue, len(waiting), now))
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
func (b *Bulletins) warnWaiting(ctx context.Context, waiting []incident.Incident, live outbox.MailOutage, now time.Time) error {
	var posts []outbox.Message
	for _, i := range waiting {
		for _, e := range i.Escalations {
			if e.Letter == incident.LetterQueued && now.Sub(e.At) >= bulletinRound && i.Reporter != 0 && !live.Since.IsZero() {
				key := fmt.Sprintf("delayed:%s:%d", i.Number, e.Seq)
				posts = append(posts, delivery.ToPerson(key, i.Reporter, i.Number, delivery.Say(b.Dialogue.EscalationDelayed(i, now))))
			}
		}
	}
	if len(posts) == 0 {
		return nil
	}
	err := b.Store.Put(ctx, posts...)
	b.Courier.Wake()
	return err
}

// gapAge is how long a missing update may come late: with a webhook they come
// out of order.
const gapAge = 2 * time.Minute

// tellGaps raises the alarm, once a gap, when updates did not come: they
// expired at Telegram unseen, or somebody else takes them.
func (b *Bulletins) tellGaps(ctx context.Context) error {
	now := b.Now()
	gaps, err := b.Store.Gaps(ctx, now.Add(-gapAge))
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
		b.Log.Error("updates never came: they expired at Telegram, or another process takes them",
			"first", g.First, "last", g.Last, "from", g.FromAt, "to", g.SeenAt)
	}
	post := delivery.Answer(fmt.Sprintf("gap:%d:%d", ids[0], gaps[0].SeenAt.UnixMilli()), "", b.Words.Gap(missing, from, to), 0)
	err = b.Store.TellGaps(ctx, ids, now, post)
	b.Courier.Wake()
	return err
}
