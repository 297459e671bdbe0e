package desk

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"intakebot/incident"
	"intakebot/outbox"
)

// forbidden are the files that the group does not take: their cards say so.
type forbidden struct {
	mu    sync.Mutex
	heard []heard
	// kinds is nil until it is read; Cards.Run alone uses it.
	kinds map[incident.Number][]incident.AttachmentKind
}

// heard is what the courier found out and the card does not say yet.
type heard struct {
	card      outbox.Card
	kind      incident.AttachmentKind
	forbidden bool
}

// forbiddenKey is where the register keeps them.
const forbiddenKey = "forbidden_files"

// Forbid takes the courier's word that the group does not take a kind of an
// incident's files, or does again.
func (c *Cards) Forbid(card outbox.Card, kind incident.AttachmentKind, yes bool) {
	c.forbidden.mu.Lock()
	c.forbidden.heard = append(c.forbidden.heard, heard{card, kind, yes})
	c.forbidden.mu.Unlock()
	c.Wake.Raise()
}

// noteForbidden takes in what was heard and makes the cards stale that it
// concerns. What fails is done again.
func (c *Cards) noteForbidden(ctx context.Context) error {
	f := c.forbidden
	if f.kinds == nil {
		text, err := c.Store.Meta(ctx, forbiddenKey)
		if err != nil {
			return err
		}
		f.kinds = map[incident.Number][]incident.AttachmentKind{}
		if text != "" {
			if err := json.Unmarshal([]byte(text), &f.kinds); err != nil {
				return err
			}
		}
	}
	f.mu.Lock()
	news := slices.Clone(f.heard)
	f.mu.Unlock()
	for _, h := range news {
		if err := c.noteHeard(ctx, h); err != nil {
			return err
		}
		f.mu.Lock()
		f.heard = f.heard[1:]
		f.mu.Unlock()
	}
	return nil
}

func (c *Cards) noteHeard(ctx context.Context, h heard) error {
	n := h.card.Incident.Number
	before := c.forbidden.kinds[n]
	kinds := slices.DeleteFunc(slices.Clone(before), func(k incident.AttachmentKind) bool { return k == h.kind })
	if h.forbidden {
		kinds = append(kinds, h.kind)
	}
	if len(kinds) == len(before) {
		return nil // the card says so
	}
	if c.forbidden.kinds[n] = kinds; len(kinds) == 0 {
		delete(c.forbidden.kinds, n)
	}
	data, err := json.Marshal(c.forbidden.kinds)
	if err == nil {
		err = c.Store.SetMeta(ctx, forbiddenKey, string(data))
	}
	if err == nil { // version 0: it must be shown whatever the version is
		err = c.Store.CardShown(ctx, n, 0, h.card.Chat, h.card.MessageID)
	}
	if err != nil {
		c.forbidden.kinds[n] = before
	}
	return err
}
