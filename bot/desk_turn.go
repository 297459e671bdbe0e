package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
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

// nameMost is how much of a member's name is kept, in UTF-16 units: a list of
// ten incidents with their assignees has to fit one message.
const nameMost = 80

func memberOf(u *models.User) member {
	if u == nil {
		return member{Name: "Сотрудник"}
	}
	return member{ID: u.ID, Name: incident.CutUnits(strings.Join(strings.Fields(u.FirstName+" "+u.LastName), " "), nameMost)}
}

func senderOf(m *models.Message) member {
	if anonymous(m) {
		return member{Name: "Администратор", anonymous: true}
	}
	return memberOf(m.From)
}

func (m member) mention() string {
	return fmt.Sprintf(`<a href="tg://user?id=%d">%s</a>`, m.ID, escape(m.Name))
}

// memo is what is kept with a prompt: whose answer it waits for, and for what.
type memo struct {
	Action incident.Action `json:"action"`
	Member int64           `json:"member"`
	Until  time.Time       `json:"until"`
}

// promptLasts is how long the answer to a prompt is waited for.
const promptLasts = 10 * time.Minute

// deskTurn carries one update of the support group through. Everything that it
// says goes through the outbox under keys made of the update's id, so a
// repetition says nothing twice.
func (l *lane) deskTurn(ctx context.Context, update int64, r received) error {
	d := &deskTurn{lane: l, update: update}
	switch u := &r.update; {
	case u.Message != nil && u.Message.MigrateToChatID != 0:
		return l.deskMoved(ctx, u.Message.MigrateToChatID)
	case u.CallbackQuery != nil:
		return d.pressed(ctx, u.CallbackQuery)
	case u.EditedMessage != nil:
		return d.edited(ctx, u.EditedMessage)
	case u.Message != nil && r.event != nil:
		d.who, d.message = senderOf(u.Message), u.Message
		return d.said(ctx, r)
	}
	return nil
}

type deskTurn struct {
	*lane
	update  int64
	who     member
	message *models.Message
	answers int
}

// answer says something in reply to the member's message.
func (d *deskTurn) answer(ctx context.Context, n incident.Number, html string) error {
	replyTo := 0
	if d.message != nil {
		replyTo = d.message.ID
	}
	err := d.cfg.Register.Put(ctx, deskAnswer(d.answerKey(), n, html, replyTo))
	d.courier.raise()
	if err != nil {
		return err
	}
	return d.keepAlbum(ctx, n, "") // an album is refused once
}

// answerKey is the key of the next answer to this update.
func (d *deskTurn) answerKey() string {
	d.answers++
	return d.keyOf(d.answers)
}

func (d *deskTurn) keyOf(answer int) string { return fmt.Sprintf("desk:%d:%d", d.update, answer) }

// alreadyTold stands for an answer whose key is in the outbox already: nobody
// reads it.
const alreadyTold = "Ответ уже дан."

// pressed is a button under a card or a page of /open.
func (d *deskTurn) pressed(ctx context.Context, q *models.CallbackQuery) error {
	verb, arg, _ := strings.Cut(q.Data, ":")
	d.who = memberOf(&q.From)
	d.who.anonymous = q.From.IsBot
	if verb == "open" {
		d.answerPress(ctx, q.ID, "")
		return d.turnPage(ctx, q, arg)
	}
	n, err := incident.ParseNumber(arg)
	if err != nil {
		d.answerPress(ctx, q.ID, "Эта кнопка уже не действует.")
		return nil
	}
	action := incident.Action(verb)
	switch action {
	case incident.Ask, incident.Solve:
		toast, err := d.prompt(ctx, action, n)
		d.answerPress(ctx, q.ID, toast)
		return err
	case incident.Take, incident.HandOver, incident.Return:
		toast, err := d.act(ctx, incident.Act{Number: n, Action: action}, 0)
		d.answerPress(ctx, q.ID, toast)
		return err
	}
	d.answerPress(ctx, q.ID, "Эта кнопка уже не действует.")
	return nil
}

