package reporter

import (
	"context"
	"errors"
	"html"
	"slices"
	"strings"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// Handle carries one update through. Everything in it is safe to repeat from the
// start.
func (p *person) Handle(ctx context.Context, u telegram.Update) error {
	if !u.Private {
		return nil
	}
	update := u.ID
	p.goesOn = u.AlbumGoesOn
	if u.Event == nil {
		return p.member(ctx, u.Member)
	}
	if m := u.Message; m != nil && p.notOurs(m.Text) {
		return nil
	}
	c, err := p.conversation(ctx)
	if err != nil {
		return err
	}
	if c.applied(update) {
		if last := c.Applied[len(c.Applied)-1]; last == update || !p.handled && len(p.replies) == 0 {
			p.replies = c.Replies // sealed with everything that was unsent then
		}
		p.answerPress(ctx, u.Query(), "")
		p.handled = true
		return nil
	}
	if p.decided == nil || p.decided.update != update || p.decided.rev != c.rev {
		if p.decided, err = p.decide(ctx, c.state, u); err != nil {
			return err
		}
		p.decided.update, p.decided.rev = update, c.rev
	}
	replies, toast, err := p.carryOut(ctx, p.decided.effects)
	if err != nil {
		return err
	}
	said := joinReplies(p.replies, replies)
	if slices.ContainsFunc(p.decided.effects, isForget) {
		said = replies // what was not said yet tells of the person
	}
	err = p.save(ctx, c, u, said)
	var conflict *outbox.Conflict
	if errors.As(err, &conflict) && c.remembered {
		return p.Handle(ctx, u) // by what is there
	}
	if err != nil {
		return err
	}
	p.replies, p.decided, p.handled = said, nil, true
	p.answerPress(ctx, u.Query(), toast)
	return nil
}

// SetAside apologizes for an update that is in quarantine.
func (p *person) SetAside() { p.replies = append(p.replies, p.Dialogue.Trouble(p.Now())) }

func isForget(e conversation.Effect) bool { _, ok := e.(conversation.Forget); return ok }

// decision is what the dialogue answered to an update. It is made once: when
// the register has carried it out and Redis then fails, a second look would see
// a world in which it has happened already.
type decision struct {
	update, rev int64
	state       conversation.State
	effects     []conversation.Effect
}

// decide asks the dialogue.
func (p *person) decide(ctx context.Context, s conversation.State, u telegram.Update) (*decision, error) {
	about, err := p.about(ctx, s, u)
	if err != nil {
		return nil, err
	}
	reporter, err := p.Store.Reporter(ctx, p.chat)
	if err != nil {
		return nil, err
	}
	s, effects := p.Dialogue.Next(s, conversation.Input{
		At: p.Now(), NewID: p.NewID(), Reporter: reporter, About: about, More: u.More, Event: u.Event,
	})
	return &decision{state: s, effects: effects}, nil
}

// about is the incident that the message is about, or that it answers, or, of
// an edit, that the edited one is about; "" when there is none. One that was
// passed on already, before a crash, stays where it went.
func (p *person) about(ctx context.Context, s conversation.State, u telegram.Update) (incident.Number, error) {
	var own int
	if e, ok := u.Event.(conversation.Edited); ok {
		own = e.MessageID
	} else if u.Message != nil {
		own = u.Message.ID
	}
	_, edited := u.Event.(conversation.Edited)
	for k, id := range []int{own, u.ReplyTo} {
		if id == 0 || k == 0 && u.First && !edited { // it was never passed on
			continue
		}
		told, err := p.Store.About(ctx, outbox.MessageRef{Chat: p.chat, MessageID: id})
		if !errors.Is(err, incident.ErrNotFound) {
			return told.Number, err
		}
	}
	if u.ReplyTo != 0 && s.Idle() { // else it may answer a question
		return p.numberIn(u.Message), nil
	}
	return "", nil
}

// numberIn is the one number in a message of ours that m answers: the message
// may be older than what is remembered of it. Whose number it is, the dialogue
// looks at.
func (p *person) numberIn(m *telegram.Message) incident.Number {
	if m == nil || m.ReplyTo == nil || m.ReplyTo.From == nil || m.ReplyTo.From.ID != p.Client.ID() {
		return ""
	}
	if numbers := m.ReplyTo.Numbers(); len(numbers) == 1 {
		return numbers[0]
	}
	return ""
}

// notOurs says that a command in a private chat is another bot's, or the
// desk's: these do nothing outside the group.
func (p *person) notOurs(text string) bool {
	if !strings.HasPrefix(text, "/") {
		return false
	}
	if telegram.ToAnother(text, p.Group.Username()) {
		return true
	}
	c, ok := telegram.ReadCommand(text)
	return ok && p.DeskCommand(c.Name) && !conversation.IsCommand(c.Name)
}

// answerPress ends the spinner on a pressed button. A press that waited too
// long cannot be answered; what its toast had to say then comes as a message.
func (p *person) answerPress(ctx context.Context, query, toast string) {
	if query == "" {
		return
	}
	err := p.Client.AnswerPress(ctx, query, toast)
	if err != nil && toast != "" {
		p.say([]conversation.Message{{HTML: html.EscapeString(toast)}})
	}
}

// member notes that a person blocked the bot or came back.
func (p *person) member(ctx context.Context, m *telegram.Membership) error {
	switch {
	case m == nil:
		return nil
	case m.New.Status == "kicked":
		return p.Store.Unreachable(ctx, p.chat, p.Now())
	default:
		return p.Store.Reachable(ctx, p.chat)
	}
}
