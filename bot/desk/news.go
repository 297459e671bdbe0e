package desk

import (
	"context"
	"time"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/desk"
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
	// countEvery is the least time between two looks at how many wait, while the
	// last notice is new: it reads them all.
	countEvery = time.Second
)

// news is what was told of new incidents in the place of their cards.
type news struct {
	last time.Time // by the pace's clock
	// counted is when was looked last whether they fill another one.
	counted time.Time
	sent    []incident.Number // named and not recorded yet
}

// noticeAttempt is a notice of new incidents on its way.
type noticeAttempt struct {
	*Cards
	chat  int64
	html  string
	named []incident.Incident
}

// notice names the incidents of which the group knows nothing, when there are
// many; nil when a card may go instead. A crash before it is recorded repeats one
// notice.
func (c *Cards) notice(ctx context.Context, chat int64) (attempt, error) {
	fresh := !c.news.last.IsZero() && time.Since(c.news.last) < noticeEvery
	if fresh && time.Since(c.news.counted) < countEvery {
		return nil, nil
	}
	if few, err := c.Store.Unannounced(ctx, cardsBehind+1); err != nil || len(few) <= cardsBehind {
		return nil, err
	}
	c.news.counted = time.Now()
	all, err := c.Store.Unannounced(ctx, noticeMost)
	if err != nil || len(all) <= cardsBehind {
		return nil, err
	}
	html, named := desk.NewIncidents(all)
	if named == len(all) && fresh {
		return nil, nil
	}
	return &noticeAttempt{c, chat, html, all[:named]}, nil
}

func (a *noticeAttempt) send(ctx context.Context) error {
	_, err := a.Client.SendMessage(ctx, a.chat, conversation.Message{HTML: a.html}, 0)
	return err
}

func (a *noticeAttempt) conclude(ctx context.Context, r telegram.Result) (more bool, err error) {
	switch r.Kind {
	case telegram.Delivered, telegram.Deleted:
	case telegram.Rejected:
		// The cards tell the same, only later.
		a.Log.Error("telegram refuses a notice of new incidents", "count", len(a.named), "error", r.Err)
	default:
		return true, r.Err
	}
	a.news.last = time.Now()
	for _, i := range a.named {
		a.news.sent = append(a.news.sent, i.Number)
	}
	return true, a.recordNews(ctx)
}

// recordNews notes what the last notice named.
func (c *Cards) recordNews(ctx context.Context) error {
	if len(c.news.sent) == 0 {
		return nil
	}
	err := c.Store.Announced(ctx, c.news.sent)
	if err == nil {
		c.news.sent = nil
	}
	return err
}
