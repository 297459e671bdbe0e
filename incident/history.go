package incident

import (
	"slices"
	"time"
)

// Kind says what happened in a history entry.
type Kind string

// What happens to incidents.
const (
	KindRegistered     Kind = "registered"
	KindAdded          Kind = "added"   // the reporter added text or files
	KindAmended        Kind = "amended" // the reporter changed a message already passed on
	KindTaken          Kind = "taken"
	KindAsked          Kind = "asked"
	KindSolved         Kind = "solved"
	KindHandedOver     Kind = "handed_over"
	KindReturned       Kind = "returned"
	KindRelayed        Kind = "relayed" // a word of the desk to the reporter
	KindNoted          Kind = "noted"   // a word of the desk to itself
	KindConfirmed      Kind = "confirmed"
	KindRejected       Kind = "rejected"
	KindFinished       Kind = "finished"
	KindWithdrawn      Kind = "withdrawn"
	KindRated          Kind = "rated"
	KindLapsed         Kind = "lapsed"
	KindEscalated      Kind = "escalated"       // a letter to УИТ was queued
	KindLetterSent     Kind = "letter_sent"     // a mail server accepted a letter
	KindLetterRefused  Kind = "letter_refused"  // a mail server refused a letter for good
	KindLetterRetried  Kind = "letter_retried"  // the desk had a refused letter tried again
	KindLetterReturned Kind = "letter_returned" // it came back from a server behind ours
	KindLetterDelayed  Kind = "letter_delayed"  // a server behind ours goes on trying
	KindLetterReceived Kind = "letter_received" // the recipient's server took it
	KindAnswered       Kind = "answered"        // an answer came by mail
	KindAutoAnswered   Kind = "auto_answered"   // a machine answered by mail
	KindForgotten      Kind = "forgotten"       // the reporter had the data erased
	KindExpired        Kind = "expired"         // the data were kept long enough
)

var kindNames = map[Kind]string{
	KindRegistered:     "Зарегистрировано",
	KindAdded:          "Дополнено заявителем",
	KindAmended:        "Изменено заявителем",
	KindTaken:          "Взято в работу",
	KindAsked:          "Запрошено уточнение",
	KindSolved:         "Техподдержка сообщила о решении",
	KindHandedOver:     "Передано другому сотруднику",
	KindReturned:       "Возвращено в очередь",
	KindRelayed:        "Сообщение техподдержки",
	KindNoted:          "Заметка техподдержки",
	KindConfirmed:      "Заявитель подтвердил решение",
	KindRejected:       "Заявитель сообщил, что не помогло",
	KindFinished:       "Закрыто заявителем",
	KindWithdrawn:      "Отозвано заявителем",
	KindRated:          "Оценка заявителя",
	KindLapsed:         "Закрыто: ответа не было два дня",
	KindEscalated:      "Эскалировано",
	KindLetterSent:     "Письмо принято почтовым сервером",
	KindLetterRefused:  "Письмо не принято почтовым сервером",
	KindLetterRetried:  "Письмо отправляется снова",
	KindLetterReturned: "Письмо вернулось",
	KindLetterDelayed:  "Доставка письма задерживается",
	KindLetterReceived: "Сервер получателя принял письмо",
	KindAnswered:       "Ответ по почте",
	KindAutoAnswered:   "Автоответ по почте",
	KindForgotten:      "Заявитель отозвал данные",
	KindExpired:        "Данные удалены: срок хранения истёк",
}

// moves are the kinds that change the status, or what can be done in it.
var moves = map[Kind]bool{
	KindRegistered: true, KindTaken: true, KindAsked: true, KindSolved: true, KindHandedOver: true, KindReturned: true,
	KindConfirmed: true, KindRejected: true, KindFinished: true, KindWithdrawn: true, KindLapsed: true,
	KindForgotten: true, KindExpired: true,
}

// Internal says that an entry is the desk's own business and stays out of what
// others read.
func (k Kind) Internal() bool { return k == KindNoted }

// String returns the kind in the words that people see.
func (k Kind) String() string { return kindNames[k] }

// Side says who did something.
type Side string

// The sides.
const (
	ByReporter Side = "reporter"
	ByDesk     Side = "desk"
	BySystem   Side = "system"
	ByMail     Side = "mail" // whoever answered a letter
)

// Entry is one line of an incident's history.
type Entry struct {
	At   time.Time
	Kind Kind
	By   Side
	// Name is the member of the desk who did it, or the sender of a letter; ""
	// for the other sides.
	Name string
	// Text is what was said or added, "" when the kind says it all.
	Text        string
	Attachments []Attachment
}

// Solution is what ended the work on the incident: the desk's word that it is
// solved, or the reporter's when the desk had not said so. seq counts the
// solutions from 1, an incident that was opened again has several; ok is false
// when there was none. The reporter's word after the desk's is no solution of
// its own.
func (i Incident) Solution() (last Entry, seq int, ok bool) {
	solved := false
	for _, e := range i.History {
		switch e.Kind {
		case KindSolved, KindFinished:
			// The desk solves what is open only: it was opened again.
			if !solved || e.Kind == KindSolved {
				last, seq, solved = e, seq+1, true
			}
		case KindRejected:
			solved = false
		}
	}
	return last, seq, seq > 0
}

// TakenAt is when somebody of the desk first took the incident up; ok is false
// when nobody has.
func (i Incident) TakenAt() (at time.Time, ok bool) {
	for _, e := range i.History {
		if e.Kind == KindTaken || e.Kind == KindAsked || e.Kind == KindSolved {
			return e.At, true
		}
	}
	return time.Time{}, false
}

// SolvedAt is when an incident that stays solved was solved: a solution that
// did not help does not count. ok is false when it is not solved.
func (i Incident) SolvedAt() (at time.Time, ok bool) {
	if i.Status != Resolved && i.Status != Closed {
		return time.Time{}, false
	}
	for _, e := range slices.Backward(i.History) {
		if e.Kind == KindSolved || e.Kind == KindFinished {
			return e.At, true
		}
	}
	return time.Time{}, false
}

// EscalatedAt is when the first letter to УИТ was asked for; ok is false when
// there was none.
func (i Incident) EscalatedAt() (at time.Time, ok bool) {
	if len(i.Escalations) == 0 {
		return time.Time{}, false
	}
	return i.Escalations[0].At, true
}
