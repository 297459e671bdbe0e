// Package notify says what is told of a change, and to whom: an incident becomes
// rows of the outbox. It has no store and asks nobody anything.
package notify

import (
	"fmt"
	"slices"
	"time"

	"intakebot/bot/delivery"
	"intakebot/conversation"
	"intakebot/desk"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// Letters writes letters (package mailer).
type Letters interface {
	// SupportCopy is the copy of a registered incident; wanted is false when
	// there is nobody to send it to.
	SupportCopy(i incident.Incident) (l outbox.Letter, wanted bool, err error)
	// Collect gets the files for a letter by fetch, as many as it takes, and
	// says why the others are left out.
	Collect(all []incident.Attachment, fetch func(incident.Attachment) ([]byte, error)) []incident.File
	Escalation(i incident.Incident, e incident.Escalation, files ...incident.File) (outbox.Letter, error)
	// Closing tells УИТ that an escalated incident is solved; wanted is false
	// when УИТ is not to be told.
	Closing(i incident.Incident) (l outbox.Letter, wanted bool, err error)
	MessageID(n incident.Number, seq int) string
}

// Notifier says what is told of a change. Its methods return rows of the outbox,
// which are put there in the transaction of the change.
type Notifier struct {
	Dialogue *conversation.Dialogue
	Words    desk.Words
	Letters  Letters
}

// Registered are what must arrive when an incident is registered: the
// number for the person, the files for the desk, the copy for support's
// mailbox. The card is no post: the card keeper shows it.
func (n Notifier) Registered(i incident.Incident, at time.Time) ([]outbox.Message, error) {
	posts := []outbox.Message{
		toReporter("number:"+string(i.Number), i, n.Dialogue.Registered(i, at)),
	}
	posts[0].Rank = outbox.RankNumber
	posts = append(posts, brought(delivery.FilesOnCard("file:"+string(i.Number), outbox.RankFile, i.Number, i.Attachments, "file:"+string(i.Number), 0))...)
	l, wanted, err := n.Letters.SupportCopy(i)
	if err != nil {
		return nil, &loop.Fault{Err: fmt.Errorf("write the copy of %s: %w", i.Number, err)}
	}
	if wanted {
		posts = append(posts, delivery.Letter("copy:"+string(i.Number), i.Number, l))
	}
	return posts, nil
}

// ReporterActed tell the desk what the person sent or did, in reply to the
// card, and the person what came of it.
func (n Notifier) ReporterActed(i incident.Incident, a incident.Act, messageID int) []outbox.Message {
	key := "act:" + a.ID
	var posts []outbox.Message
	if m, ok := n.Dialogue.Notice(i, a); ok {
		posts = append(posts, toReporter(key+":told", i, m))
	}
	if text := desk.ReporterAct(i, a); text != "" {
		said := []outbox.Message{delivery.OnCard(key+":desk", i.Number, delivery.SayHTML(text))}
		if desk.InTheirWords(a) {
			said = brought(said)
		}
		posts = append(posts, said...)
	}
	posts = append(posts, brought(delivery.FilesOnCard(key+":file", outbox.RankRelay, i.Number, a.Attachments, a.Album, delivery.AlbumHold))...)
	for k := range posts {
		if posts[k].Chat == outbox.DeskChat {
			posts[k].Source, posts[k].From = messageID, i.Reporter
		}
	}
	return posts
}

// DeskActed tell the person what the desk did or said; source is the message
// of the desk that is passed on, 0 for a press.
func (n Notifier) DeskActed(i incident.Incident, a incident.Act, source int) []outbox.Message {
	key := "act:" + a.ID
	var posts []outbox.Message
	add := func(key string, p delivery.Payload) {
		p.ReceiptFor = source
		posts = append(posts, delivery.ToPerson(key, i.Reporter, i.Number, p))
	}
	if m, ok := n.Dialogue.Notice(i, a); ok {
		add(key+":told", delivery.Say(m))
		// What the notice has no room for.
		for k, m := range n.Dialogue.Continued(i, a) {
			add(fmt.Sprintf("%s:more:%d", key, k), delivery.Say(m))
		}
	}
	if a.Action == incident.Note || a.Action == incident.Amend {
		return nil
	}
	for k, f := range a.Attachments {
		add(fmt.Sprintf("%s:file:%d", key, k), delivery.Payload{File: &f})
		posts[len(posts)-1] = delivery.Together(posts[len(posts)-1], f, a.Album, delivery.AlbumHold)
	}
	for k := range posts {
		posts[k].Source, posts[k].Memo = source, string(a.Action)
	}
	return posts
}

// brought marks rows that bring the group what the person wrote or sent: a reply
// to one goes to the person.
func brought(posts []outbox.Message) []outbox.Message {
	for k := range posts {
		posts[k].Memo = outbox.FromReporter
	}
	return posts
}

// toReporter is a row for the person whose incident it is.
func toReporter(key string, i incident.Incident, m conversation.Message) outbox.Message {
	return delivery.ToPerson(key, i.Reporter, i.Number, delivery.Say(m))
}

// Corrected makes the rows of an amended message change what it became in the
// group: its text in place, or, of a file without words, a word in reply to it.
// Where that is gone, and where it was not sent yet, they answer the card.
func Corrected(posts []outbox.Message, copies []outbox.MessageRef) []outbox.Message {
	if len(copies) == 0 {
		return posts
	}
	at := max(0, slices.IndexFunc(copies, func(c outbox.MessageRef) bool { return !c.File }))
	for k := range posts {
		p, err := delivery.Decode(posts[k].Body)
		if posts[k].Chat != outbox.DeskChat || err != nil {
			continue
		}
		if copies[at].File {
			p.ReplyTo = copies[at].MessageID
		} else {
			p.Edit = copies[at].MessageID
		}
		posts[k].Body = p.Encode()
	}
	return posts
}
