package desk

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"intakebot/bot/telegram"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Words of colleagues must not reach a person by mistake. So a reply goes to her
// when it answers the card, a message of hers, or a prompt; a reply to anything
// else of ours goes nowhere.

// relays says that words which answer a message go to the person.
func relays(told outbox.MessageContext) bool {
	return told.Number != "" && told.Kind != outbox.OtherMessage
}

// repliedTo says what the message in hand answers; ErrNotFound when that is
// nothing of ours.
func (t *turn) repliedTo(ctx context.Context, id int) (outbox.MessageContext, error) {
	if there := t.message.External; id == 0 && there != nil {
		return t.toldElsewhere(ctx, there)
	}
	if id == 0 || t.message.ReplyTo == nil {
		return outbox.MessageContext{}, incident.ErrNotFound
	}
	return t.toldBy(ctx, t.message.ReplyTo)
}

// toldElsewhere is toldBy for a message of another topic of the group. What is in
// another chat is nothing that relays.
func (t *turn) toldElsewhere(ctx context.Context, m *telegram.External) (told outbox.MessageContext, err error) {
	if m.Chat == nil || m.Chat.ID != t.chat || m.MessageID == 0 {
		return told, nil
	}
	told, err = t.Store.About(ctx, outbox.MessageRef{Chat: t.chat, MessageID: m.MessageID})
	if errors.Is(err, incident.ErrNotFound) {
		err = nil
	}
	return told, err
}

// toldBy says what a message of ours is and which incident it is about. Somebody
// may answer one before its id is recorded, or one whose id became void when the
// group moved: then its words tell. An id that a crash kept from being recorded
// is not waited for.
func (t *turn) toldBy(ctx context.Context, m *telegram.Content) (outbox.MessageContext, error) {
	for wait := 25 * time.Millisecond; ; wait *= 2 {
		told, err := t.Store.About(ctx, outbox.MessageRef{Chat: t.chat, MessageID: m.ID})
		ours := m.From != nil && m.From.ID == t.Client.ID()
		if !errors.Is(err, incident.ErrNotFound) || !ours {
			return told, err
		}
		told, action := desk.Recognise(m.Text + m.Caption)
		_, file := m.Attachment() // a file of a person has no words of ours
		sent := time.Unix(m.Date, 0)
		late := wait > time.Second || t.Now().Sub(sent) > time.Minute || sent.Unix() < t.Started.Unix()
		if late || told.Kind == outbox.OtherMessage && !file {
			return remembered(told, action)
		}
		loop.Pause(ctx, wait, nil)
	}
}

// remembered gives a prompt that nobody recorded a memo of nobody's.
func remembered(told outbox.MessageContext, action incident.Action) (outbox.MessageContext, error) {
	if told.Kind != outbox.PromptMessage {
		return told, nil
	}
	note, err := json.Marshal(memo{Action: action})
	told.Memo = string(note)
	return told, err
}

// number reads the number of a command, and what follows it; in a reply to a
// card, a message of the person or a prompt it may be left out. complaint says
// what is wrong, how when there is no number.
func (t *turn) number(ctx context.Context, args string, replyTo int, how string) (n incident.Number, rest, complaint string, err error) {
	n, rest, complaint = desk.Number(args, how)
	if complaint != how {
		return n, rest, complaint, nil
	}
	told, err := t.repliedTo(ctx, replyTo)
	switch {
	case errors.Is(err, incident.ErrNotFound):
		return "", "", how, nil
	case err != nil:
		return "", "", "", err
	case !relays(told):
		return "", "", how, nil
	}
	return told.Number, args, "", nil
}

const (
	// howKey is when which member was told how to answer, in the register's
	// meta.
	howKey   = "desk_told_how"
	howEvery = time.Hour
)

// tellHow tells a member, once an hour, that the reply went nowhere and how to
// answer.
func (t *turn) tellHow(ctx context.Context) error {
	kept, err := t.Store.Meta(ctx, howKey)
	if err != nil {
		return err
	}
	told := map[string]time.Time{}
	if kept != "" {
		if err := json.Unmarshal([]byte(kept), &told); err != nil {
			return &loop.Fault{Err: err}
		}
	}
	now, member := t.Now(), strconv.FormatInt(t.who.ID, 10)
	if last, known := told[member]; known && now.Sub(last) < howEvery {
		return nil
	}
	if err := t.answer(ctx, "", desk.AnswerHow); err != nil {
		return err
	}
	for who, at := range told {
		if now.Sub(at) >= howEvery {
			delete(told, who)
		}
	}
	told[member] = now.UTC()
	data, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return t.Store.SetMeta(ctx, howKey, string(data))
}
