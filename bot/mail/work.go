package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/notify"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/mailer/mailbox"
	"intakebot/outbox"
)

// work carries one letter through.
func (w *Worker) work(ctx context.Context, m outbox.ReceivedMail) error {
	l, err := mailbox.Read(m.Raw, m.Cut())
	if err != nil {
		w.Log.Warn("a letter cannot be read", "letter", m.ID, "error", err)
		return w.Store.FinishMail(ctx, m.ID, w.Notify.MailUnreadable(key(m.ID), m.Raw))
	}
	c := l.Classify(w.Own)
	found, err := w.find(ctx, l, c)
	if err != nil {
		return err
	}
	w.Log.Info("a letter is worked on", "letter", m.ID, "kind", c.Kind, "incident", found.incident.Number)
	switch {
	case c.Kind == mailbox.Own:
		return w.Store.FinishMail(ctx, m.ID, nil)
	case found.incident.Erased():
		return w.Store.FinishMail(ctx, m.ID, nil) // there is nobody to tell, and nothing of it is to stay
	case found.incident.Number == "":
		return w.Store.HoldMail(ctx, m.ID, "", w.Notify.MailUnlinked(m.ID, w.told(m, l, c)))
	case c.Kind == mailbox.Delivery:
		return w.report(ctx, m, found, c.Report)
	}
	standing := w.Senders.Judge(l, found.incident.Answers.Get(incident.Email))
	if standing != mailbox.Confirmed {
		posts := w.Notify.MailUnconfirmed(m.ID, found.incident.Number, w.told(m, l, c), standing == mailbox.Forged)
		return w.Store.HoldMail(ctx, m.ID, found.incident.Number, posts)
	}
	return w.answer(ctx, m, l, c, found)
}

// found is the incident of a letter, and the letter of ours that it is about; its
// Number is "" when there is none.
type found struct {
	incident incident.Incident
	sent     mailbox.Sent
}

// find follows the clues until one leads to an incident.
func (w *Worker) find(ctx context.Context, l mailbox.Letter, c mailbox.Classified) (found, error) {
	for _, clue := range c.Clues {
		n := cmp.Or(clue.Sent.Number, clue.Number)
		if clue.Theirs != "" {
			var err error
			if n, _, err = w.Store.IncidentOfTheirs(ctx, clue.Theirs, domain(l)); err != nil {
				return found{}, err
			}
		}
		if n == "" {
			continue
		}
		i, err := w.Store.Incident(ctx, n)
		if errors.Is(err, incident.ErrNotFound) {
			continue
		}
		return found{i, clue.Sent}, err
	}
	return found{}, nil
}

func domain(l mailbox.Letter) string {
	_, domain, _ := strings.Cut(l.From.Address, "@")
	return strings.ToLower(domain)
}

// fates are what a report's action means to people. An address that stands for
// others (expanded) says nothing of the server behind it.
var fates = map[mailbox.Action]outbox.MailFate{
	mailbox.Failed: outbox.MailReturned, mailbox.Delayed: outbox.MailDelayed,
	mailbox.Relayed: outbox.MailReceived, mailbox.Delivered: outbox.MailReceived,
}

// report enters what a mail server tells of a letter of ours.
func (w *Worker) report(ctx context.Context, m outbox.ReceivedMail, f found, r *mailbox.Report) error {
	if fates[r.Action] == "" {
		return w.Store.FinishMail(ctx, m.ID, nil)
	}
	sent := f.sent
	if sent.Number == "" {
		sent = w.byRecipient(f.incident, r)
	}
	at := r.At
	if at.IsZero() || at.After(m.ReceivedAt) {
		at = m.ReceivedAt
	}
	report := outbox.MailReport{
		Mail: m.ID, Number: f.incident.Number, Kind: sent.Kind, Seq: sent.Seq, LetterKey: notify.LetterKey(sent.Kind, f.incident.Number, sent.Seq),
		Fate: fates[r.Action], At: at,
	}
	if report.Fate != outbox.MailReceived {
		report.Problem = r.Why()
	}
	return w.Store.ReportMail(ctx, report, faulty(w.Notify.LetterReport(report, r.RetryUntil, w.Now())))
}

// faulty makes a fault of our own of an error in composing.
func faulty(compose func(incident.Incident, *outbox.Letter) ([]outbox.Message, error)) func(incident.Incident, *outbox.Letter) ([]outbox.Message, error) {
	return func(i incident.Incident, l *outbox.Letter) ([]outbox.Message, error) {
		posts, err := compose(i, l)
		if err != nil {
			err = &loop.Fault{Err: err}
		}
		return posts, err
	}
}

