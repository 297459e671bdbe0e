// Package delivery brings out what waits in the outbox for Telegram: what a row
// says (Payload), who carries it (Courier), and what becomes of it then.
package delivery

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// Payload is the body of an outbox row for Telegram: a message or a file to be
// sent, or what is to be done to a message that was sent before. Rows of older
// releases are read too, so names in JSON stay.
type Payload struct {
	Message  *conversation.Message `json:"message,omitempty"`
	File     *incident.Attachment  `json:"file,omitempty"`
	Photo    *Photo                `json:"picture,omitempty"`
	TextFile *TextFile             `json:"paper,omitempty"`
	Document *Document             `json:"document,omitempty"`
	// ReplyTo is the message of the same chat that it answers, 0 for none
	// (or for the card, see outbox.Message.ReplyToCard).
	ReplyTo int `json:"reply_to,omitempty"`
	// AskReply makes the client of the person who is answered or mentioned
	// open a reply.
	AskReply bool `json:"force,omitempty"`
	// ReceiptFor: when it has arrived, that message of the desk gets a
	// reaction.
	ReceiptFor int `json:"receipt_for,omitempty"`
	// Edit gives that message the text of Message, as a caption if it is a
	// file, or File in the place of its own; Delete takes it away.
	Edit    int  `json:"edit,omitempty"`
	Caption bool `json:"caption,omitempty"`
	Delete  int  `json:"delete,omitempty"`
	// Unsign: when it is done, that message of the desk loses its reaction.
	Unsign int `json:"unsign,omitempty"`
	// Empty takes what it says out of that message, Message stands there
	// instead; Caption says that it is a file.
	Empty int `json:"empty,omitempty"`
}

// Photo is an image of our own making with its caption in HTML.
type Photo struct {
	PNG  []byte `json:"png"`
	HTML string `json:"html"`
}

// TextFile is a text too long for a message, sent as a file, with its caption in
// HTML.
type TextFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
	HTML string `json:"html"`
}

// Document is a file that came by mail, with its caption in HTML.
type Document struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
	HTML string `json:"html,omitempty"`
}

// Say is a payload of words.
func Say(m conversation.Message) Payload { return Payload{Message: &m} }

// SayHTML is a payload of words without buttons.
func SayHTML(html string) Payload { return Say(conversation.Message{HTML: html}) }

// Encode makes the body of a row.
func (p Payload) Encode() []byte {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return data
}

// Decode reads the body of a row.
func Decode(body []byte) (p Payload, err error) {
	err = json.Unmarshal(body, &p)
	if err == nil && p.Message == nil && p.File == nil && p.Photo == nil && p.TextFile == nil && p.Document == nil && p.Delete == 0 {
		err = errors.New("there is nothing to do")
	}
	return p, err
}

// IsFile says that it brings a file.
func (p Payload) IsFile() bool { return p.File != nil || p.TextFile != nil || p.Document != nil }

// ToPerson is a row for a person about an incident, "" for none.
func ToPerson(key string, chat int64, n incident.Number, p Payload) outbox.Message {
	return outbox.Message{Key: key, Channel: outbox.Telegram, Number: n, Chat: chat, Rank: outbox.RankNotice, Body: p.Encode()}
}

// ToDesk is a row for the group that answers no card: it answers what the
// payload says.
func ToDesk(key string, n incident.Number, p Payload) outbox.Message {
	return ToPerson(key, outbox.DeskChat, n, p)
}

// Answer is a row that answers a message of the desk, 0 for none.
func Answer(key string, n incident.Number, html string, replyTo int) outbox.Message {
	p := SayHTML(html)
	p.ReplyTo = replyTo
	return ToDesk(key, n, p)
}

// OnCard is a row that answers the incident's card.
func OnCard(key string, n incident.Number, p Payload) outbox.Message {
	post := ToDesk(key, n, p)
	post.Rank, post.ReplyToCard = outbox.RankRelay, true
	return post
}

// FilesOnCard are the rows of files that answer the card. What can travel in an
// album does, and waits for hold for its further parts.
func FilesOnCard(key string, rank outbox.Rank, n incident.Number, files []incident.Attachment, album string, hold time.Duration) []outbox.Message {
	var posts []outbox.Message
	for k, f := range files {
		post := OnCard(fmt.Sprintf("%s:%d", key, k), n, Payload{File: &f})
		post.Rank = rank
		posts = append(posts, Together(post, f, album, hold))
	}
	return posts
}

// Letter is a row for the mail.
func Letter(key string, n incident.Number, l outbox.Letter) outbox.Message {
	return outbox.Message{Key: key, Channel: outbox.Mail, Number: n, Rank: outbox.RankNotice, Body: l.Encode()}
}
