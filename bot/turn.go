package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// turn carries one update of a private chat through: load, decide, register,
// save. Everything in it is safe to repeat from the start.
func (l *lane) turn(ctx context.Context, update int64, r received) error {
	if r.event == nil {
		return l.member(ctx, r.update.MyChatMember)
	}
	if m := r.update.Message; m != nil && l.notOurs(m.Text) {
		return nil
	}
	saved, err := l.cfg.Drafts.Load(ctx, l.chat)
	if err != nil {
		return err
	}
	e, state, err := openEnvelope(saved.Data)
	if err != nil {
		// Better to ask again than to be stuck: registered incidents are
		// elsewhere.
		l.log.Error("a saved conversation cannot be read, begun anew", "chat", l.chat, "error", err)
	}
	if e.applied(update) {
		if last := e.Applied[len(e.Applied)-1]; last == update || len(l.rows) == 0 && len(l.replies) == 0 {
			l.replies = e.Replies // sealed with everything that was unsent then
		}
		l.answerPress(ctx, r.query, "")
		return nil
	}
	_, renewed := r.event.(conversation.Remind)
	if l.decided == nil || l.decided.update != update || l.decided.rev != saved.Rev {
		if l.decided, err = l.decide(ctx, state, r); err != nil {
			return err
		}
		l.decided.update, l.decided.rev = update, saved.Rev
	}
	state = l.decided.state
	replies, toast, err := l.carryOut(ctx, l.decided.effects)
	if err != nil {
		return err
	}
	said := joinReplies(l.replies, replies)
	if slices.ContainsFunc(l.decided.effects, isForget) {
		said = replies // what was not said yet tells of the person
	}
	data, err := e.sealed(state, update, said)
	if err != nil {
		return err
	}
	token := fmt.Sprintf("%d:%s", update, l.cfg.NewID())
	if _, err := l.cfg.Drafts.Save(ctx, l.chat, saved.Rev, token, data, !state.Idle(), !renewed); err != nil {
		return fmt.Errorf("save the conversation: %w", err)
	}
	l.replies, l.decided = said, nil
	l.answerPress(ctx, r.query, toast)
	return nil
}

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
func (l *lane) decide(ctx context.Context, s conversation.State, r received) (*decision, error) {
	about, err := l.about(ctx, s, r)
	if err != nil {
		return nil, err
	}
	reporter, err := l.cfg.Register.Reporter(ctx, l.chat)
	if err != nil {
		return nil, err
	}
	s, effects := l.cfg.Dialogue.Next(s, conversation.Input{
		At: l.now(), NewID: l.cfg.NewID(), Reporter: reporter, About: about, Event: r.event,
	})
	return &decision{state: s, effects: effects}, nil
}

// about is the incident that the message is about, or that it answers, or, of
// an edit, that the edited one is about; "" when there is none. One that was
// passed on already, before a crash, stays where it went.
func (l *lane) about(ctx context.Context, s conversation.State, r received) (incident.Number, error) {
	var own int
	if e, ok := r.event.(conversation.Edited); ok {
		own = e.MessageID
	} else if r.update.Message != nil {
		own = r.update.Message.ID
	}
	for _, id := range []int{own, r.replyTo} {
		if id == 0 {
			continue
		}
		told, err := l.cfg.Register.About(ctx, outbox.MessageRef{Chat: l.chat, MessageID: id})
		if !errors.Is(err, incident.ErrNotFound) {
			return told.Number, err
		}
	}
	if r.replyTo != 0 && s.Idle() { // else it may answer a question
		return l.numberIn(r.update.Message), nil
	}
	return "", nil
}

// numberIn is the one number in a message of ours that m answers: the message
// may be older than what is remembered of it. Whose number it is, the dialogue
// looks at.
func (l *lane) numberIn(m *models.Message) incident.Number {
	if m == nil || m.ReplyToMessage == nil || m.ReplyToMessage.From == nil || m.ReplyToMessage.From.ID != l.api.ID() {
		return ""
	}
	if numbers := numbersOf(m.ReplyToMessage); len(numbers) == 1 {
		return numbers[0]
	}
	return ""
}

// carryOut does what the dialogue decided and returns what is to be said.
func (l *lane) carryOut(ctx context.Context, effects []conversation.Effect) (replies []conversation.Message, toast string, err error) {
	for _, effect := range effects {
		switch e := effect.(type) {
		case conversation.Say:
			replies = append(replies, e.Message)
		case conversation.Toast:
			toast = e.Text
		case conversation.GiveConsent:
			err = l.cfg.Register.GiveConsent(ctx, l.chat, incident.Consent{Version: e.Version, At: l.now()})
		case conversation.Register:
			err = l.register(ctx, e)
		case conversation.Do:
			var refused *incident.Refused
			if err = l.do(ctx, e); errors.As(err, &refused) {
				// What was to be said of it is not true.
				text := l.cfg.Dialogue.NotPossible(refused.Incident, l.now())
				return append(replies, conversation.Message{HTML: escape(text)}), toast, nil
			}
		case conversation.Escalate:
			var blocked *incident.NotAllowed
			if err = l.escalate(ctx, e); errors.As(err, &blocked) {
				text := l.cfg.Dialogue.EscalationBlocked(blocked.Incident, blocked.Refusal, blocked.From, l.now())
				replies, err = append(replies, conversation.Message{HTML: text}), nil
			}
		case conversation.Forget:
			err = l.forget(ctx)
		}
		if errors.Is(err, incident.ErrNotFound) {
			err = &ownFault{err} // no repetition will find it
		}
		if err != nil {
			return nil, "", fmt.Errorf("carry out %T: %w", effect, err)
		}
	}
	return replies, toast, nil
}

