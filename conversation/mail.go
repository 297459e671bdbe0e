package conversation

import (
	"time"

	"intakebot/incident"
)

// What people are told of mail that comes back.

// Mail is an answer by mail as people read it.
type Mail struct {
	From string // who wrote it, as the letter says
	At   time.Time
	Text string // without the quoted tail; "" when files say it all
	// Files came with it and follow; Missing did not come through.
	Files, Missing int
	// Automatic: a machine wrote it.
	Automatic bool
}

// MayPass says that a file that came by mail may be passed on: one that looks
// like a container with keys may not, as with files of people.
func MayPass(name string) bool { return !keyContainer(name) }

// mailShown is how much of a letter fits into one message with its frame, in
// UTF-16 units.
const mailShown = 3000

// Whole says that one message has room for the text.
func (m Mail) Whole() bool { return incident.Units(m.Text) <= mailShown }

// MailAnswered brings the person an answer to a letter about the incident.
func (d *Dialogue) MailAnswered(i incident.Incident, m Mail, now time.Time) Message {
	head := "✉️ Пришёл ответ на письмо по обращению "
	if m.Automatic {
		head = "🤖 Пришёл автоответ на письмо по обращению "
	}
	return Message{HTML: paragraphs(
		head+copyable(i.Number)+".",
		"<b>"+esc(incident.CutUnits(m.From, 200))+"</b>, "+d.When(m.At, now)+":",
		MailText(m),
	), About: i.Number}
}

// MailText is the text of a letter and what is to be said of its files.
func MailText(m Mail) string {
	var rest string
	switch {
	case !m.Whole():
		rest = "Показано начало, полностью — в файле ниже."
	case m.Text == "" && m.Files > 0:
		rest = "Текста в письме нет, только вложения."
	case m.Text == "":
		rest = "Текста в письме нет."
	}
	if m.Missing > 0 {
		rest = joinSentences(rest, "Часть вложений не передана: они остались в почте.")
	}
	if rest != "" {
		rest = "<i>" + rest + "</i>"
	}
	return paragraphs(esc(incident.CutUnits(m.Text, mailShown)), rest)
}

func joinSentences(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

// LetterReceived tells the person that the recipient's server took the letter.
func (d *Dialogue) LetterReceived(i incident.Incident, e incident.Escalation, now time.Time) Message {
	return Message{HTML: d.letterAbout() + copyable(i.Number) + ": " + d.receivedBy() + d.When(e.ReceivedAt, now) + "."}
}

// receivedBy says whose server took a letter; the time follows.
func (d *Dialogue) receivedBy() string {
	return "сервер " + esc(d.Line.Second.Name) + " принял "
}

// andHere says that the answer comes to the chat, too.
func (d *Dialogue) andHere() string {
	if d.AnswersHere {
		return " и сюда"
	}
	return ""
}
