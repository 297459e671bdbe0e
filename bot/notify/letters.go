package notify

import (
	"fmt"
	"time"

	"intakebot/bot/delivery"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Escalated are the letter with its files, a word to the person and one
// to the desk.
func (n Notifier) Escalated(i incident.Incident, files []incident.File) ([]outbox.Message, error) {
	e, ok := i.LastEscalation()
	if !ok {
		return nil, fmt.Errorf("no escalation in %s", i.Number)
	}
	l, err := n.Letters.Escalation(i, e, files...)
	if err != nil {
		return nil, &loop.Fault{Err: fmt.Errorf("write escalation %d of %s: %w", e.Seq, i.Number, err)}
	}
	key := fmt.Sprintf("escalation:%s:%d", i.Number, e.Seq)
	return []outbox.Message{
		delivery.Letter(key, i.Number, l),
		toReporter(key+":queued", i, n.Dialogue.EscalationQueued(i)),
		delivery.OnCard(key+":desk", i.Number, delivery.SayHTML(n.Words.Escalated(e))),
	}, nil
}

// WithClosing adds the letter that tells the second line of the solution of an escalated
// incident. Its key is the solution's: the person's word after the desk's adds
// no second letter.
func (n Notifier) WithClosing(i incident.Incident, a incident.Act, posts []outbox.Message) ([]outbox.Message, error) {
	if a.Action != incident.Solve && a.Action != incident.Finish || !i.Escalated() {
		return posts, nil
	}
	l, wanted, err := n.Letters.Closing(i)
	if err != nil {
		return nil, &loop.Fault{Err: fmt.Errorf("write the closing letter of %s: %w", i.Number, err)}
	}
	if !wanted {
		return posts, nil
	}
	return append(posts, delivery.Letter(fmt.Sprintf("closing:%s:%d", i.Number, l.Seq), i.Number, l)), nil
}

// LetterMessages are what is told when a letter was accepted or refused for
// good: to the person about an escalation, and to the desk, with its text, when
// that was refused. Of other refused letters the desk reads in the bulletin of
// what is undelivered. at is the present.
func (n Notifier) LetterMessages(l outbox.Letter, state incident.LetterState, problem string, at time.Time) func(incident.Incident) ([]outbox.Message, error) {
	return func(i incident.Incident) ([]outbox.Message, error) {
		if i.Erased() {
			return n.lastLetter(i, l, state), nil
		}
		// A letter that is tried again can be refused again: at tells the
		// two ends apart.
		key := fmt.Sprintf("letter:%s:%s:%d:%s:%d", i.Number, l.Kind, l.Seq, state, at.UnixMilli())
		var posts []outbox.Message
		if l.Kind == outbox.EscalationLetter {
			for _, e := range i.Escalations {
				if e.Seq == l.Seq {
					posts = append(posts, n.escalationDone(key, i, e, l, at))
				}
			}
		}
		if state.Failed() && l.Kind == outbox.SupportCopy {
			posts = append(posts, toReporter(key, i, n.Dialogue.CopyRefused(i)))
		}
		if state.Failed() && l.Kind == outbox.EscalationLetter {
			words := n.Words.LetterRefused
			if state == incident.LetterReturned {
				words = n.Words.LetterReturned
			}
			posts = append(posts, delivery.OnCard(key+":desk", i.Number, delivery.SayHTML(words(i.Number, l, problem))))
			posts = append(posts, n.wholeLetter(key, i, l)...)
		}
		return posts, nil
	}
}

// wholeLetter brings the person and the desk as a file what a message has no
// room for, so that somebody can send it by hand.
func (n Notifier) wholeLetter(key string, i incident.Incident, l outbox.Letter) []outbox.Message {
	if incident.Units(l.Text) <= desk.LetterShown {
		return nil
	}
	p := delivery.Payload{TextFile: &delivery.TextFile{
		Name: "Письмо в " + n.Dialogue.Line.Second.Name + " " + string(i.Number) + ".txt", Text: l.Text,
		HTML: desk.Escape("Письмо в " + n.Dialogue.Line.Second.Name + " по №\u00a0" + string(i.Number) + " целиком."),
	}}
	return []outbox.Message{
		delivery.ToPerson(key+":whole", i.Reporter, i.Number, p), delivery.OnCard(key+":desk:whole", i.Number, p),
	}
}

func (n Notifier) escalationDone(key string, i incident.Incident, e incident.Escalation, l outbox.Letter, at time.Time) outbox.Message {
	m := n.Dialogue.EscalationSent(i, e, at)
	if e.Letter.Failed() {
		m = n.Dialogue.EscalationRefused(i, e, conversation.LetterByHand{To: l.To, Text: l.Text})
	}
	return toReporter(key, i, m)
}

// lastLetter are what is told of a letter that went before its person was
// forgotten: to the person all, to the desk the number.
func (n Notifier) lastLetter(i incident.Incident, l outbox.Letter, state incident.LetterState) []outbox.Message {
	key := fmt.Sprintf("%sletter:%s:%s:%d", outbox.ForgetKey, i.Number, l.Kind, l.Seq)
	var posts []outbox.Message
	if l.Kind == outbox.EscalationLetter && l.Reporter != 0 {
		m := n.Dialogue.LastLetter(i.Number, incident.Escalation{Letter: state}, conversation.LetterByHand{To: l.To, Text: l.Text})
		posts = append(posts, delivery.ToPerson(key, l.Reporter, "", delivery.Say(m)))
	}
	if state == incident.LetterRefused {
		posts = append(posts, delivery.Answer(key+":desk", "", desk.LastLetterRefused(i.Number), 0))
	}
	return posts
}
