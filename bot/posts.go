package bot

import (
	"fmt"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// registeredPosts are what must arrive when an incident is registered: the
// number for the person, the files for the desk, the copy for support's
// mailbox. The card is no post: the card keeper shows it.
func (b *Bot) registeredPosts(i incident.Incident, at time.Time) ([]outbox.Message, error) {
	posts := []outbox.Message{
		toPerson("number:"+string(i.Number), i, outbox.RankNumber, b.cfg.Dialogue.Registered(i, at)),
	}
	posts = append(posts, filePosts("file:"+string(i.Number), outbox.RankFile, i.Number, i.Attachments, "file:"+string(i.Number), 0)...)
	l, wanted, err := b.cfg.Letters.SupportCopy(i)
	if err != nil {
		return nil, &ownFault{fmt.Errorf("write the copy of %s: %w", i.Number, err)}
	}
	if wanted {
		posts = append(posts, letterPost("copy:"+string(i.Number), i.Number, l))
	}
	return posts, nil
}

// reporterPosts tell the desk what the person sent or did, in reply to the
// card, and the person what came of it.
func (b *Bot) reporterPosts(i incident.Incident, a incident.Act, messageID int) []outbox.Message {
	key := "act:" + a.ID
	var posts []outbox.Message
	if m, ok := b.cfg.Dialogue.Notice(i, a); ok {
		posts = append(posts, toPerson(key+":told", i, outbox.RankNotice, m))
	}
	if text := reporterActText(i, a); text != "" {
		posts = append(posts, toDesk(key+":desk", i.Number, text))
	}
	posts = append(posts, filePosts(key+":file", outbox.RankRelay, i.Number, a.Attachments, a.Album, albumHold)...)
	for k := range posts {
		if posts[k].Chat == outbox.DeskChat {
			posts[k].Source, posts[k].From = messageID, i.Reporter
		}
	}
	return posts
}

// deskPosts tell the person what the desk did or said; source is the message
// of the desk that is passed on, 0 for a press.
func (b *Bot) deskPosts(i incident.Incident, a incident.Act, source int) []outbox.Message {
	key := "act:" + a.ID
	var posts []outbox.Message
	if m, ok := b.cfg.Dialogue.Notice(i, a); ok {
		post := toPerson(key+":told", i, outbox.RankNotice, m)
		post.Body = parcel{Message: &m, ReceiptFor: source}.encode()
		posts = append(posts, post)
		posts = append(posts, b.continuedPosts(key, i, a, source)...)
	}
	if a.Action == incident.Note {
		return nil
	}
	for k, f := range a.Attachments {
		post := toPerson(fmt.Sprintf("%s:file:%d", key, k), i, outbox.RankNotice, conversation.Message{})
		post.Body = parcel{File: &f, ReceiptFor: source}.encode()
		posts = append(posts, together(post, f, a.Album, albumHold))
	}
	for k := range posts {
		posts[k].Source, posts[k].Memo = source, string(a.Action)
	}
	return posts
}

// deskAnswer answers a message of the desk.
func deskAnswer(key string, n incident.Number, html string, replyTo int) outbox.Message {
	return outbox.Message{
		Key: key, Channel: outbox.Telegram, Number: n, Chat: outbox.DeskChat, Rank: outbox.RankNotice,
		Body: parcel{Message: &conversation.Message{HTML: html}, ReplyTo: replyTo}.encode(),
	}
}

// escalationPosts are the letter with its files, a word to the person and one
// to the desk.
func (b *Bot) escalationPosts(i incident.Incident, files []incident.File) ([]outbox.Message, error) {
	e, ok := i.LastEscalation()
	if !ok {
		return nil, fmt.Errorf("no escalation in %s", i.Number)
	}
	l, err := b.cfg.Letters.Escalation(i, e, files...)
	if err != nil {
		return nil, &ownFault{fmt.Errorf("write escalation %d of %s: %w", e.Seq, i.Number, err)}
	}
	key := fmt.Sprintf("escalation:%s:%d", i.Number, e.Seq)
	return []outbox.Message{
		letterPost(key, i.Number, l),
		toPerson(key+":queued", i, outbox.RankNotice, b.cfg.Dialogue.EscalationQueued(i)),
		toDesk(key+":desk", i.Number, escalationNotice(e)),
	}, nil
}

// withClosing adds the letter that tells УИТ of the solution of an escalated
// incident. Its key is the solution's: the person's word after the desk's adds
// no second letter.
func (b *Bot) withClosing(i incident.Incident, a incident.Act, posts []outbox.Message) ([]outbox.Message, error) {
	if a.Action != incident.Solve && a.Action != incident.Finish || !i.Escalated() {
		return posts, nil
	}
	l, wanted, err := b.cfg.Letters.Closing(i)
	if err != nil {
		return nil, &ownFault{fmt.Errorf("write the closing letter of %s: %w", i.Number, err)}
	}
	if !wanted {
		return posts, nil
	}
	return append(posts, letterPost(fmt.Sprintf("closing:%s:%d", i.Number, l.Seq), i.Number, l)), nil
}

// LetterMessages are what is told when a letter was accepted or refused for
// good: to the person about an escalation, and to the desk, with its text, when
// that was refused. Of other refused letters the desk reads in the bulletin of
// what is undelivered. at is the present.
func (b *Bot) LetterMessages(l outbox.Letter, state incident.LetterState, problem string, at time.Time) Compose {
	return func(i incident.Incident) ([]outbox.Message, error) {
		if i.Erased() {
			return b.lastLetter(i, l, state), nil
		}
		// A letter that is tried again can be refused again: at tells the
		// two ends apart.
		key := fmt.Sprintf("letter:%s:%s:%d:%s:%d", i.Number, l.Kind, l.Seq, state, at.UnixMilli())
		var posts []outbox.Message
		if l.Kind == outbox.EscalationLetter {
			for _, e := range i.Escalations {
				if e.Seq == l.Seq {
					posts = append(posts, b.escalationDone(key, i, e, l, at))
				}
			}
		}
		if state == incident.LetterRefused && l.Kind == outbox.SupportCopy {
			posts = append(posts, toPerson(key, i, outbox.RankNotice, b.cfg.Dialogue.CopyRefused(i)))
		}
		if state == incident.LetterRefused && l.Kind == outbox.EscalationLetter {
			posts = append(posts, toDesk(key+":desk", i.Number, refusedNotice(i.Number, l, problem)))
			posts = append(posts, wholeLetter(key, i, l)...)
		}
		return posts, nil
	}
}

// letterShown is how much of a letter's text the desk reads in one message with
// its frame, in UTF-16 units; the person reads a little more.
const letterShown = 2500

// wholeLetter brings the person and the desk as a file what a message has no
// room for, so that somebody can send it by hand.
func wholeLetter(key string, i incident.Incident, l outbox.Letter) []outbox.Message {
	if incident.Units(l.Text) <= letterShown {
		return nil
	}
	body := parcel{Paper: &paper{
		Name: "Письмо в УИТ " + string(i.Number) + ".txt", Text: l.Text,
		HTML: "Письмо в УИТ по №\u00a0" + string(i.Number) + " целиком.",
	}}.encode()
	person, desk := toPerson(key+":whole", i, outbox.RankNotice, conversation.Message{}), toDesk(key+":desk:whole", i.Number, "")
	person.Body, desk.Body = body, body
	return []outbox.Message{person, desk}
}

func (b *Bot) escalationDone(key string, i incident.Incident, e incident.Escalation, l outbox.Letter, at time.Time) outbox.Message {
	m := b.cfg.Dialogue.EscalationSent(i, e, at)
	if e.Letter == incident.LetterRefused {
		m = b.cfg.Dialogue.EscalationRefused(i, e, conversation.LetterByHand{To: l.To, Text: l.Text})
	}
	return toPerson(key, i, outbox.RankNotice, m)
}

func toPerson(key string, i incident.Incident, rank outbox.Rank, m conversation.Message) outbox.Message {
	return outbox.Message{
		Key: key, Channel: outbox.Telegram, Number: i.Number, Chat: i.Reporter, Rank: rank,
		Body: parcel{Message: &m}.encode(),
	}
}

// toDesk answers the incident's card.
func toDesk(key string, n incident.Number, html string) outbox.Message {
	return outbox.Message{
		Key: key, Channel: outbox.Telegram, Number: n, Chat: outbox.DeskChat, Rank: outbox.RankRelay,
		ReplyToCard: true, Body: parcel{Message: &conversation.Message{HTML: html}}.encode(),
	}
}

func filePosts(key string, rank outbox.Rank, n incident.Number, files []incident.Attachment, album string, hold time.Duration) []outbox.Message {
	var posts []outbox.Message
	for k, f := range files {
		posts = append(posts, together(outbox.Message{
			Key: fmt.Sprintf("%s:%d", key, k), Channel: outbox.Telegram, Number: n, Chat: outbox.DeskChat,
			Rank: rank, ReplyToCard: true, Body: parcel{File: &f}.encode(),
		}, f, album, hold))
	}
	return posts
}

func letterPost(key string, n incident.Number, l outbox.Letter) outbox.Message {
	return outbox.Message{Key: key, Channel: outbox.Mail, Number: n, Rank: outbox.RankNotice, Body: l.Encode()}
}
