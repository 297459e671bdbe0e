package mailer

import (
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// Letters writes letters. The zero value lacks its addresses; From and the
// recipient of the letter asked for must be set.
type Letters struct {
	// From is the sender, «Name <box@host>» or «box@host». Answers and
	// delivery failures come back to it when the person's own address cannot
	// be used, so somebody must read it.
	From string
	// UIT receives escalations, Support the copies of incidents; Support ""
	// means that no copies are wanted.
	UIT, Support string
	// TellSolutions: UIT is told when an escalated incident is solved.
	TellSolutions bool
	// Alert receives alarms; do not call Alarm when it is "".
	Alert string
	// AnswersHere: the box of From is read by the bot, and answers to letters
	// about incidents go there as well as to the person.
	AnswersHere bool
	// AttachmentsMax is how many bytes the files of one escalation may take
	// in all, encoded in base64 with its line ends; 0 for no files.
	AttachmentsMax int64
	// Location is the time zone of the times in a letter, UTC when nil.
	Location *time.Location
	// Line is whose support line it is: its names and how to reach it. The
	// zero Line stands for incident.RegulationLine.
	Line incident.Line
	// Site tells installations apart that share a sender and number their
	// incidents alike, such as a trial and the real one: it becomes a part of
	// every Message-ID. Mail servers drop a second letter with an id that
	// they have seen. Latin letters and digits, or "".
	Site string
}

// MessageID returns the Message-ID, without angle brackets, of the seq-th
// escalation of an incident (from 1), or of its copy to support when seq is 0:
// «26-00001-4.1@host». It depends on its arguments, From and Site alone
// (RFC 5322, 3.6.4).
func (l Letters) MessageID(n incident.Number, seq int) string {
	id := oneLine(n.String())
	if seq > 0 {
		id = fmt.Sprintf("%s.%d", id, seq)
	}
	return l.messageID(id)
}

// ownID is a Message-ID without our site and host: the number, and the sequence of
// an escalation or of a solution.
var ownID = regexp.MustCompile(`^(\d{2}-\d{5,12}-\d)(?:\.(closed\.)?(\d{1,6}))?$`)

// Identify finds out which letter of ours has a Message-ID (without angle
// brackets); ok is false for those of others, and for letters about no incident.
func (l Letters) Identify(messageID string) (n incident.Number, k outbox.LetterKind, seq int, ok bool) {
	id, ours := strings.CutSuffix(strings.ToLower(messageID), l.messageID(""))
	m := ownID.FindStringSubmatch(id)
	if !ours || m == nil {
		return "", "", 0, false
	}
	n, err := incident.ParseNumber(m[1])
	if err != nil {
		return "", "", 0, false
	}
	seq, _ = strconv.Atoi(m[3]) // "" for a copy
	switch {
	case m[2] != "":
		k = outbox.ClosingLetter
	case seq > 0:
		k = outbox.EscalationLetter
	default:
		k = outbox.SupportCopy
	}
	return n, k, seq, true
}

// messageID makes a Message-ID of what is unique in this installation.
func (l Letters) messageID(id string) string {
	if l.Site != "" {
		id += "." + l.Site
	}
	host := "intakebot.invalid" // RFC 2606; such a letter cannot be rendered anyway
	if from, err := address("sender", l.From); err == nil {
		_, host, _ = strings.Cut(from.Address, "@")
	}
	return id + "@" + strings.ToLower(host)
}

// errNotASCII: the address needs SMTPUTF8 (RFC 6531), which many relays lack.
var errNotASCII = errors.New("holds other than Latin letters")

// address parses «Name <box@host>» or «box@host» and cleans the name. what
// names the address in the error; the address itself stays out of it, because
// errors are logged.
func address(what, text string) (*mail.Address, error) {
	a, err := mail.ParseAddress(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("mailer: the address of the %s cannot be read", what)
	}
	if !ascii(a.Address) {
		return nil, fmt.Errorf("mailer: the address of the %s %w", what, errNotASCII)
	}
	a.Name = displayName(a.Name)
	return a, nil
}

// displayName makes a name that can stand before an address. The standard library
// leaves a backslash inside an encoded word, where RFC 2047, 5.3, forbids it and
// mail programs cannot read it.
func displayName(name string) string { return oneLine(strings.ReplaceAll(name, "\\", " ")) }

// at writes a moment in Location for people: «22.11.2026 в 14:05».
func (l Letters) at(t time.Time) string {
	return t.In(l.location()).Format("02.01.2006 в 15:04")
}

// zone says of which zone the times in a letter of t are, as Russians name it, by
// its distance from Moscow: support and the second line sit in different zones. A
// letter says it once.
func (l Letters) zone(t time.Time) string {
	_, offset := t.In(l.location()).Zone()
	return "Время в письме — " + fromMoscow(offset) + "."
}

func (l Letters) location() *time.Location {
	if l.Location == nil {
		return time.UTC
	}
	return l.Location
}

// fromMoscow names a UTC offset in seconds: «МСК», «МСК+2», «МСК−1»; one that
// is not whole hours from Moscow is named by UTC.
func fromMoscow(offset int) string {
	hours, rest := (offset-3*3600)/3600, (offset-3*3600)%3600
	switch {
	case rest != 0:
		return "UTC" + time.Unix(0, 0).In(time.FixedZone("", offset)).Format("-07:00")
	case hours == 0:
		return "МСК"
	case hours < 0:
		return fmt.Sprintf("МСК−%d", -hours)
	default:
		return fmt.Sprintf("МСК+%d", hours)
	}
}

func (l Letters) line() incident.Line {
	if l.Line == (incident.Line{}) {
		return incident.RegulationLine()
	}
	return l.Line
}

// supportPhone is how support's telephone is written for people.
func (l Letters) supportPhone() string {
	return incident.Phone{E164: l.line().Support.Phone, Extension: l.line().Support.Extension}.Dial()
}

// replyTo returns the reporter's address for Reply-To, nil when it cannot
// stand in a header: the letter names it in its text all the same.
func replyTo(i incident.Incident) *mail.Address {
	a, err := address("reporter", i.Answers.Get(incident.Email))
	if err != nil {
		return nil
	}
	// A header is no place for an essay; 100 characters hold any name.
	a.Name, _ = incident.Cut(displayName(i.Answers.Get(incident.FullName)), 100)
	return a
}

// answerTo tells the reader where an answer goes, and asks to keep the number.
func answerTo(i incident.Incident) []string {
	where := "Ответ на это письмо получит заявитель."
	if replyTo(i) == nil {
		where = "Ответ просим направить заявителю на адрес, указанный выше."
	}
	return []string{where, "Пожалуйста, сохраняйте номер " + i.Number.String() + " в теме ответа."}
}

// titles names attachments, one a line.
func titles(attachments []incident.Attachment) string {
	names := make([]string, len(attachments))
	for k, a := range attachments {
		names[k] = oneLine(a.Title())
	}
	return strings.Join(names, "\n")
}
