package desk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/outbox"
)

// cardAttempt is a card on its way.
type cardAttempt struct {
	*Cards
	card    outbox.Card
	chat    int64
	id      int // of the message; 0 until it is there
	fresh   bool
	message conversation.Message
}

func (c *Cards) attempt(chat int64, card outbox.Card) attempt {
	a := &cardAttempt{Cards: c, card: card, chat: chat, id: card.MessageID, message: c.message(card.Incident)}
	if card.Chat != chat {
		a.id = 0 // a card in another group, and that id is somebody else's here
	}
	a.fresh = a.id == 0
	return a
}

func (a *cardAttempt) send(ctx context.Context) (err error) {
	if a.fresh {
		a.id, err = a.Client.SendMessage(ctx, a.chat, a.message, 0)
		return err
	}
	return a.Client.EditMessage(ctx, a.chat, a.id, a.message)
}

func (a *cardAttempt) conclude(ctx context.Context, r telegram.Result) (more bool, err error) {
	i := a.card.Incident
	switch r.Kind {
	case telegram.Delivered:
		if a.id == 0 {
			return false, errors.New("the answer to a new card was not understood; it is posted again")
		}
		if i.Erased() {
			defer a.Erasures.Raise() // one waits for it
		}
		return a.record(ctx)
	case telegram.MessageNotFound:
		return true, a.Store.CardLost(ctx, i.Number, a.card.MessageID)
	case telegram.Deleted:
		a.Log.Error("somebody deletes this bot's cards at once: is there another bot in the group?", "incident", i.Number, "error", r.Err)
		a.refused[i.Number] = refusal{i.Version, true, a.Now().Add(refusedFor)}
		return true, nil
	case telegram.Rejected:
		// One card must not hold up all the others. Without a message it is
		// not shown, so a plain one takes its place.
		before, again := a.refused[i.Number]
		plain := again && before.version == i.Version
		a.Log.Error("telegram refuses a card", "incident", i.Number, "error", r.Err)
		a.refused[i.Number] = refusal{i.Version, plain, a.Now().Add(refusedFor)}
		return true, nil
	}
	return false, r.Err
}

// record notes that the card is shown.
func (a *cardAttempt) record(ctx context.Context) (more bool, err error) {
	n, version := a.card.Incident.Number, a.card.Incident.Version
	a.shown[n] = digest(a.message)
	if r, refused := a.refused[n]; refused && r.version != version {
		delete(a.refused, n)
	}
	if a.fresh {
		a.posted[n] = posted{a.chat, a.id, version}
	}
	if err := a.Store.CardShown(ctx, n, version, a.chat, a.id); err != nil {
		return false, err
	}
	delete(a.posted, n)
	if a.fresh {
		a.Courier.Wake() // what answers the card can go now
	}
	return true, nil
}

// digest tells messages apart.
func digest(m conversation.Message) [8]byte {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings only
	}
	sum := sha256.Sum256(data)
	return [8]byte(sum[:8])
}
