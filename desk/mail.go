package desk

import (
	"fmt"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// What the group reads of mail that comes back.

// LabelForward is the button that lets a letter through whose sender is not
// confirmed, VerbForward how its data begins.
const (
	LabelForward = "Передать заявителю"
	VerbForward  = "forward"
)

// MailAnswered tells the desk of an answer; toPerson says that the person reads
// it as well.
func (w Words) MailAnswered(i incident.Incident, m conversation.Mail, toPerson bool) string {
	head := "✉️ Ответ по почте"
	switch {
	case m.Automatic:
		head = "🤖 Автоответ по почте"
	case !toPerson:
		head = "✉️ Заявитель написал по почте"
	}
	text := fmt.Sprintf("%s, №\u00a0%s\n%s:\n\n%s", head, i.Number, w.mailFrom(m), conversation.MailText(m))
	if toPerson {
		text += "\n\n<i>Заявителю передано.</i>"
	}
	return text
}

// mailFrom is who wrote a letter and when.
func (w Words) mailFrom(m conversation.Mail) string {
	return "<b>" + Escape(incident.CutUnits(m.From, 200)) + "</b>, " + w.Time(m.At)
}

// MailUnlinked shows a letter that nobody could place.
func (w Words) MailUnlinked(m conversation.Mail, subject string) string {
	return fmt.Sprintf("✉️ Письмо не привязано\n%s\n%s\n\n%s\n\n"+
		"К какому обращению оно относится? Ответьте на это сообщение: <code>/link номер</code>. Тогда его получит и заявитель.",
		w.mailFrom(m), mailSubject(subject), conversation.MailText(m))
}

// MailUnconfirmed shows a letter about an incident from somebody who may not
// write about it, or says so without proof. Its first line names no number: it
// has a button, and only cards have both.
func (w Words) MailUnconfirmed(n incident.Number, m conversation.Mail, subject string, forged bool) string {
	why := "Ответа с этого адреса не ждали."
	if forged {
		why = "Адрес знакомый, но почтовый сервер не подтвердил, что письмо оттуда."
	}
	return fmt.Sprintf("✉️ Письмо: отправитель не подтверждён\nК обращению №\u00a0%s, %s\n%s\n\n%s\n\n%s Заявитель письмо не получил.",
		n, w.mailFrom(m), mailSubject(subject), conversation.MailText(m), why)
}

func mailSubject(subject string) string {
	if subject == "" {
		return "Без темы"
	}
	return "Тема: " + Escape(incident.CutUnits(subject, 300))
}

// MailUnreadable goes with a letter as a file.
const MailUnreadable = "⚠️ Письмо из почтового ящика прочитать не удалось. Вот оно целиком, его откроет почтовая программа."

// MailEmpty stands for a letter with nothing in it.
const MailEmpty = "⚠️ В почтовый ящик пришло пустое письмо: ни отправителя, ни темы, ни текста."

// letterName says which letter a report is about.
func (w Words) letterName(k outbox.LetterKind) string {
	switch k {
	case outbox.SupportCopy:
		return "Письмо с копией для техподдержки"
	case outbox.ClosingLetter:
		return "Письмо в " + w.second() + " о решении"
	}
	return "Письмо в " + w.second()
}

// LetterDelayed tells the desk that a server behind ours goes on trying, until
// when if it said so.
func (w Words) LetterDelayed(n incident.Number, k outbox.LetterKind, problem, until string) string {
	text := fmt.Sprintf("⏳ %s по №\u00a0%s задерживается", w.letterName(k), n)
	if until != "" {
		text += ", попытки до " + until
	}
	return text + ".\n\n" + Escape(conversation.LetterProblem(problem, 300)) + "\n\nДелать ничего не нужно: если не дойдёт, бот сообщит."
}

// OtherReturned tells the desk of a letter that came back and that the person
// does not have to send by hand.
func (w Words) OtherReturned(n incident.Number, k outbox.LetterKind, problem string) string {
	return fmt.Sprintf("⚠️ %s по №\u00a0%s вернулось: сервером получателя не принято.\n\n%s\n\nКогда причина устранена: <code>/retry %s</code>",
		w.letterName(k), n, Escape(conversation.LetterProblem(problem, 300)), n)
}

// Answers to what a member did with a letter.
const (
	LinkHow    = "Ответьте командой /link и номером обращения на письмо, которое не привязано. Например: /link 26-00001-4"
	MailGone   = "С этим письмом уже всё сделано."
	MailPassed = "Передаём заявителю."
)

// MailLinked answers /link.
func MailLinked(n incident.Number) string {
	return fmt.Sprintf("Письмо привязано к №\u00a0%s, передаём заявителю.", n)
}
