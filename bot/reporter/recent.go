package reporter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/outbox"
)

// talk is a conversation as it was saved.
type talk struct {
	envelope
	state conversation.State
	rev   int64
	// remembered: it is known from this process's own write, and not read.
	remembered bool
	// until is when it is read again in any case.
	until time.Time
}

const (
	// recentFor is how long a conversation is known without asking Redis.
	recentFor = 10 * time.Minute
	// recentMost bounds how many are.
	recentMost = 512
)

// recent are the conversations that were saved lately: who answers one question
// after another has them read once. Only this process writes them, and Redis says
// when that is not so: a write names the revision that it replaces.
type recent struct {
	mu    sync.Mutex
	talks map[int64]talk
}

func (r *recent) of(chat int64, now time.Time) (talk, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.talks[chat]
	return c, ok && now.Before(c.until)
}

func (r *recent) keep(chat int64, c talk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.talks == nil {
		r.talks = map[int64]talk{}
	}
	for other := range r.talks { // any: Redis has it
		if len(r.talks) < recentMost {
			break
		}
		delete(r.talks, other)
	}
	r.talks[chat] = c
}

func (r *recent) forget(chat int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.talks, chat)
}

// conversation is that of the chat.
func (p *person) conversation(ctx context.Context) (talk, error) {
	if c, ok := p.recent.of(p.chat, p.Now()); ok {
		return c, nil
	}
	saved, err := p.Drafts.Load(ctx, p.chat)
	if err != nil {
		return talk{}, err
	}
	e, state, err := openEnvelope(saved.Data)
	if err != nil {
		// Better to ask again than to be stuck: registered incidents are
		// elsewhere.
		p.Log.Error("a saved conversation cannot be read, begun anew", "chat", p.chat, "error", err)
	}
	return talk{envelope: e, state: state, rev: saved.Rev}, nil
}

// save saves what an update made of a conversation. After a failure it is read
// anew.
func (p *person) save(ctx context.Context, c talk, u telegram.Update, said []conversation.Message) error {
	p.recent.forget(p.chat)
	next := talk{state: p.decided.state, remembered: true, until: p.Now().Add(min(recentFor, p.Dialogue.DraftTTL/2))}
	var data []byte
	var err error
	if next.envelope, data, err = c.sealed(next.state, u.ID, said); err != nil {
		return err
	}
	_, reminder := u.Event.(conversation.Remind)
	write := func(expect int64) error {
		token := fmt.Sprintf("%d:%s", u.ID, p.NewID())
		next.rev, err = p.Drafts.Save(ctx, p.chat, expect, token, data, !next.state.Idle(), !reminder)
		return err
	}
	err = write(c.rev)
	var conflict *outbox.Conflict
	if errors.As(err, &conflict) && c.remembered && conflict.Now.Rev < c.rev {
		// Redis has lost what it had: what was done by it is done.
		err = write(conflict.Now.Rev)
	}
	if err != nil {
		return fmt.Errorf("save the conversation: %w", err)
	}
	if !reminder { // its end is where it was
		p.recent.keep(p.chat, next)
	}
	return nil
}
