package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
)

// member is who acts in the support group.
type member struct {
	ID   int64
	Name string
	// anonymous: an administrator who writes in the group's name; nobody
	// knows who.
	anonymous bool
}

func memberOf(u *telegram.User) member {
	if u == nil {
		return member{Name: "Сотрудник"}
	}
	return member{ID: u.ID, Name: desk.Name(u.FirstName, u.LastName)}
}

func senderOf(m *telegram.Content) member {
	if m.Anonymous() {
		return member{Name: "Администратор", anonymous: true}
	}
	if m.Sender != nil { // who speaks as a channel is known as that channel
		return member{ID: m.Sender.ID, Name: desk.Name(m.Sender.Title, "")}
	}
	return memberOf(m.From)
}

// memo is what is kept with a prompt: whose answer it waits for, and for what.
type memo struct {
	Action incident.Action `json:"action"`
	Member int64           `json:"member"`
	Name   string          `json:"name,omitempty"`
	Until  time.Time       `json:"until"`
}

// promptLasts is how long the answer to a prompt is waited for.
const promptLasts = 10 * time.Minute

// turn is one update of the group at work.
type turn struct {
	*Desk
	chat    int64
	update  int64
	who     member
	message *telegram.Message
	answers int
	event   conversation.Event // of message
	goesOn  bool               // another part of the album in hand is here already
}

// answer says something in reply to the member's message.
func (t *turn) answer(ctx context.Context, n incident.Number, html string) error {
	replyTo := 0
	if t.message != nil {
		replyTo = t.message.ID
	}
	err := t.Store.Put(ctx, delivery.Answer(t.answerKey(), n, html, replyTo))
	t.Courier.WakeForAnswer()
	if err != nil {
		return err
	}
	return t.keepAlbum(ctx, n, "") // an album is refused once
}

// answerKey is the key of the next answer to this update.
func (t *turn) answerKey() string {
	t.answers++
	return t.keyOf(t.answers)
}

func (t *turn) keyOf(answer int) string { return fmt.Sprintf("desk:%d:%d", t.update, answer) }

// put leaves rows to the outbox.
func (t *turn) put(ctx context.Context, posts ...outbox.Message) error {
	err := t.Store.Put(ctx, posts...)
	t.Courier.WakeForAnswer()
	return err
}

// toast ends the spinner on a pressed button. A press that waited too long cannot
// be answered; what its toast had to say then comes as a message.
func (t *turn) toast(ctx context.Context, p *telegram.Press, text string) error {
	if err := t.Client.AnswerPress(ctx, p.ID, text); err != nil && text != "" {
		return t.put(ctx, delivery.Answer(fmt.Sprintf("toast:%d", t.update), "", desk.Escape(text), 0))
	}
	return nil
}

// alreadyTold stands for an answer whose key is in the outbox already: nobody
// reads it.
const alreadyTold = "Ответ уже дан."

// sign puts a reaction under the member's message, or says the words in its place
// where the group takes no reactions.
func (t *turn) sign(ctx context.Context, n incident.Number, sign telegram.Sign, html string) error {
	within, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := t.Client.React(within, t.chat, t.message.ID, sign); delivery.NeedsWords(t.chat, err) {
		return t.put(ctx, delivery.Answer(fmt.Sprintf("sign:%d", t.update), n, html, t.message.ID))
	}
	return nil
}

// pressed is a button under a card or a page of a list.
func (t *turn) pressed(ctx context.Context, q *telegram.Press) error {
	verb, arg, _ := strings.Cut(q.Data, ":")
	t.who = memberOf(&q.From)
	t.who.anonymous = q.From.IsBot
	if verb == "open" || verb == "find" {
		_ = t.toast(ctx, q, "")
		return t.turnPage(ctx, q, verb, arg)
	}
	if verb == desk.VerbForward {
		return t.forward(ctx, q, arg)
	}
	n, err := incident.ParseNumber(arg)
	if err != nil {
		return t.toast(ctx, q, desk.NoButton)
	}
	action := incident.Action(verb)
	switch action {
	case incident.Ask, incident.Solve:
		toast, err := t.prompt(ctx, action, n)
		return errors.Join(err, t.toast(ctx, q, toast))
	case incident.Take, incident.HandOver, incident.Return:
		toast, err := t.act(ctx, incident.Act{Number: n, Action: action}, 0)
		if toast == "" && err == nil {
			toast = desk.Toasts[action]
		}
		return errors.Join(err, t.toast(ctx, q, toast))
	}
	return t.toast(ctx, q, desk.NoButton)
}

// prompt asks the member for the words that go to the person.
func (t *turn) prompt(ctx context.Context, a incident.Action, n incident.Number) (toast string, err error) {
	if t.who.anonymous {
		return desk.Anonymously(a, n), nil
	}
	i, err := t.Store.Incident(ctx, n)
	if errors.Is(err, incident.ErrNotFound) {
		return desk.Unknown, nil
	}
	if err != nil {
		return "", err
	}
	if _, err := i.Done(incident.Act{Action: a, Name: t.who.Name, At: t.Now()}); err != nil {
		var refused *incident.Refused
		errors.As(err, &refused)
		return t.Words.Refusal(refused), nil
	}
	note, err := json.Marshal(memo{a, t.who.ID, t.who.Name, t.Now().Add(promptLasts)})
	if err != nil {
		return "", err
	}
	p := delivery.SayHTML(desk.Prompt(t.who.ID, t.who.Name, a, n))
	p.AskReply = true
	post := delivery.OnCard(fmt.Sprintf("prompt:%d", t.update), n, p)
	post.Memo = string(note)
	return "", t.put(ctx, post)
}

// act does something to an incident in the member's name. text, when not "",
// says why it was not possible; source is the member's message that is passed
// on to the person.
//
// What was refused once stays refused when the update comes again after a
// crash, although it may be possible by then: the member was told.
func (t *turn) act(ctx context.Context, a incident.Act, source int) (text string, err error) {
	if answered, err := t.Store.Known(ctx, t.keyOf(t.answers+1)); err != nil || answered {
		return alreadyTold, err
	}
	a.ID, a.By, a.Name, a.MemberID, a.At = fmt.Sprintf("desk:%d", t.update), incident.ByDesk, t.who.Name, t.who.ID, t.Now()
	_, changed, err := t.Store.Act(ctx, a, func(i incident.Incident) ([]outbox.Message, error) {
		return t.Notify.WithClosing(i, a, delivery.Held(t.Notify.DeskActed(i, a, source), t.goesOn))
	})
	var refused *incident.Refused
	switch {
	case errors.As(err, &refused):
		return t.Words.Refusal(refused), nil
	case errors.Is(err, incident.ErrNotFound):
		return desk.Unknown, nil
	case err != nil:
		return "", err
	}
	if changed {
		t.Log.Info("desk", "action", a.Action, "incident", a.Number)
	}
	t.Told()
	return "", nil
}