// byRecipient finds the letter of a report that names its incident only.
func (w *Worker) byRecipient(i incident.Incident, r *mailbox.Report) mailbox.Sent {
	sent := mailbox.Sent{Number: i.Number, Kind: outbox.SupportCopy}
	if e, ok := i.LastEscalation(); ok && !strings.EqualFold(r.Recipient, bare(w.Support)) {
		sent.Kind, sent.Seq = outbox.EscalationLetter, e.Seq
	}
	return sent
}

// answer enters an answer and has it told.
func (w *Worker) answer(ctx context.Context, m outbox.ReceivedMail, l mailbox.Letter, c mailbox.Classified, f found) error {
	i, told := f.incident, w.told(m, l, c)
	ownWord := strings.EqualFold(l.From.Address, strings.TrimSpace(i.Answers.Get(incident.Email)))
	a := outbox.MailAnswer{
		Mail: m.ID, Number: i.Number, Key: told.Key, Automatic: told.Automatic || ownWord,
		Entry: incident.Entry{At: m.ReceivedAt, Kind: incident.KindAnswered, By: incident.ByMail, Name: told.From, Text: told.Text},
	}
	if f.sent.Kind == outbox.EscalationLetter {
		a.Seq = f.sent.Seq
	}
	if told.Automatic {
		a.Entry.Kind = incident.KindAutoAnswered
	}
	if !ownWord {
		if a.Theirs = mailbox.TheirNumber(l.Subject, mailbox.Trim(l.Text)); a.Theirs != "" {
			a.Domain = domain(l)
		}
	}
	if told.Automatic {
		a.Key = autoKey(i, a, m.ReceivedAt.In(w.Notify.Words.Location))
	}
	return w.Store.AnswerMail(ctx, a, w.Notify.MailAnswered(told, !ownWord, w.Now()))
}

// autoKey lets one automatic reply through an escalation and day, and each that
// names a number which we do not know.
func autoKey(i incident.Incident, a outbox.MailAnswer, day time.Time) string {
	theirs := ""
	if a.Theirs != i.Theirs {
		theirs = a.Theirs
	}
	return fmt.Sprintf("mail:auto:%s:%d:%s:%s:%s", i.Number, len(i.Escalations), day.Format(time.DateOnly), a.Domain, theirs)
}

// filesMost are the files that are passed on of one letter.
const filesMost = 10

// told is the letter as people read it.
func (w *Worker) told(m outbox.ReceivedMail, l mailbox.Letter, c mailbox.Classified) notify.Mail {
	told := notify.Mail{Key: key(m.ID), Subject: l.Subject, Mail: conversation.Mail{
		From: who(l), At: m.ReceivedAt, Text: mailbox.Trim(l.Text), Automatic: c.Kind == mailbox.AutoReply,
	}}
	told.Text, _ = incident.Cut(told.Text, textMost)
	for _, f := range l.Files {
		if len(told.Documents) < filesMost && !l.Cut && conversation.MayPass(f.Name) {
			told.Documents = append(told.Documents, delivery.Document{Name: f.Name, Data: f.Data})
		}
	}
	told.Files = len(told.Documents)
	told.Missing = len(l.Files) - told.Files
	if l.Cut {
		told.Missing = max(1, told.Missing)
	}
	return told
}

// textMost is how much of a letter's text is kept, in characters.
const textMost = 20000

// who names the sender: an address alone says little, a name alone can be anybody's.
func who(l mailbox.Letter) string {
	switch {
	case l.From.Name == "":
		return cmp.Or(l.From.Address, "неизвестный отправитель")
	case l.From.Address == "":
		return l.From.Name
	}
	return l.From.Name + " (" + l.From.Address + ")"
}

// Forward lets a held letter through to the person of an incident: a member of
// the desk says so. ok is false when the letter is held no more; ErrNotFound when
// the incident is unknown.
func (w *Worker) Forward(ctx context.Context, id int64, n incident.Number) (ok bool, err error) {
	m, ok, err := w.Store.HeldMail(ctx, id)
	if err != nil || !ok {
		return false, err
	}
	i, err := w.Store.Incident(ctx, n)
	if err != nil {
		return false, err
	}
	l, err := mailbox.Read(m.Raw, m.Cut())
	if err != nil {
		return false, &loop.Fault{Err: err}
	}
	c := l.Classify(w.Own)
	defer w.Told()
	if c.Report != nil {
		return true, w.report(ctx, m, found{incident: i}, c.Report)
	}
	return true, w.answer(ctx, m, l, c, found{incident: i})
}

// bare is the address alone of a box.
func bare(box string) string {
	a, err := mail.ParseAddress(box)
	if err != nil {
		return ""
	}
	return a.Address
}
