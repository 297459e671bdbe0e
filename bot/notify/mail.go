package notify

import (
	"fmt"
	"time"

	"intakebot/bot/delivery"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/outbox"
)

// LetterKey is the outbox key of a letter about an incident.
func LetterKey(k outbox.LetterKind, n incident.Number, seq int) string {
	switch k {
	case outbox.SupportCopy:
		return "copy:" + string(n)
	case outbox.ClosingLetter:
		return fmt.Sprintf("closing:%s:%d", n, seq)
	}
	return fmt.Sprintf("escalation:%s:%d", n, seq)
}

// Mail is a letter that came, as it is told of.
type Mail struct {
	conversation.Mail
	Key       string // of what is told of it
	Subject   string
	Documents []delivery.Document
}

// MailAnswered brings an answer to the person, unless it is the person's own, and
// to the desk.
func (n Notifier) MailAnswered(m Mail, toPerson bool, now time.Time) func(incident.Incident) ([]outbox.Message, error) {
	return func(i incident.Incident) ([]outbox.Message, error) {
		var posts []outbox.Message
		if toPerson {
			posts = append(posts, toReporter(m.Key, i, n.Dialogue.MailAnswered(i, m.Mail, now)))
			posts = append(posts, m.attached(m.Key, func(key string, p delivery.Payload) outbox.Message {
				return delivery.ToPerson(key, i.Reporter, i.Number, p)
			})...)
		}
		shown := delivery.OnCard(m.Key+":desk", i.Number, delivery.SayHTML(n.Words.MailAnswered(i, m.Mail, toPerson)))
		if !toPerson {
			shown.Memo = outbox.FromReporter // a reply to it goes to the person
		}
		posts = append(posts, shown)
		return append(posts, m.attached(m.Key+":desk", func(key string, p delivery.Payload) outbox.Message {
			return delivery.OnCard(key, i.Number, p)
		})...), nil
	}
}

// attached are the rows of a letter's files, and of its text when a message has
// no room for it.
func (m Mail) attached(key string, row func(key string, p delivery.Payload) outbox.Message) (posts []outbox.Message) {
	if !m.Whole() {
		posts = append(posts, row(key+":whole", delivery.Payload{TextFile: &delivery.TextFile{Name: "Письмо.txt", Text: m.Text}}))
	}
	for k, f := range m.Documents {
		posts = append(posts, row(fmt.Sprintf("%s:file:%d", key, k), delivery.Payload{Document: &f}))
	}
	return posts
}

// MailUnlinked shows the desk a letter that nobody could place.
func (n Notifier) MailUnlinked(id int64, m Mail) []outbox.Message {
	return held(id, "", m, delivery.SayHTML(n.Words.MailUnlinked(m.Mail, m.Subject)))
}

// MailUnconfirmed shows the desk a letter whose sender may not write, with a
// button that lets it through.
func (n Notifier) MailUnconfirmed(id int64, number incident.Number, m Mail, forged bool) []outbox.Message {
	p := delivery.SayHTML(n.Words.MailUnconfirmed(number, m.Mail, m.Subject, forged))
	p.Message.Buttons = [][]conversation.Button{{{Label: desk.LabelForward, Data: desk.VerbForward + ":" + string(number) + ":" + outbox.MailMemo(id)}}}
	return held(id, number, m, p)
}

// held are the rows that show a letter of which somebody has to say what is to
// become of it. A reply to any of them finds it by its memo.
func held(id int64, number incident.Number, m Mail, p delivery.Payload) []outbox.Message {
	row := func(key string, p delivery.Payload) outbox.Message {
		post := delivery.ToDesk(key, number, p)
		post.Rank, post.Memo = outbox.RankRelay, outbox.MailMemo(id)
		return post
	}
	return append([]outbox.Message{row(m.Key+":held", p)}, m.attached(m.Key+":held", row)...)
}

// MailUnreadable brings the desk a letter as it came; Telegram takes no empty file.
func (n Notifier) MailUnreadable(key string, raw []byte) []outbox.Message {
	p := delivery.Payload{Document: &delivery.Document{Name: "письмо.eml", Data: raw, HTML: desk.MailUnreadable}}
	if len(raw) == 0 {
		p = delivery.SayHTML(desk.MailEmpty)
	}
	post := delivery.ToDesk(key, "", p)
	post.Rank = outbox.RankRelay
	return []outbox.Message{post}
}

// LetterReport is what is told of a report about a letter of ours: of one that
// came back what a refusal gives, of one that is late a word to the desk, of one
// that the recipient's server took a word to the person. until is when the
// attempts end, zero when nobody knows.
func (n Notifier) LetterReport(m outbox.MailReport, until, now time.Time) func(incident.Incident, *outbox.Letter) ([]outbox.Message, error) {
	return func(i incident.Incident, l *outbox.Letter) ([]outbox.Message, error) {
		key := fmt.Sprintf("report:%d", m.Mail)
		toDesk := func(html string) []outbox.Message {
			return []outbox.Message{delivery.OnCard(key+":desk", i.Number, delivery.SayHTML(html))}
		}
		e, escalated := escalation(i, m)
		switch {
		case m.Fate == outbox.MailDelayed:
			var end string
			if !until.IsZero() {
				end = n.Words.Time(until)
			}
			return toDesk(n.Words.LetterDelayed(i.Number, m.Kind, m.Problem, end)), nil
		case m.Fate == outbox.MailReceived && escalated:
			return []outbox.Message{toReporter(key, i, n.Dialogue.LetterReceived(i, e, now))}, nil
		case m.Fate == outbox.MailReceived:
			return nil, nil // the history says it
		case escalated:
			return n.escalationReturned(i, e, l, m.Problem, now)
		}
		posts := toDesk(n.Words.OtherReturned(i.Number, m.Kind, m.Problem))
		if m.Kind == outbox.SupportCopy {
			posts = append(posts, toReporter(key, i, n.Dialogue.CopyRefused(i)))
		}
		return posts, nil
	}
}

// escalationReturned is what a refusal gives. A letter whose bytes are not kept
// any more is written again, for its text.
func (n Notifier) escalationReturned(i incident.Incident, e incident.Escalation, l *outbox.Letter, problem string, now time.Time) ([]outbox.Message, error) {
	if l == nil {
		again, err := n.Letters.Escalation(i, e)
		if err != nil {
			return nil, err
		}
		l = &again
	}
	return n.LetterMessages(*l, incident.LetterReturned, problem, now)(i)
}

func escalation(i incident.Incident, m outbox.MailReport) (incident.Escalation, bool) {
	for _, e := range i.Escalations {
		if m.Kind == outbox.EscalationLetter && e.Seq == m.Seq {
			return e, true
		}
	}
	return incident.Escalation{}, false
}
