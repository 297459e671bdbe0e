package outbox

import (
	"time"

	"intakebot/incident"
)

// Channel is a way out of the program.
type Channel string

// The channels.
const (
	Telegram Channel = "telegram"
	Mail     Channel = "mail"
)

// Rank orders what waits for the same limit: lower goes first. A number that
// somebody waits for matters more than a card, a card more than a question.
type Rank int

// The ranks. In the desk's group an answer to a member's command is a notice.
const (
	RankNumber Rank = iota
	RankNotice
	RankRelay
	RankPrompt
	// RankFile is for the files of a report: in the desk's group they wait
	// until every incident has its card.
	RankFile
	// RankParked is for files of a kind that the desk's group does not take
	// now: they hold back nothing.
	RankParked
)

// Message is one thing that must arrive: a row of the outbox, put there in
// the same transaction as the change that it tells of.
type Message struct {
	// Key is unique and follows from what is told: the same thing put twice
	// is sent once.
	Key     string
	Channel Channel
	// Number is the incident that it is about, "" when about none.
	Number incident.Number
	// Chat is the Telegram chat that receives it; DeskChat for the desk,
	// wherever that group has moved; 0 for mail.
	Chat int64
	Rank Rank
	// ReplyToCard: it answers the incident's card in the group and waits
	// until the card is there.
	ReplyToCard bool
	// Source is the message that is passed on: the id of the original in the
	// chat of the other side, 0 when there is none; From is that chat when it
	// is a person's.
	Source int
	From   int64
	// Memo is kept with the message's id once it is sent, for the reply to it.
	Memo string
	// Album joins posts to one chat: they are claimed together, and what
	// joins later goes alone. "" for what goes by itself.
	Album string
	// Hold keeps it back for so long, and all of its album that nobody has
	// tried to send: an album has no end mark.
	Hold time.Duration
	// Prompt: a later prompt to the same chat makes this one needless while
	// it is unsent.
	Prompt bool
	// Body is what is sent: for mail a Letter (Letter.Encode), for Telegram a
	// message as JSON that package bot writes and reads.
	Body []byte
}

// DeskChat stands for the support group in Message.Chat: its real id can
// change while a row waits (migration to a supergroup).
const DeskChat int64 = -1