// prompt asks the member for the words that go to the person.
func (d *deskTurn) prompt(ctx context.Context, a incident.Action, n incident.Number) (toast string, err error) {
	how := map[incident.Action]string{incident.Ask: askHow, incident.Solve: solveHow}[a]
	if d.who.anonymous {
		return anonymously + how, nil
	}
	i, err := d.cfg.Register.Incident(ctx, n)
	if errors.Is(err, incident.ErrNotFound) {
		return unknown, nil
	}
	if err != nil {
		return "", err
	}
	if _, err := i.Done(incident.Act{Action: a, Name: d.who.Name, At: d.now()}); err != nil {
		var refused *incident.Refused
		errors.As(err, &refused)
		return d.refusalText(refused), nil
	}
	note, err := json.Marshal(memo{a, d.who.ID, d.now().Add(promptLasts)})
	if err != nil {
		return "", err
	}
	post := toDesk(fmt.Sprintf("prompt:%d", d.update), n, "")
	post.Memo = string(note)
	post.Body = parcel{Message: &conversation.Message{HTML: promptText(d.who, a, n)}, Force: true}.encode()
	err = d.cfg.Register.Put(ctx, post)
	d.courier.raise()
	return "", err
}

// act does something to an incident in the member's name. text, when not "",
// says why it was not possible; source is the member's message that is passed
// on to the person.
//
// What was refused once stays refused when the update comes again after a
// crash, although it may be possible by then: the member was told.
func (d *deskTurn) act(ctx context.Context, a incident.Act, source int) (text string, err error) {
	if answered, err := d.cfg.Register.Known(ctx, d.keyOf(d.answers+1)); err != nil || answered {
		return alreadyTold, err
	}
	a.ID, a.By, a.Name, a.At = fmt.Sprintf("desk:%d", d.update), incident.ByDesk, d.who.Name, d.now()
	_, changed, err := d.cfg.Register.Act(ctx, a, func(i incident.Incident) ([]outbox.Message, error) {
		return d.withClosing(i, a, d.held(d.deskPosts(i, a, source), a.Album))
	})
	var refused *incident.Refused
	switch {
	case errors.As(err, &refused):
		return d.refusalText(refused), nil
	case errors.Is(err, incident.ErrNotFound):
		return unknown, nil
	case err != nil:
		return "", err
	}
	if changed {
		d.log.Info("desk", "action", a.Action, "incident", a.Number)
	}
	d.told()
	return "", nil
}

// said is a message in the group: a command, a reply to something of ours, or
// talk that is none of our business.
func (d *deskTurn) said(ctx context.Context, r received) error {
	if d.toAnother(d.message.Text) {
		return nil
	}
	if c, ok := d.command(); ok && d.known(c) {
		return d.obey(ctx, c, r.replyTo)
	} else if ok {
		// A slash is not always a command: «/24 маска?»
		r.event = conversation.Text{MessageID: d.message.ID, Text: d.message.Text}
	}
	if done, err := d.followed(ctx, r.event); done || err != nil {
		return err
	}
	if r.replyTo == 0 {
		return nil
	}
	told, err := d.toldBy(ctx, d.message.ReplyToMessage)
	switch {
	case errors.Is(err, errSeveral):
		return d.answer(ctx, "", severalHow)
	case errors.Is(err, incident.ErrNotFound):
		return nil // talk among colleagues
	case err != nil:
		return err
	}
	a, ok := d.words(r.event)
	a.Number = told.Number
	switch {
	case !ok:
		return d.answer(ctx, told.Number, notSent)
	case told.Memo != "" && !isNote(a.Text):
		return d.answered(ctx, told, a)
	}
	a.Action = incident.Relay
	return d.passOn(ctx, a)
}

// isNote says that words are for colleagues alone.
func isNote(text string) bool { return strings.HasPrefix(text, "//") }

