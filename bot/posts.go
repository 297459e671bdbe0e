package bot

import (
	"encoding/json"
	"fmt"
	"html"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
)

func escape(s string) string { return html.EscapeString(s) }

// registeredPosts are what must arrive when an incident is registered: the
// number for the person, the files for the desk, the copy for support's
// mailbox. The card is no post: the card keeper shows it.
func (b *Bot) registeredPosts(i incident.Incident, at time.Time) ([]incident.Outgoing, error) {
	posts := []incident.Outgoing{
		toPerson("number:"+string(i.Number), i, incident.RankNumber, b.cfg.Dialogue.Registered(i, at)),
	}
	posts = append(posts, filePosts("file:"+string(i.Number), i.Number, i.Attachments)...)
	l, wanted, err := b.cfg.Letters.SupportCopy(i)
	if err != nil {
		return nil, &ownFault{fmt.Errorf("write the copy of %s: %w", i.Number, err)}
	}
	if wanted {
		post, err := letterPost("copy:"+string(i.Number), i.Number, l)
		if err != nil {
			return nil, err
		}
		posts = append(posts, post)
	}
	return posts, nil
}

// additionPosts relay to the desk what the person added.
func additionPosts(a incident.Addition) []incident.Outgoing {
	var posts []incident.Outgoing
	if a.Text != "" {
		posts = append(posts, toDesk("add:"+a.ID, a.Number, additionText(a)))
	}
	return append(posts, filePosts("addfile:"+a.ID, a.Number, a.Attachments)...)
}

// escalationPosts are the letter, a word to the person and one to the desk.
func (b *Bot) escalationPosts(i incident.Incident) ([]incident.Outgoing, error) {
	e, ok := i.LastEscalation()
	if !ok {
		return nil, fmt.Errorf("no escalation in %s", i.Number)
	}
	l, err := b.cfg.Letters.Escalation(i, e)
	if err != nil {
		return nil, &ownFault{fmt.Errorf("write escalation %d of %s: %w", e.Seq, i.Number, err)}
	}
	key := fmt.Sprintf("escalation:%s:%d", i.Number, e.Seq)
	letter, err := letterPost(key, i.Number, l)
	if err != nil {
		return nil, err
	}
	return []incident.Outgoing{
		letter,
		toPerson(key+":queued", i, incident.RankNotice, b.cfg.Dialogue.EscalationQueued(i)),
		toDesk(key+":desk", i.Number, escalationNotice(e)),
	}, nil
}

// LetterSettled are what is told when a letter was accepted or refused for
// good: to the person about an escalation, to the desk about a refusal. at is
// the present.
func (b *Bot) LetterSettled(l incident.Letter, state incident.LetterState, problem string, at time.Time) Compose {
	return func(i incident.Incident) ([]incident.Outgoing, error) {
		key := fmt.Sprintf("letter:%s:%s:%d:%s", i.Number, l.Kind, l.Seq, state)
		var posts []incident.Outgoing
		if l.Kind == incident.EscalationLetter {
			for _, e := range i.Escalations {
				if e.Seq == l.Seq {
					posts = append(posts, b.escalationSettled(key, i, e, l, at))
				}
			}
		}
		if state == incident.LetterRefused {
			posts = append(posts, toDesk(key+":desk", i.Number, refusedNotice(i.Number, l, problem)))
		}
		return posts, nil
	}
}

func (b *Bot) escalationSettled(key string, i incident.Incident, e incident.Escalation, l incident.Letter, at time.Time) incident.Outgoing {
	m := b.cfg.Dialogue.EscalationSent(i, e, at)
	if e.Letter == incident.LetterRefused {
		m = b.cfg.Dialogue.EscalationRefused(i, e, l)
	}
	return toPerson(key, i, incident.RankNotice, m)
}

func toPerson(key string, i incident.Incident, rank incident.Rank, m conversation.Message) incident.Outgoing {
	return incident.Outgoing{
		Key: key, Channel: incident.Telegram, Number: i.Number, Chat: i.Reporter, Rank: rank,
		Body: parcel{Message: &m}.encode(),
	}
}

// toDesk answers the incident's card.
func toDesk(key string, n incident.Number, html string) incident.Outgoing {
	return incident.Outgoing{
		Key: key, Channel: incident.Telegram, Number: n, Chat: incident.DeskChat, Rank: incident.RankRelay,
		ReplyToCard: true, Body: parcel{Message: &conversation.Message{HTML: html}}.encode(),
	}
}

func filePosts(key string, n incident.Number, files []incident.Attachment) []incident.Outgoing {
	var posts []incident.Outgoing
	for k, f := range files {
		posts = append(posts, incident.Outgoing{
			Key: fmt.Sprintf("%s:%d", key, k), Channel: incident.Telegram, Number: n, Chat: incident.DeskChat,
			Rank: incident.RankRelay, ReplyToCard: true, Body: parcel{File: &f}.encode(),
		})
	}
	return posts
}

func letterPost(key string, n incident.Number, l incident.Letter) (incident.Outgoing, error) {
	body, err := json.Marshal(l)
	return incident.Outgoing{Key: key, Channel: incident.Mail, Number: n, Rank: incident.RankNotice, Body: body}, err
}