func (l *lane) register(ctx context.Context, e conversation.Register) error {
	at := l.now()
	i, created, err := l.cfg.Register.Register(ctx, incident.Report{
		DraftID: e.DraftID, Reporter: l.chat, Answers: e.Answers, Attachments: e.Attachments, At: at,
	}, func(i incident.Incident) ([]outbox.Message, error) { return l.registeredPosts(i, at) })
	if err != nil {
		return err
	}
	if created {
		l.log.Info("incident registered", "incident", i.Number, "chat", l.chat)
	}
	l.told()
	return nil
}

// do carries out what the person did to an incident; the desk and the person
// are told in the same transaction.
func (l *lane) do(ctx context.Context, e conversation.Do) error {
	a := incident.Act{
		ID: e.ID, Number: e.Number, Action: e.Action, By: incident.ByReporter, Reporter: l.chat,
		Text: e.Text, Attachments: e.Attachments, Album: e.Album, MessageID: e.MessageID, At: l.now(),
	}
	copies, err := l.copies(ctx, e)
	if err != nil {
		return err
	}
	_, _, err = l.cfg.Register.Act(ctx, a, func(i incident.Incident) ([]outbox.Message, error) {
		return l.withClosing(i, a, correcting(l.held(l.reporterPosts(i, a, e.MessageID), a.Album), copies))
	})
	if err != nil {
		return err
	}
	l.told()
	return nil
}

// escalate puts the letter into the outbox. Its files come first: they take up
// to a minute, in which this chat waits and the register does not.
func (l *lane) escalate(ctx context.Context, e conversation.Escalate) error {
	files, err := l.fetchFiles(ctx, e)
	if err != nil {
		return err
	}
	_, created, err := l.cfg.Register.Escalate(ctx,
		incident.Escalation{ID: e.ID, Number: e.Number, State: e.State, At: l.now()},
		l.chat, l.cfg.Dialogue.EscalationPause, l.cfg.Letters.MessageID,
		func(i incident.Incident) ([]outbox.Message, error) { return l.escalationPosts(i, files) })
	if err != nil {
		return err
	}
	if created {
		l.log.Info("escalation queued", "incident", e.Number, "chat", l.chat)
	}
	l.told()
	return nil
}

// told wakes those who carry what a transaction left in the outbox.
func (b *Bot) told() {
	b.carryOn()
	b.cfg.LettersQueued()
}

// answerPress ends the spinner on a pressed button. A press that waited too
// long cannot be answered; what its toast had to say then comes as a message.
func (l *lane) answerPress(ctx context.Context, query, toast string) {
	if query == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := l.api.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: query, Text: toast})
	if err != nil && toast != "" {
		l.say([]conversation.Message{{HTML: escape(toast)}})
	}
}

// member notes that a person blocked the bot or came back.
func (l *lane) member(ctx context.Context, m *membership) error {
	switch {
	case m == nil:
		return nil
	case m.New.Status == models.ChatMemberTypeBanned:
		return l.cfg.Register.Unreachable(ctx, l.chat, l.now())
	default:
		return l.cfg.Register.Reachable(ctx, l.chat)
	}
}

// remindAll looks for drafts about to expire.
func (b *Bot) remindAll(ctx context.Context) {
	const ahead = 24 * time.Hour // covers any quiet hours before the end
	for pause(ctx, time.Minute, b.reminders) {
		expiring, err := b.cfg.Drafts.Expiring(ctx, b.now().Add(ahead))
		if err != nil {
			continue // the lanes tell of Redis
		}
		for chat, at := range expiring {
			if b.cfg.Dialogue.ReminderDue(at, b.now()) {
				b.lanes.wakeWith(chat, func(l *lane) { l.remind = at })
			}
		}
	}
}

// remindNow tells the person that the draft still waits, once.
func (l *lane) remindNow(ctx context.Context) (err error) {
	l.lanes.mu.Lock()
	at := l.remind
	l.remind = time.Time{}
	l.lanes.mu.Unlock()
	if at.IsZero() {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = &ownFault{fmt.Errorf("panic: %v", p)}
		}
	}()
	return l.turn(ctx, 0, received{event: conversation.Remind{ExpiresAt: at}, private: true})
}