// passOn does what the desk's words are for. Whatever else they were taken for,
// words behind // stay in the group.
func (d *deskTurn) passOn(ctx context.Context, a incident.Act) error {
	if isNote(a.Text) {
		a.Action, a.Text = incident.Note, strings.TrimSpace(strings.TrimPrefix(a.Text, "//"))
	}
	source := d.message.ID
	if a.Action == incident.Note {
		source = 0
	}
	return d.actAloud(ctx, a, source)
}

// errSeveral: the message is about more than one incident.
var errSeveral = errors.New("about several incidents")

// toldBy finds the incident that a message in the group is about. Somebody may
// answer a message of ours before its id is recorded, or one whose id became
// void when the group moved: then the number in its text tells. An id that a
// crash kept from being recorded is not waited for.
func (d *deskTurn) toldBy(ctx context.Context, m *models.Message) (outbox.MessageContext, error) {
	for wait := 25 * time.Millisecond; ; wait *= 2 {
		told, err := d.cfg.Register.About(ctx, outbox.MessageRef{Chat: d.chat, MessageID: m.ID})
		ours := m.From != nil && m.From.ID == d.api.ID()
		if !errors.Is(err, incident.ErrNotFound) || !ours {
			return told, err
		}
		numbers := numbersOf(m)
		_, file := attachment(m) // a file of a person names no number
		sent := time.Unix(int64(m.Date), 0)
		late := wait > time.Second || d.now().Sub(sent) > time.Minute || sent.Unix() < d.started.Unix()
		switch {
		case len(numbers) > 1:
			return told, errSeveral
		case len(numbers) == 0 && (late || !file):
			return told, incident.ErrNotFound
		case late:
			return outbox.MessageContext{Number: numbers[0]}, nil
		}
		pause(ctx, wait, nil)
	}
}

// numbersOf are the incidents that a message of ours is about by its text: the
// one in its first line, where a card and a notice name theirs (what people
// wrote below it may name others), else all that it names.
func numbersOf(m *models.Message) []incident.Number {
	text := m.Text + m.Caption
	first, _, _ := strings.Cut(text, "\n")
	if numbers := incident.FindNumbers(first); len(numbers) == 1 {
		return numbers
	}
	return incident.FindNumbers(text)
}

// actAloud does something and answers only when it was not possible.
func (d *deskTurn) actAloud(ctx context.Context, a incident.Act, source int) error {
	text, err := d.act(ctx, a, source)
	switch {
	case err != nil:
		return err
	case text == "" && a.Action == incident.Note:
		return d.keepAlbum(ctx, a.Number, incident.Note)
	case text == "":
		return d.keepAlbum(ctx, a.Number, incident.Relay)
	}
	return d.answer(ctx, a.Number, escape(text))
}

// answered takes the reply to a prompt.
func (d *deskTurn) answered(ctx context.Context, told outbox.MessageContext, a incident.Act) error {
	var m memo
	if err := json.Unmarshal([]byte(told.Memo), &m); err != nil {
		return &ownFault{fmt.Errorf("read the memo of a prompt about %s: %w", told.Number, err)}
	}
	how := map[incident.Action]string{incident.Ask: askHow, incident.Solve: solveHow}[m.Action]
	switch {
	case m.Member != d.who.ID || d.now().After(m.Until):
		return d.answer(ctx, told.Number, notYours+how)
	case a.Text == "":
		return d.answer(ctx, told.Number, how)
	}
	a.Action = m.Action
	return d.actAloud(ctx, a, d.message.ID)
}

// words reads what a member wrote or sent; ok is false for what cannot be
// passed on.
func (d *deskTurn) words(e conversation.Event) (a incident.Act, ok bool) {
	switch e := e.(type) {
	case conversation.Text:
		a.Text = strings.TrimSpace(e.Text)
	case conversation.Media:
		a.Text, a.Album = strings.TrimSpace(e.Caption), e.Album
		a.Attachments = []incident.Attachment{e.Attachment}
	}
	return a, a.Text != "" || len(a.Attachments) > 0
}
